// Chat messages over an ordered connection between two pages.

import { median, quantile } from "../report.mjs";
import { interleave } from "../world.mjs";

const ROUNDS = 7;
const BURST = 10_000;
const PINGS = 200;

export const rows = [
  {
    ...{ name: "small: messages per second", unit: "/s", more: true, floor: 1.5, goal: 2.5 },
    of: ({ took }) => (BURST / took) * 1000,
  },
  {
    ...{ name: "small: CPU time to send one", unit: "µs", floor: 4, goal: 7 },
    of: ({ cpu }) => cpu,
  },
  {
    ...{ name: "small: round trip, p50", unit: "ms", floor: 1, goal: 1 / 0.9 },
    of: ({ trips }) => median(trips),
  },
  {
    ...{ name: "small: round trip, p99", unit: "ms", floor: 1, goal: 1 / 0.9 },
    of: ({ trips }) => quantile(trips, 0.99),
  },
];

export async function run(world, wanted, report) {
  const near = await world.open();
  const far = await world.open();
  const links = [];
  for (const lib of ["ours", "peerjs"]) {
    links.push(await near.call("connect", lib, await far.call("answer", lib)));
  }
  const measure = async (link) => ({
    ...(await near.burst(link, BURST)),
    trips: await near.call("pings", link, PINGS),
  });
  await interleave(links, 2, measure);
  const [ours, peerjs] = await interleave(links, ROUNDS, measure);
  for (const { of, ...row } of wanted) report(row, { ours: ours.map(of), peerjs: peerjs.map(of) });
}
