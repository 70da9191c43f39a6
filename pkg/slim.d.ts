export * from "./index.js";
export { default } from "./index.js";

/**
 * Loads the WebAssembly module. Await it once before the first `new Peer()`; more calls wait for the same module.
 *
 * @param source - Where the module is, its bytes, or the module itself. Default: `peerjs_wasm_bg.wasm` beside this file.
 * @throws Error when it cannot be fetched, or the page's Content-Security-Policy lacks `wasm-unsafe-eval`.
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
