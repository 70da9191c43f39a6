// Builds pkg/ from the sources.
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeSection } from "../lib/documents.mjs";
import { PKG, WASM } from "../lib/paths.mjs";
import { say } from "../lib/run.mjs";
import { compiler, PKG_INPUTS, record } from "./inputs.mjs";
import { crate, writeManifest } from "./manifest.mjs";
import { shrink } from "./shrink.mjs";
import { checkSizes, measure, printSizes, sizeTable } from "./sizes.mjs";
import { buildWasm } from "./wasm.mjs";

/** @param {{ debug?: boolean }} [options] debug: a build for debuggers, see buildWasm, with source maps for JavaScript */
export async function buildPkg({ debug = false } = {}) {
  await buildWasm(debug ? { debug, out: DEBUG_WASM } : {});
  say("Bundling pkg/");
  const { bundle } = await import("./bundle.mjs"); // imports an npm package
  const module = debug ? asItIs(DEBUG_WASM) : await shrink();
  rmSync(PKG, { recursive: true, force: true });
  mkdirSync(PKG);
  await bundle(module, crate().version, { debug });
  const sizes = measure();
  if (!debug) writeSection("sizes", sizeTable(sizes));
  writeManifest();
  printSizes(sizes);
  if (!debug) checkSizes(sizes);
  record(PKG, PKG_INPUTS, debug ? "debug" : await compiler());
}

const DEBUG_WASM = join(WASM, "../wasm-debug");

const asItIs = (folder) => ({
  wasm: readFileSync(join(folder, "peerjs_wasm_bg.wasm")),
  glue: readFileSync(join(folder, "peerjs_wasm.js"), "utf8"),
});
