// A stand-in until the real loader comes.
import * as glue from "#wasm";

let source;
let exports;

export function provide(bytes) {
  source = bytes;
}

export function wasm() {
  exports ??= glue.initSync({ module: source() });
  return glue;
}

export function memory() {
  return exports.memory;
}
