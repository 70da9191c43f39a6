// What an application sees of a connection: which arguments events have, `close` of a call that was not answered, what
// becomes of messages without a `data` listener, −0. PeerJS fails all but those that say so.

import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

const world = { libs: ["ours", "peerjs"], scripts: ["calls"] };
/** What js/connection.js keeps while there is no listener. */
const KEPT = 1024;

// PeerJS passes those of the Peer and of data.
inBrowsers("events have the arguments that are documented, and no more", world, (test) => {
  test("of a Peer: open, disconnected, close, connection", async ({ page }) => {
    const seen = await page.run(async () => {
      const far = await e2e.openPeer("ours", "far");
      const near = e2e.makePeer("ours", "near");
      const told = [];
      for (const event of ["open", "disconnected", "close"]) {
        near.on(event, (...values) => told.push([event, ...values]));
      }
      far.on("connection", (...values) => told.push(["connection", values.length]));
      await e2e.next(near, "open");
      await e2e.link(near, far);
      await e2e.link(near, far, { metadata: { any: "thing" } });
      near.destroy();
      return told;
    });
    assert.deepEqual(seen, [
      ["open", "near"],
      ["connection", 1],
      // Ours: the metadata.
      ["connection", 2],
      ["disconnected", "near"],
      ["close"],
    ]);
  });

  test("of a connection: open, data, close; of a call: willCloseOnRemote, stream, close", async ({
    page,
  }) => {
    const seen = await page.run(async () => {
      const { out, in: incoming } = await e2e.pair();
      const told = [];
      const note = (emitter, events) => {
        for (const event of events) emitter.on(event, (...it) => told.push([event, it.length]));
      };
      note(incoming, ["data", "close"]);
      out.send("x");
      await e2e.next(incoming, "data");
      out.close();
      await e2e.next(incoming, "close");
      const call = await calls.pair();
      note(call.out, ["stream", "willCloseOnRemote", "close"]);
      const ready = ["stream", "willCloseOnRemote"].map((event) => e2e.next(call.out, event));
      call.in.answer(await calls.capture("video"));
      await Promise.all(ready);
      call.out.close();
      return told.sort();
    });
    assert.deepEqual(seen, [
      ["close", 0],
      ["close", 0],
      ["data", 1],
      ["stream", 1],
      ["willCloseOnRemote", 0],
    ]);
  });
});

inBrowsers("close() of a call that was not answered emits close", world, (test) => {
  for (const end of ["out", "in"]) {
    test(`once, on the ${end}going end that closes it`, async ({ page }) => {
      const told = await page.run(async (end) => {
        const call = await calls.pair();
        const events = ["out", "in"].map((each) => e2e.record(call[each], ["close", "error"]));
        const other = e2e.next(call[end === "out" ? "in" : "out"], "close");
        call[end].close();
        call[end].close();
        const atOnce = [...events[end === "out" ? 0 : 1]];
        await other;
        return [atOnce, ...events];
      }, end);
      assert.deepEqual(told, [["close"], ["close"], ["close"]]);
    });
  }
});

inBrowsers("−0", world, (test) => {
  // PeerJS writes 0 for it, and its decoder reads the float −0 as another number.
  for (const [from, to, same] of [
    ["ours", "ours", true],
    ["ours", "peerjs", false],
    ["peerjs", "ours", false],
  ]) {
    test(`${from} → ${to}: ${same ? "arrives as −0" : "arrives as 0"}, alone and in an array`, async ({
      page,
    }) => {
      const zeros = await page.run(
        async (from, to) => {
          const { out, in: incoming } = await e2e.pair({ from, to, reliable: true });
          const inbox = e2e.inbox(incoming);
          const frame = e2e.nextDom(incoming.dataChannel, "message");
          out.send(-0);
          const { data } = await frame;
          out.send({ all: [-0, 0, 1.5] });
          const [alone, { all }] = await inbox.many(2);
          const is = (value) => Object.is(value, -0);
          return { bytes: [...new Uint8Array(data)], alone: is(alone), all: all.map(is) };
        },
        from,
        to,
      );
      const bytes = same ? [0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0] : [0];
      assert.deepEqual(zeros, { bytes, alone: same, all: [same, false, false] });
    });
  }
});

inBrowsers("without a `data` listener", world, (test) => {
  const receive = async (page, send) =>
    page.runFor(
      60_000,
      async (source) => {
        const { out, in: incoming } = await e2e.pair({ reliable: true });
        const errors = e2e.record(incoming, ["error", "close"]);
        // biome-ignore lint/security/noGlobalEval: a function does not travel as JSON
        await eval(source)(out, incoming);
        const before = [...errors];
        const got = [];
        const after = new Promise((resolve) => {
          incoming.on("data", (data) => (data === "after" ? resolve() : got.push(data)));
        });
        // What was kept is delivered in a microtask; a message that comes then is not lost.
        out.send({ pieces: new Uint8Array(3 << 20) });
        out.send("after");
        await after;
        const sizes = got.map((each) => each.pieces?.byteLength ?? each);
        return { before, sizes, errors };
      },
      String(send),
    );

  test("messages in pieces: what is beyond the limit is lost whole, and said once", async ({
    page,
  }) => {
    const seen = await receive(page, async (out, incoming) => {
      const lost = e2e.next(incoming, "error");
      // 16 MB each: the first counts for nothing, four more are 64 MB, the sixth is too much.
      for (let i = 0; i < 8; i++) out.send({ pieces: new Uint8Array((16 << 20) - 64_000) });
      await lost;
    });
    assert.deepEqual(seen.before, ["error unread"]);
    assert.deepEqual(seen.errors, ["error unread"]);
    const whole = (16 << 20) - 64_000;
    assert.deepEqual(seen.sizes.slice(0, 5), Array(5).fill(whole));
    // Those that were on their way when the listener came.
    for (const size of seen.sizes.slice(5, -1)) assert.equal(size, whole);
    assert.equal(seen.sizes.at(-1), 3 << 20);
  });

  test(`${KEPT} small ones are kept, then no more: it is said once`, async ({ page }) => {
    const seen = await receive(page, async (out, incoming) => {
      const lost = e2e.next(incoming, "error");
      for (let i = 0; i < 1030; i++) out.send(i);
      await lost;
    });
    assert.deepEqual([seen.before, seen.errors], [["error unread"], ["error unread"]]);
    const kept = seen.sizes.filter((each) => each < 1030);
    assert.deepEqual(kept.slice(0, KEPT), [...Array(KEPT).keys()]);
    assert.equal(seen.sizes.at(-1), 3 << 20);
  });
});
