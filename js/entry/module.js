// pkg/index.js: the module with the wasm inside.
import "./inline.js";

export * from "../index.js";
export { default } from "../index.js";
