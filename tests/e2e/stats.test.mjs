// stats() of connections and calls, and the diagnosis of those that fail.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { atOnce, inBrowsers } from "./harness/suite.mjs";
import { noTurn, startTurn } from "./harness/turn.mjs";

const LIBS = { libs: ["ours", "peerjs"], scripts: ["calls"] };

inBrowsers("stats", LIBS, (test, name) => {
  for (const to of ["ours", "peerjs"]) {
    test(`of a data connection with ${to}: the path, what was sent, and how fast`, async ({
      page,
    }) => {
      const { before, after, types } = await page.run(async (to) => {
        const { out, in: incoming } = await e2e.pair({ to, reliable: true });
        const before = await out.stats();
        const arriving = e2e.inbox(incoming);
        out.send(new Uint8Array(1 << 20));
        await arriving.take();
        let after = await out.stats();
        // The browser's figures are some 50 ms old.
        while (after.sent < 1 << 20) after = await out.stats();
        const types = Object.fromEntries(
          Object.entries(after).map(([key, it]) => [key, typeof it]),
        );
        return { before, after, types };
      }, to);
      assert.ok(["host", "prflx"].includes(after.path), after.path);
      assert.equal(after.protocol, "udp");
      assert.equal(after.local.type, "host");
      assert.equal(typeof after.local.port, "number");
      assert.ok(["host", "prflx"].includes(after.remote.type), after.remote.type);
      assert.ok(after.sent - before.sent >= 1 << 20);
      assert.ok(after.received > before.received);
      assert.equal(after.buffered, 0);
      assert.equal(before.sendRate, undefined, "there is no call before the first");
      assert.equal(after.lost, undefined, "browsers do not count it of data");
      if (name === "chromium") assert.equal(types.rtt, "number");
    });
  }

  test("of a call says how many packets were lost", async ({ page }) => {
    const stats = await page.run(async () => {
      const call = await calls.connect();
      await calls.seen(call.out, "video");
      return call.out.stats();
    });
    assert.equal(typeof stats.lost, "number");
    assert.ok(stats.received > 0);
    assert.ok(["host", "prflx"].includes(stats.path), stats.path);
  });

  test("of a connection that is closed is an error", async ({ page }) => {
    const type = await page.run(async () => {
      const { out } = await e2e.pair();
      out.close();
      return out.stats().catch((error) => error.type);
    });
    assert.equal(type, "not-open-yet");
  });
});

/** The diagnosis of a connection between two peers with this configuration. */
const fails = (page, config) =>
  page.runFor(
    240_000,
    async (config) => {
      const near = await e2e.openPeer("ours", undefined, { config });
      const far = await e2e.openPeer("ours", undefined, { config });
      const conn = near.connect(far.id);
      const { type, diagnosis } = await e2e.next(conn, "error");
      return { type, ...diagnosis };
    },
    config,
  );

const relayOnly = (...iceServers) => ({ iceServers, iceTransportPolicy: "relay" });

describe("diagnosis", { skip: noTurn }, () => atOnce("coturn", {}, define));

function define(test, name) {
  test("of wrong credentials of TURN", async ({ page, keep }) => {
    const turn = await keep(startTurn());
    const seen = await fails(page, relayOnly({ ...turn.server(), credential: "wrong" }));
    assert.equal(seen.type, "negotiation-failed");
    assert.deepEqual(seen.local, { host: 0, srflx: 0, prflx: 0, relay: 0 });
    assert.equal(seen.advice, seen.servers.length > 0 ? "turn-refused" : "turn-unreachable");
    if (name === "chromium") assert.equal(seen.servers[0].errorCode, 401);
  });

  test("of a TURN server that is not there", async ({ page, keep }) => {
    const turn = await keep(startTurn());
    await turn.stop();
    const seen = await fails(page, relayOnly(turn.server()));
    assert.equal(seen.advice, "turn-unreachable");
  });

  test("of a relay on one end and no candidate on the other", async ({ page, keep }) => {
    const turn = await keep(startTurn());
    const seen = await page.runFor(
      240_000,
      async (ours, theirs) => {
        const near = await e2e.openPeer("ours", undefined, { config: ours });
        let relay;
        const found = new Promise((resolve) => {
          relay = resolve;
        });
        // Firefox gives an end without candidates up at once, so that it begins when the other end has its relay.
        const far = await e2e.openPeer("ours", undefined, {
          config: () => found.then(() => theirs),
        });
        const conn = near.connect(far.id);
        conn.peerConnection.addEventListener("icecandidate", ({ candidate }) => {
          if (candidate?.candidate.includes(" typ relay")) relay();
        });
        const { type, diagnosis } = await e2e.next(conn, "error");
        return { type, ...diagnosis };
      },
      relayOnly(turn.server()),
      relayOnly(),
    );
    assert.equal(seen.type, "negotiation-failed");
    // There it fails before it has answered, too.
    assert.ok(["no-candidates", "no-answer"].includes(seen.advice), seen.advice);
    assert.ok(seen.local.relay > 0);
  });
}
