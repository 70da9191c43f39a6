// pkg/slim.js: the module with the wasm beside it.
import start from "#wasm";
import { explain, provide } from "../loader.js";

export * from "../index.js";
export { default } from "../index.js";

provide(() => {
  throw new Error("PeerJS: `await init()` comes before everything else in peerjs-wasm/slim");
});

/**
 * Loads the wasm. Everything else in this module works once the promise is fulfilled.
 * @param {string | URL | Request | Response | Promise<Response> | BufferSource | WebAssembly.Module} [source]
 *   where it is, if not beside this module
 */
export async function init(source) {
  try {
    await start({ module_or_path: source });
  } catch (cause) {
    throw explain(cause);
  }
  provide(() => {});
}
