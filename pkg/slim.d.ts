export * from "./index.js";
export { default } from "./index.js";

/**
 * Loads the WebAssembly module. Await it once before the first `new Peer()`; further calls return the same promise, and
 * after a failure the next call tries again.
 *
 * @param source - The URL of the module, its bytes, or the module itself. Default: `peerjs_wasm_bg.wasm` next to this
 * file.
 * @throws Error if the module cannot be fetched, or the Content-Security-Policy of the page lacks `wasm-unsafe-eval`.
 */
export function init(
  source?:
    | string
    | URL
    | Request
    | Response
    | Promise<Response>
    | BufferSource
    | WebAssembly.Module,
): Promise<void>;
