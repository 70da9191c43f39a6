// src/ -> target/wasm/: the module and its glue.
import { rmSync } from "node:fs";
import { relative } from "node:path";
import { ROOT, WASM } from "../lib/paths.mjs";
import { must, say } from "../lib/run.mjs";
import { cargoTools, crates, npmPackages, pathWithTools } from "../lib/setup.mjs";
import { record, upToDate, WASM_INPUTS } from "./inputs.mjs";

/** By default LLVM inlines a little even for size; less is 1 % smaller after gzip. */
const RUSTFLAGS = "-C llvm-args=-inline-threshold=0";

/** Compiles the crate. Needs nothing set up: it sees to that. */
export async function buildWasm() {
  await npmPackages(); // wasm-opt is one
  await cargoTools("wasm-bindgen-cli", "wasm-pack");
  await crates();
  say("Compiling src/ to wasm");
  rmSync(WASM, { recursive: true, force: true });
  const command = ["wasm-pack", "--log-level", "warn", "build", "--release", "--target", "web"];
  command.push("--no-pack", "--no-typescript", "--out-dir", relative(ROOT, WASM), ".");
  command.push("--locked", "--no-default-features", "--features", "npm");
  await must(command, "wasm-pack could not compile src/, see above.", {
    env: { PATH: pathWithTools(), RUSTFLAGS },
  });
  record(WASM, WASM_INPUTS);
}

/** Compiles the crate if what is there is of other sources. */
export async function freshWasm() {
  if (!upToDate(WASM, WASM_INPUTS)) await buildWasm();
}
