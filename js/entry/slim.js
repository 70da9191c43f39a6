// pkg/slim.js: the module with the wasm in a file of its own.
import start from "#wasm";
import { explain, provide } from "../loader.js";

export * from "../index.js";
export { default } from "../index.js";

/** The likely remedy if the wasm cannot be loaded: a bundler has moved only the script. */
const NOT_BESIDE =
  "peerjs_wasm_bg.wasm could not be loaded next to the script: pass its URL to `init(url)`";

provide(() => {
  throw new Error("PeerJS: await `init()` before any other use of peerjs-wasm/slim");
});

let started;

/**
 * Loads the wasm. All other exports of this module work once the promise is fulfilled.
 * @param {string | URL | Request | Response | Promise<Response> | BufferSource | WebAssembly.Module} [source]
 *   the source of the wasm. Default: the file next to this module
 */
export function init(source) {
  started ??= begin(source);
  return started;
}

async function begin(source) {
  try {
    await start({ module_or_path: source });
  } catch (cause) {
    started = undefined; // the next call may pass another source
    throw explain(cause, source === undefined ? NOT_BESIDE : undefined);
  }
  provide(() => {});
}
