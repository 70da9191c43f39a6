// Frames that the server loses, doubles, reorders, delays or brings up again from an old session: the
// connection opens, or fails with a typed error on whoever knows of it, and never is there a second one.

import assert from "node:assert/strict";
import { startProxy } from "./harness/proxy.mjs";
import { signalAs } from "./harness/servers.mjs";
import { atOnce, inBrowsers } from "./harness/suite.mjs";

const world = { scripts: ["faults"] };

/** Two peers, "near" and "far", on a server that does to frames what `rule` says. */
async function meet({ page, peerServer, keep }, rule) {
  const proxy = await keep(startProxy(peerServer, rule));
  const ids = await page.run(async (options) => {
    const [near, far] = await Promise.all(
      [1, 2].map(() => e2e.openPeer("ours", undefined, options)),
    );
    Object.assign(e2e, { near, far, arrived: [] });
    e2e.arrivals = [];
    far.on("connection", (conn) => {
      e2e.arrivals.push(conn);
      e2e.arrived.push(e2e.record(conn, ["open", "error", "close"]));
    });
    return [near.id, far.id];
  }, proxy.options);
  return { proxy, near: ids[0], far: ids[1] };
}

/** Connects; resolves when both ends are open, with what both ends have seen when more had time to come. */
const opens = (page) =>
  page.run(async () => {
    const { near, far } = e2e;
    const [out, incoming] = await e2e.link(near, far);
    const events = [out, incoming].map((conn) => e2e.record(conn, ["open", "error", "close"]));
    const inbox = e2e.inbox(incoming);
    out.send("through");
    const got = await inbox.take();
    // Whatever was sent before this has come by now: the server keeps the order.
    const [second] = await e2e.link(near, far);
    second.close();
    return { got, events, arrived: e2e.arrivals.length, open: [out.open, incoming.open] };
  });

const OPENED = { got: "through", events: [[], []], arrived: 2, open: [true, true] };

/** Each frame of `types` twice. */
const twice = (types) => (frame, pass) => {
  pass(frame);
  if (types.includes(frame.type)) pass(frame);
};

/**
 * A rule that holds frames of `type` back until all candidates of whoever sent it have overtaken it, and
 * loses those of the other side, so that there is no other way to a path.
 */
function overtaken(type) {
  const held = [];
  let [sender, passed] = [undefined, 0];
  return {
    rule(frame, pass, id) {
      if (frame.type === type) {
        sender = id;
        held.push(() => pass(frame));
      } else if (!frame.payload?.candidate?.candidate) {
        pass(frame);
      } else if (sender === id) {
        pass(frame);
        passed++;
      }
    },
    async release(candidates) {
      while (passed < candidates) await new Promise((resolve) => setImmediate(resolve));
      for (const go of held) go();
    },
  };
}

inBrowsers("frames that come twice", world, (test) => {
  for (const types of [
    ["OFFER"],
    ["ANSWER"],
    ["CANDIDATE"],
    ["OFFER", "ANSWER", "CANDIDATE", "HEARTBEAT", "LEAVE"],
  ]) {
    test(`${types.join(", ")}: one connection, open on both ends`, async (world) => {
      await meet(world, twice(types));
      assert.deepEqual(await opens(world.page), OPENED);
    });
  }
});

inBrowsers("frames out of order", world, (test) => {
  // PeerJS passes the first.
  for (const [type, whose] of [
    ["OFFER", "near"],
    ["ANSWER", "far"],
  ]) {
    test(`all candidates overtake the ${type}`, async (world) => {
      const { page } = world;
      const { rule, release } = overtaken(type);
      await meet(world, rule);
      const candidates = await page.run(async (whose) => {
        e2e.linked = e2e.link(e2e.near, e2e.far);
        const its =
          whose === "near"
            ? e2e.near.connections[e2e.far.id][0]
            : await e2e.next(e2e.far, "connection");
        let count = 0;
        const gathered = new Promise((resolve) => {
          its.peerConnection.addEventListener("icecandidate", ({ candidate }) => {
            if (candidate?.candidate) count++;
            else if (!candidate) resolve();
          });
        });
        await e2e.awaited("all candidates", gathered);
        return count;
      }, whose);
      assert.ok(candidates > 0);
      await release(candidates);
      assert.deepEqual(await page.run(async () => (await e2e.linked).map(({ open }) => open)), [
        true,
        true,
      ]);
    });
  }

  test("everything is late", async (world) => {
    let last = Promise.resolve();
    // The answer to each frame is what lets the next one go.
    const late = (frame, pass) => {
      last = last
        .then(() => new Promise((resolve) => setTimeout(resolve, 40)))
        .then(() => pass(frame));
    };
    await meet(world, late);
    assert.deepEqual(await opens(world.page), OPENED);
  });
});

inBrowsers("frames of an old session", world, (test) => {
  test("come to nothing while the connection is open, and after it", async (world) => {
    const { page } = world;
    const frames = [];
    const { proxy, near, far } = await meet(world, (frame, pass, id) => {
      if (frame.payload && frame.dst !== id) frames.push({ ...frame, src: id });
      pass(frame);
    });
    const ours = ({ src, dst }) => [near, far].includes(src) && [near, far].includes(dst);
    await page.run(async () => {
      [e2e.out, e2e.in] = await e2e.link(e2e.near, e2e.far);
      e2e.events = [e2e.out, e2e.in].map((conn) => e2e.record(conn, ["open", "error", "close"]));
      e2e.calls = e2e.record(e2e.near, ["connection", "call", "error"]);
    });
    const replay = () => {
      for (const frame of frames.filter(ours)) proxy.say(frame.dst, frame);
    };
    const settle = () =>
      page.run(async () => {
        // What is said to a page comes before what it hears of this.
        const [other] = await e2e.link(await e2e.openPeer("ours"), e2e.near);
        const [another] = await e2e.link(await e2e.openPeer("ours"), e2e.far);
        other.close();
        another.close();
        return {
          events: e2e.events,
          open: [e2e.out.open, e2e.in.open],
          arrived: e2e.arrivals.length,
        };
      });
    assert.ok(
      frames.some(({ type }) => type === "OFFER") && frames.some(({ dst }) => dst === near),
    );
    replay();
    assert.deepEqual(await settle(), { events: [[], []], open: [true, true], arrived: 2 });
    await page.run(async () => {
      const closed = e2e.next(e2e.in, "close");
      e2e.out.close();
      await closed;
    });
    replay();
    const after = await settle();
    assert.deepEqual(after, { events: [["close"], ["close"]], open: [false, false], arrived: 3 });
    const left = await page.run((far) => (e2e.near.connections[far] ?? []).length, far);
    assert.equal(left, 0);
  });
});

// PeerJS: none of them ever ends.
atOnce("frames that are lost", world, (test) => {
  const PATIENCE = 90_000;
  /** In seconds of a page that is given the time to run. */
  const STATED = 30;
  const SLACK = 10;
  const FAILED = ["error negotiation-failed", "close"];

  /** Connects and waits for the end of it on both ends, if the far one has heard of it. */
  const fails = (page) =>
    page.runFor(PATIENCE, async () => {
      const stop = e2e.stopwatch();
      const conn = e2e.watchConnection(e2e.near.connect(e2e.far.id), "near");
      const near = e2e.record(conn, ["open", "error", "close"]);
      await e2e.next(conn, "close");
      await Promise.all(
        e2e.arrivals.map(
          (incoming, i) => e2e.arrived[i].includes("close") || e2e.next(incoming, "close"),
        ),
      );
      const [seconds, far] = [stop(), e2e.arrived];
      const alive = [e2e.near.open, e2e.far.open];
      e2e.clear();
      return { near, far, seconds, alive, left: faults.left() };
    });

  for (const [what, isLost, farEvents] of [
    ["the offer", ({ type }) => type === "OFFER", []],
    ["the answer", ({ type }) => type === "ANSWER", [FAILED]],
    ["all candidates", ({ payload }) => payload?.candidate?.candidate, [FAILED]],
  ]) {
    test(`${what}: negotiation-failed within 30 s on each end, and nothing is left`, async (world) => {
      await meet(world, (frame, pass) => isLost(frame) || pass(frame));
      const seen = await fails(world.page);
      assert.deepEqual(seen.near, FAILED);
      assert.deepEqual(seen.far, farEvents);
      assert.deepEqual([seen.alive, seen.left], [[true, true], ""]);
      assert.ok(seen.seconds < STATED + SLACK, `after ${seen.seconds} s`);
    });
  }

  test("the candidates of one side: it opens all the same", async (world) => {
    await meet(world, (frame, pass, id) => {
      if (!frame.payload?.candidate?.candidate || id < frame.dst) pass(frame);
    });
    assert.deepEqual(
      await world.page.run(async () => (await e2e.link(e2e.near, e2e.far))[0].open),
      true,
    );
  });

  test("the answer to a call: negotiation-failed on both ends within 30 s of answering", async (world) => {
    const { page } = world;
    await meet(world, (frame, pass) => frame.type === "ANSWER" || pass(frame));
    const seen = await page.runFor(PATIENCE, async () => {
      const [near, far] = [e2e.near, e2e.far];
      const ringing = e2e.next(far, "call");
      const call = near.call(far.id);
      const events = e2e.record(call, ["stream", "error", "close"]);
      const incoming = await ringing;
      const farEvents = e2e.record(incoming, ["error", "close"]);
      const ends = [call, incoming].map((end) => e2e.next(end, "close"));
      const stop = e2e.stopwatch();
      incoming.answer();
      await Promise.all(ends);
      return { events, farEvents, seconds: stop() };
    });
    assert.deepEqual([seen.events, seen.farEvents], [FAILED, FAILED]);
    assert.ok(seen.seconds < STATED + SLACK, `after ${seen.seconds} s`);
  });

  test("a call that nobody answers rings on", async ({ page, peerServer, keep }) => {
    const callee = await keep(signalAs(peerServer, "slow"));
    await page.run(async () => {
      const peer = await e2e.openPeer("ours");
      e2e.call = peer.call("slow");
      e2e.events = e2e.record(e2e.call, ["error", "close"]);
    });
    const offer = await callee.got("OFFER");
    assert.equal(offer.payload.type, "media");
    // A data connection that is begun after it fails in its time.
    const events = await page.runFor(PATIENCE, async () => {
      const conn = e2e.call.provider.connect("slow");
      await e2e.next(conn, "close");
      return e2e.events;
    });
    assert.deepEqual(events, []);
  });
});
