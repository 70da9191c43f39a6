// For the builds that carry their wasm.
import text from "#wasm-text";
import { decode } from "../embed.js";
import { provide } from "../loader.js";

provide(() => decode(text));
