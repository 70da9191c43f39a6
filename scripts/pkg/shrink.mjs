// wasm-bindgen names every import after its Rust function and a hash, once in the module and once
// in the glue: some 50 bytes after gzip each. wasm-opt renames them in the module and tells the new
// names, which esbuild then gives to the properties of the glue.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { WASM } from "../lib/paths.mjs";
import { Failure, must } from "../lib/run.mjs";
import { pathWithTools } from "../lib/setup.mjs";

const GLUE_MODULE = "./peerjs_wasm_bg.js";

/**
 * @returns {Promise<{ wasm: Buffer, names: Record<string, string> }>} names: old -> new, of the
 *   properties through which the glue and the module know each other
 */
export async function shrink() {
  const small = join(WASM, "small.wasm");
  const passes = ["-Oz", "--minify-imports-and-exports-and-modules"];
  passes.push("--strip-producers", "--strip-target-features");
  const stdout = await must(
    ["wasm-opt", ...passes, join(WASM, "peerjs_wasm_bg.wasm"), "-o", small],
    "wasm-opt could not shrink the module.",
    { quiet: true, env: { PATH: pathWithTools() } },
  );
  const { imports, exports } = JSON.parse(stdout);
  const foreign = imports.find(([module]) => module !== GLUE_MODULE);
  if (foreign) throw new Failure(`The module imports from ${foreign[0]}: teach shrink.mjs to.`);
  // esbuild renames a property wherever the glue has it, so that the name must not be the DOM's.
  const risky = exports.find(([name]) => name !== "memory" && !/^__|[a-z]_[a-z]/.test(name));
  if (risky) {
    throw new Failure(`Give the wasm-bindgen export \`${risky[0]}\` a name with an underscore.`);
  }
  return {
    wasm: readFileSync(small),
    names: Object.fromEntries([
      [GLUE_MODULE, "a"],
      ...imports.map(([, name, short]) => [name, short]),
      ...exports,
    ]),
  };
}
