// What a page loads.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { PKG } from "../../scripts/lib/paths.mjs";
import { sizes } from "../../scripts/pkg/sizes.mjs";

const PEERJS = createRequire(import.meta.url).resolve("peerjs/dist/peerjs.min.js");

/** 32 KB against PeerJS's 22,671 bytes. */
const FLOOR = 22_671 / 32_768;

export const rows = ["gzip", "brotli"].map((key) => ({
  name: `size: ${key}`,
  unit: "B",
  floor: FLOOR,
  goal: 1,
  key,
}));

export async function run(_, wanted, report) {
  const ours = sizes(readFileSync(join(PKG, "peerjs.min.js")));
  const peerjs = sizes(readFileSync(PEERJS));
  for (const { key, ...row } of wanted) report(row, { ours: [ours[key]], peerjs: [peerjs[key]] });
}
