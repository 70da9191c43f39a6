// examples/chat/ -> examples/chat/pkg/, for the end-to-end tests.
import { join } from "node:path";
import { record, upToDate } from "../pkg/inputs.mjs";
import { ROOT } from "./paths.mjs";
import { say } from "./run.mjs";
import { cargoTools, rust } from "./setup.mjs";
import { compile, WASM_TARGET } from "./wasm.mjs";

const CHAT = "examples/chat";
const BUILT = join(ROOT, CHAT, "pkg");
const INPUTS = [
  ...["Cargo.toml", "src"],
  ...["Cargo.toml", "Cargo.lock", "src"].map((path) => `${CHAT}/${path}`),
];

/** Compiles the example unless it is up to date. */
export async function chatExample() {
  if (upToDate(BUILT, INPUTS)) return;
  await rust();
  await cargoTools("wasm-bindgen-cli");
  say(`Compiling ${CHAT}`);
  await compile({
    cargo: ["build", "--manifest-path", `${CHAT}/Cargo.toml`],
    module: `${WASM_TARGET}/debug/chat.wasm`,
    out: BUILT,
  });
  record(BUILT, INPUTS);
}
