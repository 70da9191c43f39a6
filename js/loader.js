// Instantiates the wasm at the first use, so that importing the package does nothing. The builds
// differ only in the source of the wasm.
import { initSync } from "./glue.js";

/** The smallest module. If it does not run, WebAssembly is forbidden. */
const EMPTY_MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

let source;
let exports;

/**
 * Sets the source of the wasm. The last call before the first use of the wasm takes effect.
 * @param {() => Uint8Array | WebAssembly.Module | undefined} from
 *   returns undefined if the glue is initialised already
 */
export function provide(from) {
  source = from;
}

/** Instantiates the wasm, unless that is done already. Call it before any function of glue.js. */
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
 * Returns the memory of the instance. Its `buffer` is replaced when it grows, so do not keep it.
 * @returns {WebAssembly.Memory}
 */
export function memory() {
  return exports.memory;
}

/**
 * Returns an error that says how to fix a failed start, or `cause` if no remedy is known.
 * @param {unknown} cause
 * @param {string} [remedy] the remedy if no more specific one is known
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
    // WebKit compiles under every Content-Security-Policy, and forbids only to make an instance.
    return !!new WebAssembly.Instance(new WebAssembly.Module(EMPTY_MODULE));
  } catch {
    return false;
  }
}
