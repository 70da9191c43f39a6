// A crate -> a module and its glue, as a page imports them.
import { join } from "node:path";
import { ROOT } from "./paths.mjs";
import { must } from "./run.mjs";
import { pathWithTools } from "./setup.mjs";

export const WASM_TARGET = "wasm32-unknown-unknown";

/**
 * @param {object} what
 * @param {string[]} what.cargo the arguments of cargo that make the module
 * @param {string} what.module where that is in target/
 * @param {string} what.out where module and glue go
 */
export async function compile({ cargo: [subcommand, ...args], module, out }) {
  await must(
    ["cargo", subcommand, "--locked", "--target", WASM_TARGET, ...args],
    `cargo ${subcommand} failed, see above.`,
    { env: { CARGO_TARGET_DIR: join(ROOT, "target") } },
  );
  await must(
    [
      "wasm-bindgen",
      "--target=web",
      "--no-typescript",
      "--out-dir",
      out,
      join(ROOT, "target", module),
    ],
    "wasm-bindgen could not make the glue.",
    { env: { PATH: pathWithTools() } },
  );
}
