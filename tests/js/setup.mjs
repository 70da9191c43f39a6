// Gives the wasm to the modules under test, as an entry does in a page.
import { readFileSync } from "node:fs";
import { provide } from "../../js/loader.js";

provide(() => readFileSync(new URL("../../target/wasm/peerjs_wasm_bg.wasm", import.meta.url)));
