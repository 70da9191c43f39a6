// How calls begin and end: declined, cancelled, hung up, never answered, answered twice.

import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

const BUILDS = [
  ["ours", "ours"],
  ["ours", "peerjs"],
  ["peerjs", "ours"],
];
const world = { libs: ["ours", "peerjs"], scripts: ["calls"] };

inBrowsers("hanging up", world, (test) => {
  for (const [from, to] of BUILDS) {
    for (const end of ["out", "in"]) {
      test(`the ${end}going end closes, ${from} → ${to}`, async ({ page }) => {
        const seen = await page.run(
          async (from, to, end) => {
            const call = await calls.connect({ from, to });
            const ends = [call.out, call.in];
            const told = ends.map((each) => e2e.record(each, ["close", "error"]));
            const closed = ends.map((each) => e2e.next(each, "close"));
            call[end].close();
            call[end].close();
            await Promise.all(closed);
            const open = ends.map((each) => each.open);
            return { told, open, left: Object.values(call.near.connections).flat().length };
          },
          from,
          to,
          end,
        );
        assert.deepEqual(seen, { told: [["close"], ["close"]], open: [false, false], left: 0 });
      });
    }
  }

  test("destroy() ends every call to the same peer", async ({ page }) => {
    const told = await page.run(async () => {
      const { near, far, out } = await calls.connect();
      const outs = [out];
      for (let i = 0; i < 3; i++) {
        const [another, incoming] = await calls.ring(near, far, await calls.capture("video"));
        const connected = e2e.next(another, "willCloseOnRemote");
        incoming.answer();
        await connected;
        outs.push(another);
      }
      const records = outs.map((each) => e2e.record(each, ["close"]));
      near.destroy();
      return records;
    });
    assert.deepEqual(told, [["close"], ["close"], ["close"], ["close"]]);
  });
});

inBrowsers("declining", world, (test) => {
  for (const from of ["ours", "peerjs"]) {
    test(`the caller sees close, and no error, ${from} → ours`, async ({ page }) => {
      const seen = await page.run(async (from) => {
        const call = await calls.pair({ from });
        const told = e2e.record(call.out, ["stream", "close", "error"]);
        const unexpected = [call.in, call.near, call.far].map((each) =>
          e2e.record(each, ["close", "error", "call"]),
        );
        const closed = e2e.next(call.out, "close");
        call.in.close();
        await closed;
        return { told, unexpected, open: call.out.open };
      }, from);
      // After a time-out there would be an error first.
      const unexpected = [["close"], [], []];
      assert.deepEqual(seen, { told: ["close"], unexpected, open: false });
    });

    test(`audio and video are declined, too, and a call that follows works, ${from} → ours`, async ({
      page,
    }) => {
      const seen = await page.run(async (from) => {
        const call = await calls.pair({ from, sends: ["audio", "video"] });
        const closed = e2e.next(call.out, "close");
        call.in.close();
        await closed;
        const stream = await calls.capture("video");
        const [out, incoming] = await calls.ring(call.near, call.far, stream);
        incoming.answer(stream);
        return Promise.all([calls.seen(out, "video"), calls.seen(incoming, "video")]);
      }, from);
      assert.deepEqual(seen, [["video"], ["video"]]);
    });
  }

  test("a call that only receives", async ({ page }) => {
    const open = await page.run(async () => {
      const call = await calls.pair({ sends: [] });
      const closed = e2e.next(call.out, "close");
      call.in.close();
      await closed;
      return call.out.open;
    });
    assert.equal(open, false);
  });

  test("at once, in the listener of `call`", async ({ page }) => {
    const open = await page.run(async () => {
      const [near, far] = await calls.peers();
      far.on("call", (call) => call.close());
      const out = near.call(far.id, await calls.capture("video"));
      await e2e.next(out, "close");
      return out.open;
    });
    assert.equal(open, false);
  });

  test("by destroy()", async ({ page }) => {
    const open = await page.run(async () => {
      const call = await calls.pair();
      const closed = e2e.next(call.out, "close");
      call.far.destroy();
      await closed;
      return call.out.open;
    });
    assert.equal(open, false);
  });

  test("a moment after answering, before there is a path", async ({ page }) => {
    const open = await page.run(async () => {
      const call = await calls.pair();
      const closed = e2e.next(call.out, "close");
      call.in.answer(await calls.capture("video"));
      call.in.close();
      await closed;
      return call.out.open;
    });
    assert.equal(open, false);
  });
});

inBrowsers("cancelling", world, (test, browserName) => {
  for (const [how, cancel] of [
    ["close()", "out.close()"],
    ["destroy()", "near.destroy()"],
  ]) {
    test(`the callee sees close, and no error, ${how}, ours → ours`, async ({ page }) => {
      const seen = await page.run(async (cancel) => {
        const call = await calls.pair();
        const told = e2e.record(call.in, ["stream", "close", "error"]);
        const closed = e2e.next(call.in, "close");
        const [whose, method] = cancel.split(/\W+/);
        call[whose][method]();
        await closed;
        return { told, left: Object.values(call.far.connections).flat() };
      }, cancel);
      assert.deepEqual([seen.told, seen.left], [["close"], []]);
    });
  }

  // Not in Firefox, which cuts a page's sockets before it tells the page that it goes.
  if (browserName === "chromium") {
    test("by leaving the page", async ({ page, site, peerServer, open }) => {
      const id = await page.run(async () => {
        const peer = await e2e.openPeer("ours");
        e2e.call = e2e.next(peer, "call");
        return peer.id;
      });
      const caller = await open(site.blank(["ours"], peerServer, ["calls"]));
      await caller.run(async (id) => {
        const near = await e2e.openPeer("ours");
        near.call(id, await calls.capture("video"));
      }, id);
      await page.run(async () => {
        e2e.closed = e2e.next(calls.watchCall(await e2e.call, "far"), "close");
      });
      await caller.goto("about:blank");
      await page.run(() => e2e.closed);
    });
  }

  // PeerJS passes this: it cannot be told, but must not break.
  test("PeerJS answers what was cancelled, and takes the next call", async ({ page }) => {
    const seen = await page.run(async () => {
      const call = await calls.pair({ to: "peerjs" });
      call.out.close();
      const errors = e2e.record(call.far, ["error"]);
      const stream = await calls.capture("video");
      call.in.answer(stream);
      const [out, incoming] = await calls.ring(call.near, call.far, stream);
      incoming.answer(stream);
      const tracks = await Promise.all([calls.seen(out, "video"), calls.seen(incoming, "video")]);
      return { tracks, errors };
    });
    assert.deepEqual(seen, { tracks: [["video"], ["video"]], errors: [] });
  });

  test("before the offer is out", async ({ page }) => {
    const seen = await page.run(async () => {
      const [near, far] = await calls.peers();
      const told = e2e.record(far, ["call"]);
      const stream = await calls.capture("video");
      near.call(far.id, stream).close();
      // The server keeps the order, so that this one rings only after the first would have.
      const [, incoming] = await calls.ring(near, far, stream, { metadata: "second" });
      return [told.length, incoming.metadata];
    });
    assert.deepEqual(seen, [1, "second"]);
  });
});

inBrowsers("answering", world, (test) => {
  for (const [title, first, second] of [
    ["twice with a stream", true, true],
    ["twice without", false, false],
    ["first without, then with a stream", false, true],
  ]) {
    test(`${title} is a no-op with a warning`, async ({ page }) => {
      const seen = await page.run(
        async (first, second) => {
          const warnings = [];
          const logFunction = (level, ...args) => warnings.push([level, args.length]);
          const peerOptions = { debug: 2, logFunction };
          const call = await calls.pair({ peerOptions });
          const streams = [await calls.capture("video"), await calls.capture("video")];
          const connected = e2e.next(call.in, "willCloseOnRemote");
          call.in.answer(first ? streams[0] : undefined);
          const pc = call.in.peerConnection;
          call.in.answer(second ? streams[1] : undefined);
          await connected;
          return {
            warnings: warnings.map(([level]) => level),
            same: pc === call.in.peerConnection,
            local: call.in.localStream === (first ? streams[0] : undefined),
            tracks: await calls.seen(call.in, "video"),
          };
        },
        first,
        second,
      );
      assert.deepEqual(seen, { warnings: [2], same: true, local: true, tracks: ["video"] });
    });
  }

  for (const [title, answered] of [
    ["a call that was declined", false],
    ["a call that was hung up", true],
  ]) {
    test(`${title} is a no-op with a warning`, async ({ page }) => {
      const seen = await page.run(async (answered) => {
        const warnings = [];
        const logFunction = (level) => warnings.push(level);
        const peerOptions = { debug: 2, logFunction };
        const call = await (answered ? calls.connect : calls.pair)({ peerOptions });
        call.in.close();
        const told = e2e.record(call.in, [...calls.EVENTS]);
        const thrown = e2e.thrown(() => call.in.answer()) ?? null;
        return { thrown, told, warnings, open: call.in.open, pc: call.in.peerConnection };
      }, answered);
      assert.deepEqual(seen, { thrown: null, told: [], warnings: [2], open: false, pc: null });
    });
  }

  test("never: it stays closed, keeps its candidates, and can be answered late", async ({
    page,
  }) => {
    const seen = await page.run(async () => {
      const call = await calls.pair();
      const gathered = call.out.peerConnection;
      if (gathered.iceGatheringState !== "complete") {
        await new Promise((resolve) => {
          gathered.addEventListener("icegatheringstatechange", () => {
            if (gathered.iceGatheringState === "complete") resolve();
          });
        });
      }
      // Rings after everything that the first call has sent.
      await calls.ring(call.near, call.far, await calls.capture("audio"));
      const open = [call.out.open, call.in.open];
      call.in.answer(await calls.capture("video"));
      const tracks = await Promise.all([
        calls.seen(call.out, "video"),
        calls.seen(call.in, "video"),
      ]);
      return { open, tracks };
    });
    assert.deepEqual(seen, { open: [false, false], tracks: [["video"], ["video"]] });
  });

  test("in the listener of `call`, at once", async ({ page }) => {
    const seen = await page.run(async () => {
      const [near, far] = await calls.peers();
      const stream = await calls.capture("video");
      far.on("call", (call) => call.answer(stream));
      const out = near.call(far.id, stream);
      return calls.seen(out, "video");
    });
    assert.deepEqual(seen, ["video"]);
  });
});

inBrowsers("calling", world, (test) => {
  test("before open", async ({ page }) => {
    const tracks = await page.run(async () => {
      const far = await e2e.openPeer("peerjs");
      const near = e2e.makePeer("ours");
      const stream = await calls.capture("video");
      const [out, incoming] = await calls.ring(near, far, stream);
      incoming.answer(stream);
      return calls.seen(out, "video");
    });
    assert.deepEqual(tracks, ["video"]);
  });

  test("oneself: a clear error of the call, then close", async ({ page }) => {
    const seen = await page.run(async () => {
      const peer = await e2e.openPeer("ours");
      const call = peer.call(peer.id, await calls.capture("video"));
      const told = e2e.record(call, ["error", "close"]);
      const failed = e2e.next(call, "error");
      await e2e.next(call, "close");
      return {
        told,
        message: (await failed).message,
        left: Object.values(peer.connections).flat(),
      };
    });
    assert.deepEqual(
      [seen.told.map((each) => each.split(" ")[0]), seen.left],
      [["error", "close"], []],
    );
    assert.match(seen.message, /itself/);
  });

  test("when disconnected: an error of the peer, and undefined", async ({ page }) => {
    const seen = await page.run(async () => {
      const peer = await e2e.openPeer("ours");
      peer.disconnect();
      const told = e2e.record(peer, ["error"]);
      const call = peer.call("someone", await calls.capture("video"));
      return [typeof call, told];
    });
    assert.deepEqual(seen, ["undefined", ["error disconnected"]]);
  });

  test("side by side with data and other calls, both ways", async ({ page }) => {
    const seen = await page.run(async () => {
      const { near, far, out: first, in: firstIn } = await calls.connect();
      const [conn, remote] = await e2e.link(near, far);
      const stream = await calls.capture("audio", "video");
      const [second, secondIn] = await calls.ring(far, near, stream);
      secondIn.answer(stream);
      await Promise.all([calls.seen(first, "video"), calls.seen(second, "audio", "video")]);
      const counts = [near, far].map((peer) => Object.values(peer.connections).flat().length);
      const inbox = e2e.inbox(remote);
      conn.send("while calls go on");
      const got = [await inbox.take()];
      const closed = e2e.next(firstIn, "close");
      first.close();
      await closed;
      conn.send("after one has ended");
      got.push(await inbox.take());
      return { counts, got, tracks: await calls.seen(secondIn, "audio", "video") };
    });
    assert.deepEqual(seen, {
      counts: [3, 3],
      got: ["while calls go on", "after one has ended"],
      tracks: ["audio", "video"],
    });
  });
});

inBrowsers(
  "calling nobody",
  { ...world, server: { expire_timeout: 1, cleanup_out_msgs: 50 } },
  (test) => {
    test("is told to the peer and to the call, which leaves the map", async ({ page }) => {
      const seen = await page.run(async () => {
        const peer = await e2e.openPeer("ours");
        const told = e2e.record(peer, ["error"]);
        const call = peer.call("nobody", await calls.capture("video"));
        const events = e2e.record(call, ["error", "close"]);
        await e2e.next(call, "close");
        return { told, events, left: Object.values(peer.connections).flat() };
      });
      assert.deepEqual(seen, {
        told: ["error peer-unavailable"],
        events: ["error peer-unavailable", "close"],
        left: [],
      });
    });
  },
);
