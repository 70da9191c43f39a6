// pkg/slim.js: the module with the wasm beside it.
import start from "#wasm";
import { explain, provide } from "../loader.js";

export * from "../index.js";
export { default } from "../index.js";

/** As when a bundler has moved the one and not the other. */
const NOT_BESIDE =
  "peerjs_wasm_bg.wasm could not be loaded from beside the script, tell `init(url)` where it is";

provide(() => {
  throw new Error("PeerJS: `await init()` comes before everything else in peerjs-wasm/slim");
});

let started;

/**
 * Loads the wasm. Everything else in this module works once the promise is fulfilled.
 * @param {string | URL | Request | Response | Promise<Response> | BufferSource | WebAssembly.Module} [source]
 *   where it is, if not beside this module
 */
export function init(source) {
  started ??= begin(source);
  return started;
}

async function begin(source) {
  try {
    await start({ module_or_path: source });
  } catch (cause) {
    started = undefined; // the next call may know a better source
    throw explain(cause, source === undefined ? NOT_BESIDE : undefined);
  }
  provide(() => {});
}
