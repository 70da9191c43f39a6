import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const PKG = join(ROOT, "pkg");
/** The output of wasm-bindgen. `#wasm` in package.json is a file in it. */
export const WASM = join(ROOT, "target/wasm");
/** The cache of compiled tools. It is outside of the repository, so that all clones share it: compiling takes minutes. */
export const TOOLS = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "peerjs-wasm");
