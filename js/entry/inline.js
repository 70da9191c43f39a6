// For the builds that carry their wasm.
import * as embedded from "#wasm-text";
import { decode } from "../embed.js";
import { provide } from "../loader.js";

provide(() => decode(embedded));
