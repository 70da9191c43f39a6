// What the entries of the package do: say where the wasm is.
import { readFileSync } from "node:fs";
import { provide } from "../../js/loader.js";

const file = new URL("../../target/wasm/peerjs_wasm_bg.wasm", import.meta.url);
provide(() => readFileSync(file));
