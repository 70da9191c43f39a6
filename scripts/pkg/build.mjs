// The sources -> pkg/, whole.
import { mkdirSync, rmSync } from "node:fs";
import { PKG } from "../lib/paths.mjs";
import { writeSection } from "../lib/readme.mjs";
import { say } from "../lib/run.mjs";
import { PKG_INPUTS, record } from "./inputs.mjs";
import { crate, writeManifest } from "./manifest.mjs";
import { shrink } from "./shrink.mjs";
import { checkSizes, measure, printSizes, sizeTable } from "./sizes.mjs";
import { buildWasm } from "./wasm.mjs";

export async function buildPkg() {
  await buildWasm();
  say("Bundling pkg/");
  const { bundle } = await import("./bundle.mjs"); // imports an npm package
  rmSync(PKG, { recursive: true, force: true });
  mkdirSync(PKG);
  await bundle(await shrink(), crate().version);
  const sizes = measure();
  writeSection("sizes", sizeTable(sizes));
  writeManifest();
  printSizes(sizes);
  checkSizes(sizes);
  record(PKG, PKG_INPUTS);
}
