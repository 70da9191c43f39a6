// The values that are packed and unpacked.

const from = (length, make) => Array.from({ length }, (_, i) => make(i));

export const values = {
  "chat message": {
    type: "chat",
    from: "alice-42",
    text: "Hello there, how are you doing today?",
    at: 1700000000000,
  },
  "game state": { id: 7, x: 12.5, y: -3.25, vx: 0.1, hp: 87, dead: false },
  "1,000 ints": from(1000, (i) => (i * 7919) % 100_003),
  "1,000 doubles": from(1000, (i) => Math.sin(i + 1) * 1000),
  "200 objects": from(200, (i) => ({
    id: i,
    name: `player ${i}`,
    x: i * 1.5,
    y: i / 3,
    alive: i % 3 === 0,
    team: i % 2 ? "red" : "blue",
    score: i * 100,
    tags: ["a", "b"],
  })),
  "depth 100": from(100, (i) => i).reduce((inner) => ({ inner }), 1),
  "100 KB ASCII": "The quick brown fox jumps over. ".repeat(3200),
  "100 KB CJK and emoji": "漢字かな交じり文😀".repeat(4000),
  "binary 1 MB": new ArrayBuffer(1 << 20),
  "binary 16 MB": new ArrayBuffer(16 << 20),
};
