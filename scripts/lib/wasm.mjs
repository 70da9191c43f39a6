// Compiles a crate to a wasm module and its glue.
import { homedir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./paths.mjs";
import { must } from "./run.mjs";
import { pathWithTools } from "./setup.mjs";

export const WASM_TARGET = "wasm32-unknown-unknown";

/**
 * Returns settings that remove the paths of this machine from a module, so that equal sources give equal bytes
 * anywhere: arguments of rustc for the crate in `root`, and the environment of cargo for the dependencies.
 */
export function withoutPaths(root) {
  const home = process.env.CARGO_HOME || join(homedir(), ".cargo");
  return {
    rustc: [`--remap-path-prefix=${root}=`],
    env: { CARGO_ENCODED_RUSTFLAGS: `--remap-path-prefix=${home}=cargo` },
  };
}

/** Runs cargo for the target wasm32. */
export async function cargo([subcommand, ...args], env) {
  await must(
    ["cargo", subcommand, "--locked", "--target", WASM_TARGET, ...args],
    `cargo ${subcommand} failed, see above.`,
    { env: { CARGO_TARGET_DIR: join(ROOT, "target"), ...env } },
  );
}

/**
 * Writes a module and its glue.
 * @param {object} what
 * @param {string} what.module where cargo has put the module in target/
 * @param {string} what.out where module and glue go
 * @param {string[]} [what.bindgen] more arguments for wasm-bindgen
 */
export async function glue({ module, out, bindgen = [] }) {
  await must(
    [
      "wasm-bindgen",
      "--target=web",
      "--no-typescript",
      ...bindgen,
      "--out-dir",
      out,
      join(ROOT, "target", module),
    ],
    "wasm-bindgen could not make the glue.",
    { env: { PATH: pathWithTools() } },
  );
}

/** Compiles one crate: the arguments of `cargo` and of `glue`. */
export async function compile({ cargo: command, env, ...what }) {
  await cargo(command, env);
  await glue(what);
}
