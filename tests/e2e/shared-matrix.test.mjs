// Connections that share one RTCPeerConnection between two pages, of the same browser and of two.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { browserNames } from "./harness/browser.mjs";
import { startPeerServer } from "./harness/servers.mjs";
import { browsers, site } from "./harness/suite.mjs";

const PAIRS = browserNames.flatMap((near) => browserNames.map((far) => [near, far]));

describe("a connection and a call over a connection", () => {
  let server;
  before(async () => {
    server = await startPeerServer();
  });
  after(() => server?.close());

  for (const [nearBrowser, farBrowser] of PAIRS) {
    test(`${nearBrowser} → ${farBrowser}: messages and moving pictures, both ways`, async () => {
      const { blank } = await site();
      const open = async (name) =>
        (await browsers[name]()).open(blank(["ours"], server, ["calls", "shared"]));
      const [near, far] = [await open(nearBrowser), await open(farBrowser)];
      try {
        const id = await far.run(async () => {
          const peer = await e2e.openPeer("ours");
          const own = await calls.capture("video");
          peer.on("connection", (conn) => conn.on("data", (data) => conn.send([conn.label, data])));
          peer.on("call", (call) => {
            e2e.call = calls.watchCall(call, "far");
            e2e.closed = e2e.next(call, "close").then(() => true);
            call.answer(own);
          });
          return peer.id;
        });
        const seen = await near.run(async (id) => {
          const peer = await e2e.openPeer("ours");
          const out = e2e.watchConnection(peer.connect(id), "near");
          await e2e.next(out, "open");
          peer.disconnect();
          const echoed = [];
          for (const options of [
            { label: "one", serialization: "json" },
            { label: "two", maxRetransmits: 0 },
          ]) {
            const conn = out.connect(options);
            await e2e.next(conn, "open");
            const arriving = e2e.inbox(conn);
            conn.send(options.label.length);
            echoed.push(await arriving.take());
          }
          e2e.call = calls.watchCall(out.call(await calls.capture("video")), "near");
          return { echoed, played: await calls.seen(e2e.call, "video") };
        }, id);
        assert.deepEqual(seen, {
          echoed: [
            ["one", 3],
            ["two", 3],
          ],
          played: ["video"],
        });
        assert.deepEqual(await far.run(() => calls.seen(e2e.call, "video")), ["video"]);
        await near.run(() => e2e.call.close());
        assert.ok(await far.run(() => e2e.closed));
        assert.deepEqual([...near.takeErrors(), ...far.takeErrors()], []);
      } finally {
        await Promise.all([near.close(), far.close()]);
      }
    });
  }
});
