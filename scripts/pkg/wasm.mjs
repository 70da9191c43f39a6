// src/ -> target/wasm/: the module and its glue.
import { rmSync } from "node:fs";
import { WASM } from "../lib/paths.mjs";
import { say } from "../lib/run.mjs";
import { cargoTools, crates, npmPackages } from "../lib/setup.mjs";
import { compile, WASM_TARGET } from "../lib/wasm.mjs";
import { record, upToDate, WASM_INPUTS } from "./inputs.mjs";

/** Compiles the crate. Needs nothing set up: it sees to that. */
export async function buildWasm() {
  await npmPackages(); // wasm-opt is one
  await cargoTools("wasm-bindgen-cli");
  await crates();
  say("Compiling src/ to wasm");
  rmSync(WASM, { recursive: true, force: true });
  const command = ["rustc", "--lib", "--release", "--no-default-features", "--features=npm"];
  // Not so in Cargo.toml: there is no LTO for a library of two types, and an application that uses it would link both.
  command.push("--crate-type=cdylib");
  await compile({
    cargo: command,
    module: `${WASM_TARGET}/release/peerjs_wasm.wasm`,
    out: WASM,
  });
  record(WASM, WASM_INPUTS);
}

/** Compiles the crate if what is there is of other sources. */
export async function freshWasm() {
  if (!upToDate(WASM, WASM_INPUTS)) await buildWasm();
}
