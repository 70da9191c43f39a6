import * as glue from "#wasm";

let provider;
let exports;

export function provide(fn) {
  provider = fn;
}

export function wasm() {
  exports ??= glue.initSync({ module: provider() });
  return glue;
}

export function memory() {
  return exports.memory;
}
