// Two copies of the library on one page, and PeerJS's own serializer beside our script.

import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

const [PEERJS, OURS] = ["/peerjs/serializer.msgpack.mjs", "/pkg/dist/serializer.msgpack.mjs"];

/** Both ends, where the class is from, and its name. */
const COPIES = [
  [["peerjs", "peerjs"], PEERJS, "MsgPack"],
  [["ours", "ours"], PEERJS, "MsgPack"],
  [["ours", "peerjs"], PEERJS, "MsgPack"],
  [["peerjs", "ours"], PEERJS, "MsgPack"],
  [["ours", "ours"], OURS, "MsgPack"],
  [["ours", "ours"], "/pkg/index.js", "MsgPack"],
  [["ours", "ours"], "/pkg/index.js", "Text"],
];

for (const [ends, url, name] of COPIES) {
  const libs = [...new Set(ends)];
  const title = `${name} of ${url}, ${ends.join(" → ")}`;
  inBrowsers(title, { libs, scripts: ["environments"] }, (test) => {
    test("sends and receives at both ends, and closes", async ({ page }) => {
      const run = (...args) => environments.copies(...args);
      const { arrived, wanted } = await page.run(run, ends, url, name);
      assert.deepEqual(arrived, wanted);
    });
  });
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
