// How long packing takes, ours against PeerJS's, interleaved: `node bench/codec-pack.mjs`. Runs in a page as well.
import { pack } from "peerjs-js-binarypack";
import { packToBuffer } from "../js/codec/pack.js";
import { writeValue } from "../js/codec/writer.js";

const emoji = "漢字かな交じり文😀";

export const values = {
  "chat message": { type: "chat", from: "peer-42", text: "Hello there, how are you doing today?", at: 1700000000000 },
  "game state": { id: 7, x: 12.5, y: -3.25, vx: 0.1, hp: 100, dead: false },
  "1,000 ints": Array.from({ length: 1000 }, (_, i) => (i * 7919) % 100_000),
  "1,000 doubles": Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 1000),
  "200 objects": Array.from({ length: 200 }, (_, i) => ({
    id: i,
    name: `user ${i}`,
    mail: `user${i}@example.org`,
    age: i % 90,
    score: i / 7,
    admin: i % 3 === 0,
    tags: ["a", "b"],
    none: null,
  })),
  "depth 100": Array.from({ length: 100 }).reduce((inner) => ({ inner }), 1),
  "100 KB ASCII": "The quick brown fox. ".repeat(4876),
  "100 KB CJK": emoji.repeat(4000),
};

/** The shortest time per call, over rounds of about 10 ms that alternate between the functions. */
function measure(fns, value, rounds = 25) {
  const counts = fns.map((fn) => {
    for (let count = 1; ; count *= 2) {
      const took = time(fn, value, count);
      if (took > 10) return Math.ceil((count * 10) / took);
    }
  });
  const best = fns.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    fns.forEach((fn, which) => {
      best[which] = Math.min(best[which], time(fn, value, counts[which]) / counts[which]);
    });
  }
  return best;
}

function time(fn, value, count) {
  const start = performance.now();
  for (let i = 0; i < count; i++) fn(value);
  return performance.now() - start;
}

export function run(print) {
  // Engines compile in the background, which takes a while on a busy machine.
  for (const value of Object.values(values)) {
    for (let i = 0; i < 20; i++) time(packToBuffer, value, 50);
  }
  for (const [name, value] of Object.entries(values)) {
    const [theirs, ours, tape] = measure([pack, packToBuffer, writeValue], value);
    const us = (ms) => `${(ms * 1000).toFixed(2)} µs`.padStart(12);
    print(`${name.padEnd(14)}${us(theirs)}${us(ours)}${us(tape)}  ${(theirs / ours).toFixed(1)}×`);
  }
}

if (typeof process === "object") {
  await import("../tests/js/setup.mjs");
  run(console.log);
}
