// Builds the module and its glue from src/ into target/wasm/.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT, WASM } from "../lib/paths.mjs";
import { say } from "../lib/run.mjs";
import { cargoTools, crates, npmPackages } from "../lib/setup.mjs";
import { compile, WASM_TARGET, withoutPaths } from "../lib/wasm.mjs";
import { record, upToDate, WASM_INPUTS } from "./inputs.mjs";

// Partial redundancy elimination copies what is computed into some branches to save it in others: that takes more bytes.
const SMALL = "-Cllvm-args=-enable-pre=0";

/**
 * Compiles the crate, after installing the tools.
 *
 * @param {object} [what]
 * @param {boolean} [what.debug] for debuggers: not optimised, with panic messages, names and line numbers
 * @param {string} [what.root] the folder of the sources
 * @param {string} [what.out] the folder for the module and its glue
 */
export async function buildWasm({ debug = false, root = ROOT, out = WASM } = {}) {
  await npmPackages(); // for wasm-opt
  await cargoTools("wasm-bindgen-cli");
  await crates();
  say("Compiling src/ to wasm");
  rmSync(out, { recursive: true, force: true });
  const command = ["rustc", "--lib", "--no-default-features", "--features=npm"];
  command.push("--manifest-path", join(root, "Cargo.toml"));
  // Not in Cargo.toml: with two crate types there is no LTO, and an application that uses the crate would link both.
  command.push("--crate-type=cdylib");
  const { rustc, env } = withoutPaths(root);
  await compile({
    cargo: debug ? command : [...command, "--release", "--", SMALL, ...rustc],
    module: `${WASM_TARGET}/${debug ? "debug" : "release"}/peerjs_wasm.wasm`,
    out,
    bindgen: debug ? ["--keep-debug"] : [],
    env: debug ? {} : env,
  });
  if (!debug) record(out, WASM_INPUTS);
}

/** Compiles the crate unless target/wasm is up to date. */
export async function freshWasm() {
  if (!upToDate(WASM, WASM_INPUTS)) await buildWasm();
}
