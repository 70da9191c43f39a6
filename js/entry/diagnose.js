// pkg/diagnose.js: what a peer can reach, and what is to be done about the rest.
export { diagnose, explain } from "../diagnose.js";
