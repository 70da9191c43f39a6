// Makes the shipped module from the output of wasm-bindgen.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WASM } from "../lib/paths.mjs";
import { Failure, must } from "../lib/run.mjs";
import { pathWithTools } from "../lib/setup.mjs";

// Exactly what rustc enables for wasm32. Chromium refuses what --all-features emits.
export const FEATURES = [
  "--enable-bulk-memory",
  "--enable-multivalue",
  "--enable-mutable-globals",
  "--enable-nontrapping-float-to-int",
  "--enable-reference-types",
  "--enable-sign-ext",
];

// Many small functions compress better than one large function into which they are inlined: with the usual -Oz the
// module is 2 % smaller, but 2 % larger after compression. --flatten and --rereloop save another 1 %, the assumption that
// the end of the stack is not in use saves 0.6 %, and skipping the last two passes 0.2 %.
const OPTIMISE = [
  "--flatten",
  "--rereloop",
  "--one-caller-inline-max-function-size=20",
  "-Oz",
  "--converge",
  "--low-memory-unused",
  "--optimize-added-constants-propagate",
  "-Oz",
  "--skip-pass=local-cse",
  "--skip-pass=merge-locals",
];

// wasm-bindgen names each import after its Rust function and a hash, in the module and in the glue: about 50 bytes per
// import after gzip. wasm-opt renames the imports in the module and prints the new names, with which esbuild renames
// the properties of the glue.
const RENAME = [
  "--minify-imports-and-exports-and-modules",
  "--strip-debug",
  "--strip-producers",
  "--strip-target-features",
];

/**
 * Optimises a module and its glue.
 *
 * @param {string} [folder] the folder of the module and its glue
 * @returns {Promise<{ wasm: Buffer, glue: string, names: Record<string, string> }>} names: maps the names of imports and
 *   exports in the glue to those in the module
 */
export async function shrink(folder = WASM) {
  const { silence } = await import("./silence.mjs"); // imports an npm package
  const { compact, fit, GLUE_MODULE, prune } = await import("./compact.mjs");
  const { order } = await import("./order.mjs");
  const { source, same } = compact(readFileSync(join(folder, "peerjs_wasm.js"), "utf8"));
  const silent = join(folder, "silent.wasm");
  const small = join(folder, "small.wasm");
  const ordered = join(folder, "ordered.wasm");
  const smallest = join(folder, "smallest.wasm");
  writeFileSync(silent, fit(silence(readFileSync(join(folder, "peerjs_wasm_bg.wasm"))), same));
  await wasmOpt([...OPTIMISE, "-g"], silent, small);
  writeFileSync(ordered, order(readFileSync(small)));
  const renamed = await wasmOpt(RENAME, ordered, smallest);
  const { imports, exports } = JSON.parse(renamed);
  const foreign = imports.find(([module]) => module !== GLUE_MODULE);
  if (foreign) throw new Failure(`The module imports from ${foreign[0]}: teach shrink.mjs to.`);
  // esbuild renames all properties with the name in the glue, so that the name must not be one of the DOM.
  const risky = exports.find(([name]) => name !== "memory" && !/^__|[a-z]_[a-z]/.test(name));
  if (risky) {
    throw new Failure(`Give the wasm-bindgen export \`${risky[0]}\` a name with an underscore.`);
  }
  return {
    wasm: readFileSync(smallest),
    glue: prune(source, new Set(imports.map(([, name]) => name))),
    names: Object.fromEntries([
      [GLUE_MODULE, "a"],
      ...imports.map(([, name, short]) => [name, short]),
      ...exports,
    ]),
  };
}

function wasmOpt(passes, from, to) {
  return must(
    ["wasm-opt", ...FEATURES, ...passes, from, "-o", to],
    "wasm-opt could not shrink the module.",
    { quiet: true, env: { PATH: pathWithTools() } },
  );
}
