// The matrix as the tests found it: target/e2e/matrix.json, from which scripts/matrix.mjs makes
// the table of docs/interoperability.md. Several test files add to it, so each keeps a file of its own.

import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "./servers.mjs";

const FOLDER = join(root, "target/e2e/matrix");
const file = join(FOLDER, `${basename(process.argv[1], ".test.mjs")}.json`);
const cells = [];

/** Runs a cell `[browsers, builds, kind]` of the matrix and keeps whether it passed. */
export async function record([browsers, builds, kind], run) {
  const cell = { browsers, builds, kind, ok: false };
  cells.push(cell);
  try {
    await run();
    cell.ok = true;
  } finally {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, `${JSON.stringify(cells, null, 1)}\n`);
  }
}
