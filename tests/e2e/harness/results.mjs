// The results of the matrix tests in target/e2e/matrix/, from which scripts/matrix.mjs makes the table of
// docs/interoperability.md. Each test file has a file of its own there.

import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "./servers.mjs";

const FOLDER = join(root, "target/e2e/matrix");
const file = join(FOLDER, `${basename(process.argv[1], ".test.mjs")}.json`);
const cells = [];

/** Runs a cell `[browsers, builds, kind]` of the matrix and records whether it passed. */
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
