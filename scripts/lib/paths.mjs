import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const PKG = join(ROOT, "pkg");
/** What wasm-bindgen writes; `#wasm` in package.json points into it. */
export const WASM = join(ROOT, "target/wasm");
/** The cache of compiled tools. It is outside the working tree, since compiling them takes minutes. */
export const TOOLS = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "peerjs-wasm");
