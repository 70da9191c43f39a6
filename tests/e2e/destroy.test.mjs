// destroy() at any moment leaves nothing behind: no socket, no timer, no RTCPeerConnection, no request that
// registers later, no event after `close`.

import assert from "node:assert/strict";
import { startScriptedServer } from "./harness/servers.mjs";
import { inBrowsers } from "./harness/suite.mjs";

const world = { scripts: ["faults", "calls"] };

inBrowsers("destroy()", world, (test) => {
  /** Moments of a connection's making, counted in turns of the event loop: some are before each step. */
  const TURNS = Array.from({ length: 12 }, (_, i) => i);

  for (const [what, begin] of [
    ["a peer that asks for an id", () => e2e.makePeer("ours")],
    ["a peer with an id of its own", () => e2e.makePeer("ours", "own")],
    [
      "a peer that connects before it is open",
      () => {
        const peer = e2e.makePeer("ours");
        peer.connect(e2e.stays.id);
        return peer;
      },
    ],
    [
      "a peer that connects and calls",
      async () => {
        const peer = await e2e.openPeer("ours");
        peer.connect(e2e.stays.id);
        peer.call(e2e.stays.id);
        return peer;
      },
    ],
    [
      "a peer that is connected to and called",
      async () => {
        const peer = await e2e.openPeer("ours");
        peer.on("call", (call) => call.answer());
        e2e.stays.connect(peer.id);
        e2e.stays.call(peer.id);
        return peer;
      },
    ],
    [
      "a peer that comes back",
      async () => {
        const peer = await e2e.openPeer("ours");
        peer.disconnect();
        peer.reconnect();
        return peer;
      },
    ],
    [
      "a peer that sends",
      async () => {
        const peer = await e2e.openPeer("ours");
        const conn = peer.connect(e2e.stays.id);
        await e2e.next(conn, "open");
        for (let i = 0; i < 16; i++) conn.send(new ArrayBuffer(1 << 20));
        conn.close({ flush: true });
        return peer;
      },
    ],
  ]) {
    test(`of ${what}, at any moment`, async ({ page }) => {
      const seen = await page.runFor(
        60_000,
        `async (turns) => {
          const begin = ${begin};
          const turn = () => new Promise((resolve) => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = resolve;
            port2.postMessage(0);
          });
          e2e.stays = await e2e.openPeer("ours");
          e2e.stays.on("call", (call) => call.answer());
          const late = [];
          for (const count of turns) {
            const peer = await begin();
            // Few at first, when each matters, then ever more.
            for (let i = 0; i < count ** 2; i++) await turn();
            let closed = 0;
            peer.on("close", () => closed++);
            peer.destroy();
            if (closed !== 1 || !peer.destroyed) late.push("destroyed " + closed + " times");
            const after = e2e.record(peer, ["open", "connection", "call", "error", "disconnected", "close"]);
            late.push(after);
          }
          // All that was under way has had its time.
          await e2e.link(await e2e.openPeer("ours"), e2e.stays);
          const ends = Object.values(e2e.stays.connections).flat();
          e2e.clear();
          return { late: late.flat(), left: faults.left() };
        }`,
        TURNS,
      );
      assert.deepEqual(seen, { late: [], left: "" });
    });
  }

  test("in mid-call stops at both ends", async ({ page }) => {
    const seen = await page.run(async () => {
      const { near, out, in: incoming } = await calls.connect();
      const closed = e2e.next(incoming, "close");
      near.destroy();
      await closed;
      return [out.open, incoming.open, Object.keys(near.connections)];
    });
    assert.deepEqual(seen, [false, false, []]);
  });

  test("while the server takes its time with an id: nobody registers with it", async ({
    page,
    keep,
  }) => {
    const requests = [];
    const registered = [];
    const server = await keep(
      startScriptedServer({
        onRequest: (_, response) => requests.push(response),
        onSocket: (_, query) => registered.push(query.get("id")),
      }),
    );
    await page.run(async (options) => {
      const { fetch } = globalThis;
      e2e.asked = new Promise((resolve) => {
        globalThis.fetch = (...args) => {
          globalThis.fetch = fetch;
          const answer = fetch(...args);
          e2e.answered = answer.then((response) => response.clone().text());
          resolve();
          return answer;
        };
      });
      e2e.peer = e2e.makePeer("ours", undefined, options);
      await e2e.asked;
      e2e.peer.destroy();
    }, server.options);
    while (requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    for (const response of requests) response.end("late");
    const left = await page.run(async () => {
      await e2e.answered;
      await e2e.pair();
      e2e.clear();
      return faults.left();
    });
    assert.deepEqual([registered, left], [[], ""]);
  });
});
