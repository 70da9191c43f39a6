// Two copies of the library on one page, and PeerJS's own serializer beside our script.

import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

const TEXTS = ["", "hello", "Grüße, 你好 👋"];
const VALUES = [...TEXTS, 1, -2.5, true, [1, [2, "three"]], { hello: { world: [1] } }];

const COPIES = [
  ["peerjs", "/peerjs/serializer.msgpack.mjs", "MsgPack", VALUES],
  ["ours", "/peerjs/serializer.msgpack.mjs", "MsgPack", VALUES],
  ["ours", "/pkg/dist/serializer.msgpack.mjs", "MsgPack", VALUES],
  ["ours", "/pkg/index.js", "MsgPack", VALUES],
  ["ours", "/pkg/index.js", "Text", TEXTS],
];

for (const [lib, url, name, values] of COPIES) {
  inBrowsers(
    `${name} of ${url} in a Peer of ${lib}`,
    { libs: [lib], scripts: ["environments"] },
    (test) => {
      test("sends, receives and closes", async ({ page }) => {
        const run = (...args) => environments.copies(...args);
        assert.deepEqual(await page.run(run, lib, url, name, values), values);
      });
    },
  );
}

const both = { libs: ["ours", "bundled"], scripts: ["environments"] };
inBrowsers("our MsgPack in a Peer of PeerJS", both, (test) => {
  test("is refused with the names of both", async ({ page }) => {
    const refused = await page.run(async () => {
      const { ours } = e2e.libs;
      const serializers = { MsgPack: ours.MsgPack };
      const peer = await e2e.openPeer("bundled", undefined, { serializers });
      return e2e.thrown(() => peer.connect("anyone", { serialization: "MsgPack" }));
    });
    assert.match(refused?.message, /peerjs-wasm.* peerjs\b/);
  });
});
