// How fast messages become values, ours against PeerJS's unpacker in the same process, interleaved.
// `node bench/codec-unpack.mjs [name]`; build first.
import { pack, unpack as theirs } from "peerjs-js-binarypack";
import "../tests/js/setup.mjs";
import { unpack as ours } from "../js/codec/reader.js";

const text = (length, pick) => Array.from({ length }, (_, at) => pick(at)).join("");
const nested = (depth) => {
  let value = 1;
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { a: value };
  return value;
};

const messages = {
  chat: {
    type: "chat",
    from: "alice-42",
    text: "Hello there, how are you doing today?",
    at: 1700000000000,
  },
  "game state": { x: 12.5, y: -3.25, vx: 0.1, vy: 0.2, hp: 87, id: 7 },
  "1,000 ints": Array.from({ length: 1000 }, (_, at) => (at * 7919) % 100003),
  "1,000 doubles": Array.from({ length: 1000 }, (_, at) => Math.sin(at + 1) * 1000),
  "200 objects": Array.from({ length: 200 }, (_, at) => ({
    id: at,
    name: `player ${at}`,
    x: at * 1.5,
    y: at / 3,
    alive: at % 3 === 0,
    team: at % 2 ? "red" : "blue",
    score: at * 100,
    tags: ["a", "b"],
  })),
  "depth 100": nested(100),
  "100 KB ASCII": text(100_000, (at) => String.fromCharCode(97 + (at % 26))),
  "100 KB CJK": text(33_000, (at) => String.fromCodePoint(0x4e00 + (at % 5000))),
};

/** Short rounds, of which the best counts: what disturbs a measurement only ever makes it slower. */
const ROUNDS = 150;
const ROUND_MS = 2;

function time(unpack, bytes) {
  const start = performance.now();
  let runs = 0;
  let spent = 0;
  do {
    for (let at = 0; at < 8; at++) unpack(bytes);
    runs += 8;
    spent = performance.now() - start;
  } while (spent < ROUND_MS);
  return (1e3 * spent) / runs;
}

for (const [name, value] of Object.entries(messages)) {
  if (process.argv[2] && !name.includes(process.argv[2])) continue;
  const bytes = pack(value);
  let our = Number.POSITIVE_INFINITY;
  let their = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    our = Math.min(our, time(ours, bytes));
    their = Math.min(their, time(theirs, bytes));
  }
  console.log(
    `${name.padEnd(14)} ${String(bytes.byteLength).padStart(7)} B   ours ${our.toFixed(2).padStart(9)} µs` +
      `   PeerJS ${their.toFixed(2).padStart(9)} µs   ${(their / our).toFixed(1)}×`,
  );
}
