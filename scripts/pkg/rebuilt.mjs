// Builds the module again, from a copy of the sources in a folder whose path has another name and length.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../lib/paths.mjs";
import { shrink } from "./shrink.mjs";
import { buildWasm } from "./wasm.mjs";

/** The files of the repository that cargo reads. */
const SOURCES = ["Cargo.lock", "Cargo.toml", "README.md", "docs", "src"];

/** @returns {Promise<Buffer>} */
export async function rebuilt() {
  const root = mkdtempSync(join(tmpdir(), "another-folder-for-peerjs-wasm-"));
  try {
    for (const path of SOURCES) cpSync(join(ROOT, path), join(root, path), { recursive: true });
    const out = join(root, "wasm");
    await buildWasm({ root, out });
    return (await shrink(out)).wasm;
  } finally {
    rmSync(root, { recursive: true });
  }
}
