// Samples -> ratios -> the table, the JSON and the section of docs/benchmarks.md.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeSection } from "../scripts/lib/documents.mjs";
import { ROOT } from "../scripts/lib/paths.mjs";

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);

/** The number below which `share` of them are. */
export function quantile(numbers, share) {
  return sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))];
}

export const median = (numbers) => quantile(numbers, 0.5);

/**
 * How a row went. A ratio says how many times better the first number of each pair is; the median
 * decides. Where a floor says "no worse" and the two are equal by design, as with binary, half of
 * the rounds are always below: there "even" says that 1 is within the middle half.
 * @param {{ name: string, unit: string, more?: boolean, floor?: number, goal?: number,
 *   limit?: number, against?: string }} row
 *   more: whether more is better; limit: the row is no race, ours is to stay below this
 * @param {{ ours: number[], peerjs: number[] }} samples of each round
 */
export function judge(row, { ours, peerjs }) {
  const result = { ...row, ours: median(ours), peerjs: median(peerjs) };
  if (row.limit !== undefined) {
    return { ...result, reached: result.ours <= row.limit ? "floor" : "no" };
  }
  const ratios = ours.map((mine, round) =>
    row.more ? mine / peerjs[round] : peerjs[round] / mine,
  );
  const spread = [quantile(ratios, 0.25), quantile(ratios, 0.75)];
  return {
    ...result,
    ratio: median(ratios),
    spread,
    reached: reached(row, median(ratios), spread),
  };
}

function reached({ floor, goal }, ratio, [, high]) {
  if (ratio >= goal) return "goal";
  if (floor === undefined) return "";
  if (ratio >= floor) return "floor";
  return floor === 1 && high >= 1 ? "even" : "no";
}

const number = (value) =>
  value >= 1000 ? Math.round(value).toLocaleString("en-US") : `${Number(value.toPrecision(3))}`;
const times = (value) => (value === undefined ? "" : `${number(value)}×`);

const COLUMNS = {
  "": ({ name }) => name,
  ours: ({ ours, unit }) => `${number(ours)} ${unit}`,
  "PeerJS 1.5.5": ({ peerjs, unit, against }) =>
    `${number(peerjs)} ${unit}${against ? ` (${against})` : ""}`,
  ratio: ({ ratio }) => times(ratio),
  "middle half": ({ spread }) => (spread ? `${spread.map(number).join("–")}×` : ""),
  floor: ({ floor, limit, unit }) => (limit === undefined ? times(floor) : `≤ ${limit} ${unit}`),
  goal: ({ goal }) => times(goal),
  reached: ({ reached }) => reached,
};

export function printRow(result) {
  const [name, ours, peerjs, ...rest] = Object.values(COLUMNS).map((cell) => cell(result));
  const cells = rest.map((cell) => cell.padStart(11));
  console.log(`${name.padEnd(38)} ${ours.padStart(14)} ${peerjs.padStart(22)} ${cells.join(" ")}`);
}

export function printHead() {
  const [, ours, peerjs, ...rest] = Object.keys(COLUMNS);
  const cells = rest.map((cell) => cell.padStart(11));
  console.log(`${"".padEnd(38)} ${ours.padStart(14)} ${peerjs.padStart(22)} ${cells.join(" ")}`);
}

function table(results) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const columns = Object.entries(COLUMNS);
  return [
    line(columns.map(([title]) => title)),
    line(columns.map((_, i) => (i === 0 ? "---" : "--:"))),
    ...results.map((result) => line(columns.map(([, cell]) => cell(result)))),
  ].join("\n");
}

/** Only a full run is worth keeping. */
export function keep(browser, results) {
  const folder = join(ROOT, "target/bench");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${browser}.json`), `${JSON.stringify(results, null, 1)}\n`);
  writeSection(`bench:${browser}`, table(results));
}
