// What pkg/ is made from, as one hash. pkg/ is committed: the hash in it tells whether it is what
// the sources beside it make, without a compiler and whatever the compiler's version.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../lib/paths.mjs";

/** Of the wasm alone. */
export const WASM_INPUTS = ["Cargo.lock", "Cargo.toml", "scripts/pkg/wasm.mjs", "src"];
/** Of all of pkg/. */
export const PKG_INPUTS = [
  "Cargo.lock",
  "Cargo.toml",
  "js",
  "package-lock.json",
  "scripts/pkg",
  "src",
];

const RECORD = "inputs.sha256";

function files(path) {
  if (statSync(join(ROOT, path)).isFile()) return [path];
  return readdirSync(join(ROOT, path), { recursive: true })
    .filter((name) => /\.(js|mjs|rs|ts)$/.test(name))
    .map((name) => `${path}/${name.replaceAll("\\", "/")}`);
}

export function hash(inputs) {
  const sum = createHash("sha256");
  for (const path of inputs.flatMap(files).sort()) {
    const content = readFileSync(join(ROOT, path));
    sum.update(`${path} ${content.length}\n`).update(content);
  }
  return sum.digest("hex");
}

/** Whether a folder was made from the inputs as they are now. */
export function upToDate(folder, inputs) {
  try {
    return readFileSync(join(folder, RECORD), "utf8").trim() === hash(inputs);
  } catch (error) {
    if (error.code === "ENOENT") return false;
    throw error;
  }
}

/** To be written last: without it a half-made folder is not up to date. */
export function record(folder, inputs) {
  writeFileSync(join(folder, RECORD), `${hash(inputs)}\n`);
}
