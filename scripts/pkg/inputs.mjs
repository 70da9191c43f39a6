// The hash of all inputs of pkg/. pkg/ is committed with it: so it can be checked without a compiler whether pkg/ is up
// to date with the sources.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../lib/paths.mjs";
import { must } from "../lib/run.mjs";

/** The inputs of the wasm. */
export const WASM_INPUTS = ["Cargo.lock", "Cargo.toml", "scripts/pkg/wasm.mjs", "src"];
/** The inputs of pkg/. */
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
    .filter((name) => /\.(js|json|mjs|rs|ts)$/.test(name))
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

/** Whether a folder was built from the current inputs. */
export const upToDate = (folder, inputs) => recorded(folder)[0] === hash(inputs);

/** Returns the version of the compiler that built a folder, or "debug". */
export const madeWith = (folder) => recorded(folder)[1];

/** Returns the version of the installed compiler. */
export async function compiler() {
  return (await must(["rustc", "--version"], "rustc", { quiet: true })).trim();
}

function recorded(folder) {
  try {
    return readFileSync(join(folder, RECORD), "utf8").split("\n");
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
}

/** Writes the record of a folder. Call it last, so that an incomplete folder does not count as up to date. */
export function record(folder, inputs, made = "") {
  writeFileSync(join(folder, RECORD), `${hash(inputs)}\n${made && `${made}\n`}`);
}
