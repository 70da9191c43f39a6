// examples/*/ -> examples/*/pkg/, for the end-to-end tests.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { record, upToDate } from "../pkg/inputs.mjs";
import { ROOT } from "./paths.mjs";
import { say } from "./run.mjs";
import { cargoTools, rust } from "./setup.mjs";
import { cargo, glue, WASM_TARGET } from "./wasm.mjs";

export const FOLDER = "examples";
/** The examples that have a page. */
export const NAMES = readdirSync(join(ROOT, FOLDER)).filter((name) =>
  existsSync(join(ROOT, FOLDER, name, "index.html")),
);
const INPUTS = [
  ...["Cargo.toml", "src", `${FOLDER}/Cargo.toml`, `${FOLDER}/Cargo.lock`],
  ...["greet", "page", "recipes", ...NAMES].flatMap((name) => [
    `${FOLDER}/${name}/Cargo.toml`,
    `${FOLDER}/${name}/src`,
  ]),
];
const built = (name) => join(ROOT, FOLDER, name, "pkg");

/** Compiles the examples unless they are up to date: all at once, so that what they share is compiled once. */
export async function examples() {
  if (NAMES.every((name) => upToDate(built(name), INPUTS))) return;
  await rust();
  await cargoTools("wasm-bindgen-cli");
  say("Compiling the examples");
  await cargo(["build", "--manifest-path", `${FOLDER}/Cargo.toml`, "--workspace"]);
  for (const name of NAMES) {
    await glue({ module: `${WASM_TARGET}/debug/${name}.wasm`, out: built(name) });
    record(built(name), INPUTS);
  }
}
