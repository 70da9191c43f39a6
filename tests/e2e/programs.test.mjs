// Programs of the kinds that were found in public code: the same text on PeerJS and on ours, at each end.

import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

const BUILDS = [
  ["peerjs", "peerjs"],
  ["ours", "ours"],
  ["ours", "peerjs"],
  ["peerjs", "ours"],
];

const WANTED = {
  subclass: {
    greeting: "hello near, from true",
    host: "127.0.0.1",
    own: true,
    token: "string",
    open: true,
  },
  room: ["leader: peer-unavailable true", "leader hears hello"],
  requests: [
    ...[0, 1, 2, 3, 4].map((n) => ({ status: 200, body: [2 * n, n / 2] })),
    { status: 404, body: "/nowhere" },
  ],
  adapter: [
    [
      { type: "arrive", name: "far" },
      { type: "welcome", name: "far" },
    ],
    [
      { type: "arrive", name: "near" },
      { type: "welcome", name: "near" },
      { type: "sync", data: [2, 3] },
      "late",
    ],
  ],
};

/** The server says soon that there is nobody. */
const server = { expire_timeout: 1, cleanup_out_msgs: 50 };
const world = { libs: ["ours", "peerjs"], scripts: ["programs"], server };

inBrowsers("programs", world, (test) => {
  for (const [from, to] of BUILDS) {
    for (const [program, wanted] of Object.entries(WANTED)) {
      test(`${program}, ${from} → ${to}`, async ({ page }) => {
        const run = (program, ...ends) => programs[program](...ends);
        assert.deepEqual(await page.run(run, program, from, to), wanted);
      });
    }
  }
});
