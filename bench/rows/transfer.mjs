// 64 MB of binary: how fast it arrives, and for how long pages are busy with it.

import { interleave } from "../world.mjs";

const MB = 1 << 20;
const SIZE = 64 * MB;
const ROUNDS = 5;

const PAIRS = {
  "ours→ours": { near: "ours", far: "ours", floor: 1.1 },
  "ours→PeerJS": { near: "ours", far: "peerjs", floor: 1.05 },
  "PeerJS→ours": { near: "peerjs", far: "ours", floor: 1 },
  "PeerJS→PeerJS": { near: "peerjs", far: "peerjs" },
  bare: { near: "peerjs", far: "peerjs", metadata: { bare: SIZE } },
};

const rowsOf = (pages) => [
  ...["ours→ours", "ours→PeerJS", "PeerJS→ours"].map((pair) => ({
    ...{ name: `64 MB, ${pages}: ${pair}`, unit: "MB/s", more: true, floor: PAIRS[pair].floor },
    ...{ pages, pair, rival: "PeerJS→PeerJS", of: speed },
  })),
  {
    ...{ name: `64 MB, ${pages}: ours→ours, bare`, unit: "MB/s", more: true, goal: 0.95 },
    ...{ against: "bare", pages, pair: "ours→ours", rival: "bare", of: speed },
  },
];

export const rows = [
  ...rowsOf("one page"),
  ...rowsOf("two pages"),
  {
    ...{ name: "64 MB: blocked in send()", unit: "ms", floor: 10, goal: 50 },
    ...{
      pages: "two pages",
      pair: "ours→ours",
      rival: "PeerJS→PeerJS",
      of: ({ blocked }) => blocked,
    },
  },
  {
    ...{ name: "64 MB: longest task of the receiver", unit: "ms", floor: 2, goal: 10 },
    ...{
      pages: "two pages",
      pair: "ours→ours",
      rival: "PeerJS→PeerJS",
      of: ({ longest }) => longest,
    },
  },
];

function speed({ took }) {
  return SIZE / 1e6 / (took / 1000);
}

export async function run(world, wanted, report) {
  for (const pages of ["one page", "two pages"]) {
    const here = wanted.filter((row) => row.pages === pages);
    if (here.length === 0) continue;
    const near = await world.open();
    const far = pages === "one page" ? near : await world.open();
    const needed = new Set(here.flatMap(({ pair, rival }) => [pair, rival]));
    const results = await transfer(near, far, [...needed]);
    for (const { pair, rival, of, pages: _, ...row } of here) {
      report(row, { ours: results[pair].map(of), peerjs: results[rival].map(of) });
    }
    await world.clear();
  }
}

async function transfer(near, far, pairs) {
  if (near !== far) await far.call("watchTasks");
  const links = [];
  for (const pair of pairs) {
    const { near: from, far: to, metadata } = PAIRS[pair];
    links.push(await near.call("connect", from, await far.call("answer", to), metadata));
  }
  // The first transfer of a connection is slow: its congestion window is still small.
  for (const link of links) await near.call("bulk", link, SIZE);
  await far.call("longestTask");
  const results = await interleave(links, ROUNDS, async (link) => {
    for (const page of new Set([near, far])) await page.collectGarbage();
    return { ...(await near.call("bulk", link, SIZE)), longest: await far.call("longestTask") };
  });
  return Object.fromEntries(pairs.map((pair, i) => [pair, results[i]]));
}
