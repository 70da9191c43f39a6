// From the script to an open Peer, and from `connect()` to two open ends.

import { interleave } from "../world.mjs";

/** Connections are made ten times three in a row, after one that pays for what the other build has left. */
const TURNS = 10;
const IN_A_ROW = 3;
const STARTS = 11;
const LIBS = ["ours", "peerjs"];
const PATHS = { ours: "/pkg/peerjs.min.js", peerjs: "/peerjs/peerjs.min.js" };

export const rows = [
  { name: "connect → open, both ends", unit: "ms", floor: 1, act: "reconnect" },
  { name: "2nd connect → open, both ends", unit: "ms", floor: 4, act: "connectAgain" },
  { name: "script → new Peer", unit: "ms", floor: 1, goal: 1.5, key: "usable" },
  { name: "script → Peer open", unit: "ms", floor: 1, key: "open" },
];

export async function run(world, wanted, report) {
  for (const { act, ...row } of wanted.filter(({ act }) => act)) {
    const page = await world.open();
    for (const lib of LIBS) await page.call("couple", lib);
    const reconnect = async (lib) => {
      const [, ...times] = await page.call(act, lib, 1 + IN_A_ROW);
      return times;
    };
    await interleave(LIBS, 1, reconnect);
    const [ours, peerjs] = await interleave(LIBS, TURNS, reconnect);
    report(row, { ours: ours.flat(), peerjs: peerjs.flat() });
    await world.clear();
  }
  const starts = wanted.filter(({ key }) => key);
  if (starts.length > 0) {
    const start = async (lib) => {
      const page = await world.open([]);
      const times = await page.call("start", PATHS[lib], world.peerOptions);
      await world.clear();
      return times;
    };
    await interleave(LIBS, 1, start);
    const [ours, peerjs] = await interleave(LIBS, STARTS, start);
    for (const { key, ...row } of starts) {
      report(row, { ours: ours.map((it) => it[key]), peerjs: peerjs.map((it) => it[key]) });
    }
  }
}
