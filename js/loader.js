// Where the wasm comes from differs between the builds; when it is instantiated does not: at the
// first use, so that importing the package does nothing.
import { initSync } from "./glue.js";

/** The smallest module there is: where it does not run, no other will. */
const EMPTY_MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

let source;
let exports;

/**
 * Says where the wasm comes from. The last call before the first use wins.
 * @param {() => Uint8Array | WebAssembly.Module | undefined} from
 *   undefined: the glue has been initialised already
 */
export function provide(from) {
  source = from;
}

/** Instantiates the wasm if that has not happened yet. Nothing of the glue works before. */
export function load() {
  if (!exports) {
    try {
      exports = initSync({ module: source() });
    } catch (cause) {
      throw explain(cause);
    }
  }
}

/**
 * The memory of the instance. Its `buffer` is replaced when it grows: never keep one.
 * @returns {WebAssembly.Memory}
 */
export function memory() {
  return exports.memory;
}

/**
 * What the page's author can do about a failed start, where that is known.
 * @param {unknown} cause
 * @param {string} [remedy] what helps if nothing more exact is known
 */
export function explain(cause, remedy) {
  if (typeof WebAssembly === "undefined") {
    remedy = "WebAssembly is missing or switched off in this browser";
  } else if (!runsAnything()) {
    remedy =
      "the Content-Security-Policy forbids WebAssembly, add 'wasm-unsafe-eval' to script-src";
  } else if (cause instanceof RangeError) {
    remedy = "this browser compiles only asynchronously (Chrome before 114), use peerjs-wasm/slim";
  }
  return remedy ? new Error(`PeerJS: ${remedy}`, { cause }) : cause;
}

function runsAnything() {
  try {
    // WebKit compiles under every Content-Security-Policy, and refuses the instance.
    return !!new WebAssembly.Instance(new WebAssembly.Module(EMPTY_MODULE));
  } catch {
    return false;
  }
}
