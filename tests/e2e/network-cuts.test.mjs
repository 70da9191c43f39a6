// The network between two browsers is cut: for a moment, and nothing is lost; for longer, and both ends
// are told in time. Browsers take their time to give up, so that all tests run at once.

import assert from "node:assert/strict";
import { test as nodeTest } from "node:test";
import { connect, has, PATIENCE, send } from "./harness/cuts.mjs";
import { atOnce } from "./harness/suite.mjs";

/** What docs/promises.md states, in seconds of a page that is given the time to run. Browsers decide it. */
const STATED = 45;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** How both ends end, and in how many seconds from now. */
const ends = (pages) =>
  Promise.all(
    pages.map((page) =>
      page.runFor(PATIENCE, async () => {
        const stop = e2e.stopwatch();
        await e2e.closed;
        return { events: e2e.events, seconds: stop() };
      }),
    ),
  );

const report = [];

atOnce("the network between two browsers", { scripts: ["faults"] }, (test, name) => {
  test("is cut for 3 s: nothing is lost on a reliable channel, the connection lives", async (world) => {
    const { relay, near, far, cut } = await connect(world);
    await cut();
    await send(near, 500);
    await sleep(3_000);
    await send(near, 500);
    relay.mend();
    await has(far, 1_100);
    const [{ got, events }, nearEvents] = await Promise.all([
      far.run(() => ({ got: e2e.got, events: e2e.events })),
      near.run(() => e2e.events),
    ]);
    assert.deepEqual(
      got,
      got.map((_, i) => i),
    );
    assert.deepEqual([events, nearEvents], [[], []]);
  });

  test("is cut for 20 s: it goes on without loss, or both ends are told", async (world) => {
    const { relay, near, far, cut } = await connect(world);
    await cut();
    await send(near, 500);
    await sleep(20_000);
    relay.mend();
    const lived = has(far, 600).then(() => "lives");
    lived.catch(() => {}); // it was closed, as the other says
    const outcome = await Promise.race([lived, ends([near, far])]);
    const got = await far.run(() => e2e.got);
    assert.deepEqual(
      got,
      got.map((_, i) => i),
      "a hole",
    );
    report.push(`${name}, 20 s: ${JSON.stringify(outcome)}`);
    if (outcome === "lives") return;
    for (const { events, seconds } of outcome) {
      assert.equal(events[0], "error connection-closed");
      assert.equal(events.at(-1), "close");
      assert.ok(seconds < STATED, `after ${seconds} s`);
    }
  });

  // PeerJS says it once, and never again.
  test("is cut while one end closes: the other is told nevertheless", async (world) => {
    const { relay, near, far, cut } = await connect(world);
    await cut();
    await near.run(() => e2e.conn.close());
    await sleep(2_000);
    relay.mend();
    const [nearEnd, farEnd] = await ends([near, far]);
    assert.deepEqual([nearEnd.events, farEnd.events], [["close"], ["close"]]);
  });

  test("is cut for ever when one end closes: its RTCPeerConnection is closed all the same", async (world) => {
    const { near, cut } = await connect(world);
    await cut();
    const seconds = await near.runFor(PATIENCE, async () => {
      const pc = e2e.conn.peerConnection;
      const closed = new Promise((resolve) => {
        pc.close = () => resolve(RTCPeerConnection.prototype.close.call(pc));
      });
      const stop = e2e.stopwatch();
      e2e.conn.close();
      await closed;
      return stop();
    });
    assert.ok(seconds < STATED, `after ${seconds} s`);
  });

  // PeerJS never tells either of them.
  test("is cut for ever: connection-closed, what was not sent, and close on both ends", async (world) => {
    const { near, far, cut } = await connect(world);
    await cut();
    // More than goes on its way without an answer.
    await near.run(() => e2e.conn.send(new ArrayBuffer(4 << 20)));
    const outcome = await ends([near, far]);
    report.push(`${name}, for ever: ${JSON.stringify(outcome)}`);
    const [nearEnd, farEnd] = outcome;
    assert.deepEqual(nearEnd.events, ["error connection-closed", "error send-failed", "close"]);
    assert.deepEqual(farEnd.events, ["error connection-closed", "close"]);
    for (const { seconds } of outcome) assert.ok(seconds < STATED, `after ${seconds} s`);
  });
});

nodeTest("how long it took", () => {
  for (const line of report) console.log(`# ${line}`);
});
