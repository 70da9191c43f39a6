// Provides the wasm of the builds that embed it.
import * as embedded from "#wasm-text";
import { decode } from "../embed.js";
import { provide } from "../loader.js";

provide(() => decode(embedded));
