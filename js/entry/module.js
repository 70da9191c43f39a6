// pkg/index.js: the module with the embedded wasm.
import "./inline.js";

export * from "../index.js";
export { default } from "../index.js";
