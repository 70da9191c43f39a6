// What is sent arrives, or somebody is told how much did not: when the channel is closed in the middle,
// when it is closed right behind 64 MB, when a page sleeps, when both ends connect at the same moment.

import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

const MB = 1 << 20;

inBrowsers("a channel that is closed in mid-transfer", {}, (test) => {
  for (const [what, owner] of [
    ["the connection", null],
    ["its data channel", "dataChannel"],
    ["its RTCPeerConnection", "peerConnection"],
  ]) {
    test(`the far side closes ${what}: what came is whole, the rest is told`, async ({ page }) => {
      const seen = await page.run(async (owner) => {
        const { out, in: incoming } = await e2e.pair({ reliable: true });
        const got = [];
        incoming.on("data", (data) => {
          got.push(new Uint32Array(data)[0]);
          if (got.length === 3) (incoming[owner] ?? incoming).close();
        });
        const events = e2e.record(out, ["error", "close"]);
        let told;
        out.on("error", ({ message }) => {
          told = message;
        });
        const closed = e2e.next(out, "close");
        for (let i = 0; i < 64; i++) out.send(new Uint32Array(1 << 18).fill(i).buffer);
        await closed;
        return { events, told, got };
      }, owner);
      // Some that had come already may still be told of.
      assert.deepEqual(
        seen.got,
        seen.got.map((_, i) => i),
      );
      assert.deepEqual(seen.events, ["error send-failed", "close"]);
      const [, messages, bytes] =
        /^(\d+) messages and (\d+) bytes were not sent\.$/.exec(seen.told) ?? [];
      assert.ok(messages > 40 && Number(messages) + seen.got.length <= 64, seen.told);
      assert.ok(bytes >= 0 && bytes <= 3 << 20, seen.told);
    });
  }

  test("this side closes it: that was its own wish", async ({ page }) => {
    const events = await page.run(async () => {
      const { out, in: incoming } = await e2e.pair({ reliable: true });
      const events = e2e.record(out, ["error", "close"]);
      const closed = e2e.next(incoming, "close");
      for (let i = 0; i < 64; i++) out.send(new ArrayBuffer(1 << 20));
      out.close();
      await closed;
      return events;
    });
    assert.deepEqual(events, ["close"]);
  });
});

// PeerJS loses what is raw, and is never told.
inBrowsers("64 MB and close({flush: true}) at once", {}, (test) => {
  for (const [how, count, options] of [
    ["in one message", 1, {}],
    ["in 64 messages", 64, { reliable: true }],
    ["in 1,024 raw frames", 1024, { serialization: "raw" }],
  ]) {
    test(`${how}: all of it arrives, then both ends close`, async ({ page }) => {
      const seen = await page.runFor(
        60_000,
        async (count, size, options) => {
          const { out, in: incoming } = await e2e.pair(options);
          let [bytes, sum] = [0, 0];
          incoming.on("data", (data) => {
            bytes += data.byteLength;
            sum += new Uint8Array(data).at(-1);
          });
          const errors = [out, incoming].map((end) => e2e.record(end, ["error"]));
          const closed = [out, incoming].map((end) => e2e.next(end, "close"));
          for (let i = 0; i < count; i++) out.send(new Uint8Array(size).fill(i).buffer);
          out.close({ flush: true });
          await Promise.all(closed);
          return { bytes, sum, errors };
        },
        count,
        (64 * MB) / count,
        options,
      );
      const sum = Array.from({ length: count }, (_, i) => i & 255).reduce((a, b) => a + b);
      assert.deepEqual(seen, { bytes: 64 * MB, sum, errors: [[], []] });
    });
  }

  test("it dies on the way: send-failed says that something was not sent", async ({ page }) => {
    const seen = await page.run(async () => {
      const { out, in: incoming } = await e2e.pair({ reliable: true });
      const events = e2e.record(out, ["error", "close"]);
      let told;
      out.on("error", ({ message }) => {
        told = message;
      });
      incoming.once("data", () => incoming.close());
      const closed = e2e.next(out, "close");
      for (let i = 0; i < 64; i++) out.send(new ArrayBuffer(1 << 20));
      out.close({ flush: true });
      await closed;
      return { events, told };
    });
    assert.deepEqual(seen.events, ["error send-failed", "close"]);
    assert.match(seen.told, /^\d+ messages and \d+ bytes were not sent\.$/);
  });
});

inBrowsers("a page that nobody sees", {}, (test, browserName) => {
  /** 16 MB from one page to another; `between` happens when they are under way. */
  async function transfer({ page, open, site, peerServer }, between) {
    const far = await open(site.blank(["ours"], peerServer));
    const id = await far.run(async () => {
      const peer = await e2e.openPeer("ours");
      e2e.got = [];
      const all = new Promise((resolve) => {
        peer.on("connection", (conn) => {
          conn.on("data", (data) => e2e.got.push(new Uint32Array(data)[0]) === 256 && resolve());
        });
      });
      e2e.all = e2e.awaited("256 messages", all);
      return peer.id;
    });
    await page.run(async (id) => {
      const conn = (await e2e.openPeer("ours")).connect(id, { reliable: true });
      await e2e.next(conn, "open");
      for (let i = 0; i < 256; i++) conn.send(new Uint32Array(1 << 14).fill(i).buffer);
    }, id);
    await between(far);
    const got = await far.runFor(60_000, () => e2e.all.then(() => e2e.got));
    assert.deepEqual(
      got,
      got.map((_, i) => i),
    );
  }

  test("is behind another: everything arrives in order", (world) =>
    transfer(world, async () => {
      const front = await world.open("about:blank");
      await front.activate();
    }));

  if (browserName !== "chromium") return;

  test("is frozen for a while: everything arrives in order", (world) =>
    transfer(world, async (far) => {
      await far.cdp("Page.setWebLifecycleState", { state: "frozen" });
      await world.page.run(() => e2e.pair().then(() => {}));
      await far.cdp("Page.setWebLifecycleState", { state: "active" });
    }));

  test("has a twentieth of the processor: everything arrives in order", (world) =>
    transfer(world, async (far) => {
      await far.cdp("Emulation.setCPUThrottlingRate", { rate: 20 });
    }));
});

inBrowsers("two peers that connect to each other at the same moment", {}, (test) => {
  test("20 times: two connections each time, which are not confused", async ({ page }) => {
    const seen = await page.runFor(60_000, async () => {
      const [near, far] = await Promise.all([e2e.openPeer("ours", "n"), e2e.openPeer("ours", "f")]);
      const rounds = [];
      for (let round = 0; round < 20; round++) {
        const arrivals = [e2e.next(near, "connection"), e2e.next(far, "connection")];
        const own = [near.connect("f"), far.connect("n")];
        const [toNear, toFar] = await Promise.all(arrivals);
        const ends = [...own, toFar, toNear];
        await Promise.all(ends.map((end) => end.open || e2e.next(end, "open")));
        const said = ends.map((end) => e2e.inbox(end).take());
        for (const [i, end] of ends.entries()) end.send(i);
        const closed = [toNear, toFar].map((end) => e2e.next(end, "close"));
        const got = await Promise.all(said);
        const count = [near, far].map((peer) => Object.values(peer.connections).flat().length);
        for (const conn of own) conn.close();
        await Promise.all(closed);
        rounds.push(JSON.stringify({ got, count }));
      }
      return [...new Set(rounds)];
    });
    assert.deepEqual(seen, ['{"got":[2,3,0,1],"count":[2,2]}']);
  });
});
