// Writes the interoperability matrix of the last run of the end-to-end tests between the markers in
// docs/interoperability.md.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeSection } from "./lib/documents.mjs";
import { ROOT } from "./lib/paths.mjs";

const RESULTS = join(ROOT, "target/e2e/matrix");

function readCells() {
  const files = readdirSync(RESULTS).sort();
  return files.flatMap((name) => JSON.parse(readFileSync(join(RESULTS, name))));
}

/** Makes a row for each pair of browsers and builds, and a column for each kind of connection. */
function table(cells) {
  const kinds = [...new Set(cells.map((cell) => cell.kind))];
  const rows = new Map();
  for (const cell of cells) {
    const row = `${cell.browsers} | ${cell.builds}`;
    rows.set(row, [...(rows.get(row) ?? []), cell]);
  }
  const line = (entries) => `| ${entries.join(" | ")} |`;
  return [
    line(["browsers", "builds", ...kinds]),
    line(["---", "---", ...kinds.map(() => ":-:")]),
    ...[...rows].map(([row, all]) => line([row, ...kinds.map((kind) => mark(all, kind))])),
  ].join("\n");
}

function mark(cells, kind) {
  const found = cells.filter((cell) => cell.kind === kind);
  if (found.length === 0) return "";
  return found.every((cell) => cell.ok) ? "✓" : "✗";
}

writeSection("matrix", table(readCells()));
