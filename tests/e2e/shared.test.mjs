// Connections and calls that share one RTCPeerConnection.

import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

const world = { libs: ["ours", "peerjs"], scripts: ["calls", "shared"] };

inBrowsers("conn.connect()", world, (test) => {
  test("opens connections of every kind over the same RTCPeerConnection, each with its own order", async ({
    page,
  }) => {
    const seen = await page.run(async () => {
      const pair = await e2e.pair({ reliable: true });
      const { pc, ends, offered } = await shared.four(pair);
      const arrivals = ends.map(({ in: far }) => e2e.inbox(far));
      for (let n = 0; n < 50; n++) for (const { out } of ends) out.send(shared.value(out, n));
      const arrived = await Promise.all(arrivals.map((inbox) => inbox.many(50)));
      const inOrder = arrived.map((values) =>
        values.every((value, n) => shared.number(value) === n),
      );
      const back = ends.map(({ out }) => e2e.inbox(out).take());
      for (const end of ends) end.in.send(shared.value(end.in, 7));
      return {
        same: ends.map(({ out }) => out.peerConnection === pc),
        offered,
        inOrder,
        back: (await Promise.all(back)).map(shared.number),
        channels: ends.map(({ in: { dataChannel } }) => [
          dataChannel.ordered,
          dataChannel.maxRetransmits,
          dataChannel.label,
        ]),
        listed: pair.near.connections[pair.far.id].length,
      };
    });
    assert.deepEqual(seen, {
      same: [true, true, true, true],
      offered: [
        ["binary", "chat", { a: 1 }, true],
        ["json", "state", null, true],
        ["raw", "positions", null, false],
        ["binary-utf8", "log", [1], false],
      ],
      inOrder: [true, true, true, true],
      back: [7, 7, 7, 7],
      channels: [
        [true, null, "chat"],
        [true, null, "state"],
        [true, 3, "positions"],
        [true, 0, "log"],
      ],
      listed: 5,
    });
  });
});

inBrowsers("conn.call()", world, (test) => {
  test("over a data connection, and back: pictures move, and the call has its own metadata", async ({
    page,
  }) => {
    const seen = await page.run(async () => {
      const { near, far, out, in: remote } = await e2e.pair();
      const outgoing = await shared.call(out, far, ["video"], ["video", "audio"], {
        metadata: { why: "hello" },
      });
      const incoming = await shared.call(remote, near, ["video"], []);
      const plays = [
        await calls.seen(outgoing.in, "video"),
        await calls.seen(outgoing.out, "video", "audio"),
        await calls.seen(incoming.in, "video"),
      ];
      const all = [outgoing.out, incoming.in];
      return {
        plays,
        metadata: outgoing.in.metadata,
        types: all.map((call) => [call.type, call.open, call.state]),
        same: all.map((call) => call.peerConnection === out.peerConnection),
        streams: [outgoing.out, outgoing.in, incoming.out, incoming.in].map((call) => [
          call.localStreams.length,
          call.remoteStreams.length,
        ]),
        none: incoming.out.remoteStream ?? null,
      };
    });
    assert.deepEqual(seen, {
      plays: [["video"], ["audio", "video"], ["video"]],
      metadata: { why: "hello" },
      types: [
        ["media", true, "open"],
        ["media", true, "open"],
      ],
      same: [true, true],
      streams: [
        [1, 1],
        [1, 1],
        [1, 0],
        [0, 1],
      ],
      none: null,
    });
  });

  test("by both ends at once, with the same streams in both calls", async ({ page }) => {
    const seen = await page.run(async () => {
      const { near, far, out, in: remote } = await e2e.pair();
      const own = [await calls.capture("video"), await calls.capture("video")];
      const [one, two] = await Promise.all([
        shared.ring(out, far, own[0]),
        shared.ring(remote, near, own[1]),
      ]);
      one.in.answer(own[1]);
      two.in.answer(own[0]);
      return Promise.all(
        [one.out, one.in, two.out, two.in].map((call) => calls.seen(call, "video")),
      );
    });
    assert.deepEqual(seen, [["video"], ["video"], ["video"], ["video"]]);
  });

  test("takes further streams, and each call has its own", async ({ page }) => {
    const seen = await page.run(async () => {
      const { far, out } = await e2e.pair();
      const one = await shared.call(out, far, ["video"], ["video"]);
      const two = await shared.call(out, far, ["audio"], []);
      await Promise.all([calls.seen(one.in, "video"), calls.seen(two.in, "audio")]);
      const told = e2e.record(two.in, ["stream"]);
      const screen = await calls.capture("video");
      const metadata = [];
      one.in.on("stream", (...values) => metadata.push(values[1]));
      const arrival = e2e.next(one.in, "stream");
      one.out.addStream(screen, { metadata: "a screen" });
      const played = await calls.play(await arrival, one.in.peerConnection, ["video"]);
      const counts = () => [one, two].map((call) => call.out.localStreams.length);
      const before = counts();
      const foreign = e2e.thrown(() => two.out.removeStream(screen)).name;
      const removal = e2e.next(one.in, "streamremoved");
      one.out.removeStream(screen);
      await removal;
      return { told, metadata, played, before, foreign, after: counts() };
    });
    assert.deepEqual(seen, {
      told: [],
      metadata: ["a screen"],
      played: ["video"],
      before: [2, 1],
      foreign: "TypeError",
      after: [1, 1],
    });
  });

  test("that is declined, or hung up before it is answered, is closed at both ends", async ({
    page,
  }) => {
    const seen = await page.run(async () => {
      const { far, out, in: remote } = await e2e.pair();
      const events = [];
      for (const end of ["in", "out"]) {
        const call = await shared.ring(out, far, await calls.capture("video"));
        const told = [call.out, call.in].map((each) => e2e.record(each, ["error", "close"]));
        const closed = [call.out, call.in].map((each) => e2e.next(each, "close"));
        call[end].close();
        await Promise.all(closed);
        events.push(told);
      }
      const arriving = e2e.inbox(remote);
      out.send("still here");
      const senders = out.peerConnection.getSenders().length;
      return { events, message: await arriving.take(), senders };
    });
    assert.deepEqual(seen, {
      events: [
        [["close"], ["close"]],
        [["close"], ["close"]],
      ],
      message: "still here",
      senders: 0,
    });
  });
});

inBrowsers("a connection that is shared", world, (test) => {
  test("closes only itself, and the last one closes the RTCPeerConnection", async ({ page }) => {
    const seen = await page.run(async () => {
      const pair = await e2e.pair({ reliable: true });
      const { out, in: remote, far } = pair;
      const { ends } = await shared.four(pair);
      const call = await shared.call(out, far, ["video"], ["video"]);
      await calls.seen(call.in, "video");
      const pcs = [out.peerConnection, remote.peerConnection];
      const states = [];
      const close = async (end, closing) => {
        const closed = [end.out, end.in].map((each) => e2e.next(each, "close"));
        closing.close();
        await Promise.all(closed);
        states.push(pcs.map((pc) => pc.connectionState === "closed").join());
      };
      await close({ out, in: remote }, out);
      for (const end of ends.slice(0, 3)) {
        await close(end, end.in);
        const arriving = e2e.inbox(ends[3].in);
        ends[3].out.send({ n: states.length });
        await arriving.take();
      }
      await calls.seen(call.in, "video");
      await close(call, call.in);
      const over = pcs.map(
        (pc) =>
          new Promise((resolve) => {
            const look = () => (pc.connectionState === "closed" ? resolve() : setTimeout(look, 20));
            look();
          }),
      );
      await close(ends[3], ends[3].out);
      await e2e.awaited("the end of both RTCPeerConnections", Promise.all(over));
      return { states: states.slice(0, 5), listed: pair.near.connections[far.id].length };
    });
    assert.deepEqual(seen, { states: Array(5).fill("false,false"), listed: 0 });
  });

  test("needs no server: that is gone, and a call and connections open all the same", async ({
    page,
  }) => {
    const seen = await page.run(async () => {
      const { near, far, in: remote } = await e2e.pair();
      near.disconnect();
      far.disconnect();
      const call = await shared.call(remote, near, ["video"], ["video"]);
      await Promise.all([calls.seen(call.in, "video"), calls.seen(call.out, "video")]);
      const data = await shared.connect(call.out, near, { serialization: "json" });
      const arriving = e2e.inbox(data.in);
      data.out.send({ over: "a call" });
      return {
        got: await arriving.take(),
        same: data.out.peerConnection === remote.peerConnection,
      };
    });
    assert.deepEqual(seen, { got: { over: "a call" }, same: true });
  });

  test("is opened by both ends at once, 20 times, and closed by both", async ({ page }) => {
    const seen = await page.run(async () => {
      const { near, far, out, in: remote } = await e2e.pair();
      const numbers = [];
      for (let round = 0; round < 20; round++) {
        const both = await Promise.all([
          shared.connect(out, far, { label: `near ${round}` }, (conn) => conn.label[0] === "n"),
          shared.connect(remote, near, { label: `far ${round}` }, (conn) => conn.label[0] === "f"),
        ]);
        const arriving = both.map((end) => e2e.inbox(end.in).take());
        for (const [i, end] of both.entries()) end.out.send(i);
        numbers.push(...(await Promise.all(arriving)));
        const closed = both.flatMap((end) => [
          e2e.next(end.out, "close"),
          e2e.next(end.in, "close"),
        ]);
        for (const end of both) for (const each of [end.out, end.in]) each.close();
        await Promise.all(closed);
      }
      return numbers.join("");
    });
    assert.equal(seen, "01".repeat(20));
  });

  test("outlives its carrier that is closed at once, before the remote knows of it", async ({
    page,
  }) => {
    const seen = await page.run(async () => {
      const { far, out, in: remote } = await e2e.pair();
      const arrival = e2e.next(far, "connection");
      const ended = [out, remote].map((each) => e2e.next(each, "close"));
      const conn = out.connect();
      out.close();
      await Promise.all([...ended, e2e.next(conn, "open")]);
      const arriving = e2e.inbox(await arrival);
      conn.send("alive");
      return arriving.take();
    });
    assert.equal(seen, "alive");
  });

  test("carries as many as the limit says, and then throws", async ({ page }) => {
    const seen = await page.run(async () => {
      const { far, out } = await e2e.pair();
      for (let i = 0; i < 32; i++) await shared.connect(out, far);
      const full = e2e.thrown(() => out.connect());
      const [first] = far.connections[out.provider.id].slice(-1);
      const closed = e2e.next(first, "close");
      first.close();
      await closed;
      while (e2e.thrown(() => out.connect()))
        await new Promise((resolve) => setTimeout(resolve, 20));
      return full.message;
    });
    assert.match(seen, /^connect: no more connections/);
  });

  test("ends at both ends with its peer, answered or not", async ({ page }) => {
    const seen = await page.run(async () => {
      const { near, far, out, in: remote } = await e2e.pair();
      const data = await shared.connect(out, far);
      const call = await shared.call(remote, near, ["video"], []);
      const ringing = await shared.ring(out, far, await calls.capture("video"));
      const ends = [[out, remote], ...[data, call, ringing].map((end) => [end.out, end.in])].flat();
      const told = ends.map((end) => e2e.record(end, ["error", "close"]));
      const closed = ends.map((end) => e2e.next(end, "close"));
      near.destroy();
      await Promise.all(closed);
      return { told, states: ends.map((end) => end.state) };
    });
    assert.deepEqual(seen, { told: Array(8).fill(["close"]), states: Array(8).fill("closed") });
  });

  test("with too much metadata is an error, and so is one before it is open", async ({ page }) => {
    const seen = await page.run(async () => {
      const { near, out } = await e2e.pair();
      const conn = out.connect({ metadata: "x".repeat(20_000) });
      const told = e2e.record(conn, ["error", "close"]);
      await e2e.next(conn, "close");
      const unopened = near.connect("nobody");
      const types = [];
      for (const act of [() => unopened.connect(), () => unopened.call()]) {
        try {
          act();
        } catch (error) {
          types.push(error.type);
        }
      }
      return { told, types };
    });
    assert.deepEqual(seen, {
      told: ["error negotiation-failed", "close"],
      types: ["not-open-yet", "not-open-yet"],
    });
  });

  test("to PeerJS is an ordinary one", async ({ page }) => {
    const seen = await page.run(async () => {
      const { far, out } = await e2e.pair({ to: "peerjs" });
      const data = await shared.connect(out, far, { serialization: "json" });
      const arriving = e2e.inbox(data.in);
      data.out.send({ it: "arrives" });
      const call = await shared.ring(out, far, await calls.capture("video"));
      call.in.answer();
      return {
        got: await arriving.take(),
        played: await calls.seen(call.in, "video"),
        own: [data.out, call.out].map((each) => each.peerConnection !== out.peerConnection),
      };
    });
    assert.deepEqual(seen, { got: { it: "arrives" }, played: ["video"], own: [true, true] });
  });
});
