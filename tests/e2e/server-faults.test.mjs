// A server that is not there, goes away, comes back, falls silent, or is none: a typed error within the
// stated time, connections live on, and with the option `reconnect` the peer comes back by itself.

import assert from "node:assert/strict";
import { startProxy } from "./harness/proxy.mjs";
import { BEHAVIOURS, SLOW, startRudeServer } from "./harness/rude-server.mjs";
import { signalAs, startPeerServer, startScriptedServer } from "./harness/servers.mjs";
import { atOnce, inBrowsers } from "./harness/suite.mjs";

const world = { scripts: ["faults"] };

const FAST = { minDelay: 20, maxDelay: 100 };
const LOST = ["error network", "disconnected"];

/** A port on which nothing listens, and a PeerServer that can be started there. */
async function futureServer() {
  const server = await startPeerServer();
  await server.close();
  return { options: server.options, start: () => startPeerServer({ port: server.options.port }) };
}

inBrowsers("a server that comes back", world, (test) => {
  for (const [how, id] of [
    ["under an id of one's own", "early"],
    ["without an id", null],
  ]) {
    test(`before the peer was ever open, ${how}: it opens`, async ({ page, keep }) => {
      const server = await futureServer();
      await page.run(
        async (id, options) => {
          e2e.peer = faults.follow(id, options);
          e2e.opened = e2e.peer.until("open");
          await e2e.peer.until("disconnected");
          await e2e.peer.until("disconnected");
        },
        id,
        { ...server.options, reconnect: FAST },
      );
      await keep(server.start());
      const { events } = await page.run(() => e2e.opened);
      const failed = id ? LOST : ["error server-error", "disconnected"];
      assert.deepEqual(events.slice(0, 4), [...failed, ...failed]);
      assert.equal(events.at(-1), "open");
    });
  }

  test("when there are connections: they live on, it has its id again, others reach it", async ({
    page,
    keep,
  }) => {
    const server = await keep(startPeerServer());
    await page.run(
      async (options) => {
        const near = await e2e.openPeer("ours", "near", options);
        const far = await e2e.openPeer("ours", "far", options);
        const [out, incoming] = await e2e.link(near, far);
        Object.assign(e2e, { near, far, out, inbox: e2e.inbox(incoming) });
        e2e.events = e2e.record(near, ["open", "error", "disconnected", "close"]);
        e2e.lost = Promise.all([near, far].map((peer) => e2e.next(peer, "disconnected")));
        e2e.back = Promise.all([near, far].map((peer) => e2e.next(peer, "open")));
      },
      { ...server.options, reconnect: FAST },
    );
    await server.close();
    const alone = await page.run(async () => {
      await e2e.lost;
      e2e.out.send("without a server");
      return [await e2e.inbox.take(), e2e.out.open];
    });
    assert.deepEqual(alone, ["without a server", true]);
    await keep(startPeerServer({ port: server.options.port }));
    const seen = await page.run(async () => {
      const ids = await e2e.back;
      e2e.out.send("and still");
      const [second] = await e2e.link(e2e.far, e2e.near);
      return { ids, got: await e2e.inbox.take(), second: second.open, events: e2e.events };
    });
    assert.deepEqual([seen.ids, seen.got, seen.second], [["near", "far"], "and still", true]);
    assert.deepEqual(seen.events.slice(0, 2), LOST);
    assert.equal(seen.events.at(-1), "open");
    assert.equal(seen.events.filter((event) => event === "open").length, 1);
  });

  test("the event `disconnected` says in how long it is tried again, or that it is not", async ({
    page,
  }) => {
    const server = await futureServer();
    const waits = await page.run(
      async (options) => {
        const { peer } = faults.follow("patient", options);
        const waits = [];
        const done = new Promise((resolve) => {
          peer.on("disconnected", (_, retryIn) => {
            waits.push(retryIn ?? "never");
            if (retryIn === undefined) resolve();
          });
        });
        await e2e.awaited("the last attempt", done);
        return waits;
      },
      { ...server.options, reconnect: { retries: 3, minDelay: 40, maxDelay: 100 } },
    );
    const bounds = [
      [20, 40],
      [40, 80],
      [50, 100],
    ];
    assert.equal(waits.length, 4);
    for (const [i, [low, high]] of bounds.entries()) {
      assert.ok(low <= waits[i] && waits[i] <= high, `wait ${i}: ${waits[i]} ms`);
    }
    assert.equal(waits[3], "never");
  });

  test("at once when the browser is online again", async ({ page, keep }) => {
    const server = await futureServer();
    await page.run(
      async (options) => {
        e2e.peer = faults.follow("online", options);
        await e2e.peer.until("disconnected");
      },
      { ...server.options, reconnect: { minDelay: 3_600_000, maxDelay: 3_600_000 } },
    );
    await keep(server.start());
    const { events } = await page.run(() => {
      const opened = e2e.peer.until("open");
      dispatchEvent(new Event("online"));
      return opened;
    });
    assert.deepEqual(events, [...LOST, "open"]);
  });

  test("disconnect() and destroy() call it off, and leave nothing behind", async ({ page }) => {
    const server = await futureServer();
    const seen = await page.run(
      async (options) => {
        const results = [];
        for (const act of ["disconnect", "destroy"]) {
          const { peer, until, events } = faults.follow("gone", options);
          await until("disconnected");
          peer[act]();
          results.push([...events, faults.left()]);
        }
        return results;
      },
      { ...server.options, reconnect: { minDelay: 3_600_000, maxDelay: 3_600_000 } },
    );
    assert.deepEqual(seen, [
      [...LOST, ""],
      [...LOST, "close", ""],
    ]);
  });

  test("the id was taken meanwhile: unavailable-id, and it is not tried again", async ({
    page,
    keep,
  }) => {
    const server = await keep(startPeerServer());
    await page.run(
      async (options) => {
        e2e.peer = faults.follow("coveted", options);
        await e2e.peer.until("open");
        e2e.lost = e2e.peer.until("disconnected");
        e2e.taken = e2e.next(e2e.peer.peer, "error", ({ type }) => type === "unavailable-id");
      },
      { ...server.options, reconnect: { minDelay: 500, maxDelay: 500 } },
    );
    await server.close();
    const [next] = await Promise.all([
      keep(startPeerServer({ port: server.options.port })),
      page.run(() => e2e.lost),
    ]);
    await keep(signalAs(next, "coveted", "thief"));
    const seen = await page.run(async () => {
      await e2e.taken;
      const { peer, events } = e2e.peer;
      return { events, destroyed: peer.destroyed, left: faults.left() };
    });
    assert.equal(seen.events[0], "open");
    assert.deepEqual(seen.events.slice(-2), ["error unavailable-id", "disconnected"]);
    assert.deepEqual([seen.destroyed, seen.left], [false, ""]);
  });

  test("without the option it does not come back, and reconnect() does it", async ({
    page,
    keep,
  }) => {
    const server = await keep(startPeerServer());
    await page.run(async (options) => {
      e2e.peer = faults.follow("manual", options);
      await e2e.peer.until("open");
      e2e.lost = e2e.peer.until("disconnected");
    }, server.options);
    await server.close();
    const left = await page.run(() => e2e.lost.then(faults.left));
    assert.equal(left, "", "something goes on");
    await keep(startPeerServer({ port: server.options.port }));
    const events = await page.run(async () => {
      const opened = e2e.peer.until("open");
      e2e.peer.peer.reconnect();
      return (await opened).events;
    });
    assert.deepEqual(events, ["open", ...LOST, "open"]);
  });
});

inBrowsers("a server that is none", world, (test) => {
  for (const [name, behave] of Object.entries(BEHAVIOURS)) {
    test(`it ${name}: a typed error, and nothing is left`, async ({ page, keep }) => {
      const server = await keep(startRudeServer(behave));
      const seen = await page.run(async (options) => {
        const chosen = faults.follow("chosen", options);
        await chosen.until("disconnected");
        const given = faults.follow(null, options);
        await given.until("close");
        return { chosen: chosen.events, given: given.events, left: faults.left() };
      }, server.options);
      assert.deepEqual(seen, {
        chosen: LOST,
        given: ["error server-error", "disconnected", "close"],
        left: "",
      });
    });
  }

  test("it sends huge frames: they are read and dropped, the page responds", async ({
    page,
    keep,
  }) => {
    const server = await keep(
      startScriptedServer({
        onRequest: (_, response) => response.end("given"),
        onSocket(socket) {
          socket.send(Buffer.alloc(8 << 20));
          socket.send("x".repeat(16 << 20));
          socket.send(JSON.stringify({ type: "LEAVE", src: "y".repeat(16 << 20) }));
          socket.send(JSON.stringify({ type: "NOISE", payload: { z: "z".repeat(16 << 20) } }));
          socket.send('{"type":"OPEN"}');
        },
      }),
    );
    const seen = await page.run(async (options) => {
      const { until, peer } = faults.follow("fed", options);
      const { events } = await until("open");
      peer.destroy();
      return { events, left: faults.left() };
    }, server.options);
    assert.deepEqual(seen, { events: ["open"], left: "" });
  });
});

// PeerJS waits for ever in all of them, except for what drips to a chosen id in Chromium.
atOnce("a server that does not answer", world, (test) => {
  const SLACK = 10;

  /** In seconds of a page that is given the time to run. */
  const checkTime = (seconds, stated = 20) =>
    assert.ok(seconds < stated + SLACK, `after ${seconds} s`);

  const ended = async () => ({ ...(await e2e.lost), seconds: e2e.stop() });

  for (const [name, behave] of Object.entries(SLOW)) {
    test(`it ${name}: a typed error within 20 s, and nothing is left`, async ({ page, keep }) => {
      const server = await keep(startRudeServer(behave));
      const seen = await page.runFor(
        60_000,
        async (options) => {
          const chosen = faults.follow("chosen", options);
          const given = faults.follow(null, options);
          const ends = await Promise.all([chosen.until("disconnected"), given.until("close")]);
          return { ends, left: faults.left() };
        },
        server.options,
      );
      const [chosen, given] = seen.ends;
      assert.deepEqual(chosen.events, LOST);
      assert.deepEqual(given.events, ["error server-error", "disconnected", "close"]);
      checkTime(chosen.seconds);
      checkTime(given.seconds);
      assert.equal(seen.left, "");
    });
  }

  test("it takes the socket and says nothing: network within 20 s", async ({ page, keep }) => {
    const server = await keep(startScriptedServer({ onSocket() {} }));
    const { events, seconds } = await page.runFor(
      60_000,
      (options) => faults.follow("ignored", options).until("disconnected"),
      server.options,
    );
    assert.deepEqual(events, LOST);
    checkTime(seconds);
  });

  test("its line is dead once the peer is open: network within 25 s", async ({
    page,
    keep,
    peerServer,
  }) => {
    const proxy = await keep(startProxy(peerServer));
    await page.run(async (options) => {
      e2e.peer = faults.follow("deaf", options);
      await e2e.peer.until("open");
      // Its server has answered to a question to itself.
      e2e.lost = e2e.peer.until("disconnected");
    }, proxy.options);
    await page.runFor(30_000, () => {
      const asked = new Promise((resolve) => {
        const { send } = WebSocket.prototype;
        let count = 0;
        WebSocket.prototype.send = function (text) {
          if (text.includes("CANDIDATE") && ++count === 2) resolve();
          return send.call(this, text);
        };
      });
      return e2e.awaited("the second question", asked);
    });
    await page.run(() => (e2e.stop = e2e.stopwatch()));
    proxy.deafen();
    const { events, seconds } = await page.runFor(60_000, ended);
    assert.deepEqual(events, ["open", ...LOST]);
    checkTime(seconds, 25);
  });

  test("another tab takes the id, with the same token: network for the first within 25 s", async ({
    page,
    open,
    site,
    peerServer,
  }) => {
    const token = { token: "the same" };
    await page.run(async (token) => {
      e2e.peer = faults.follow("twin", token);
      await e2e.peer.until("open");
      e2e.lost = e2e.peer.until("disconnected");
    }, token);
    const second = await open(site.blank(["ours"], peerServer, ["faults"]));
    await second.run(async (token) => {
      e2e.peer = faults.follow("twin", token);
      await e2e.peer.until("open");
    }, token);
    await page.run(() => (e2e.stop = e2e.stopwatch()));
    const { events, seconds } = await page.runFor(60_000, ended);
    assert.deepEqual(events, ["open", ...LOST]);
    checkTime(seconds, 25);
    assert.deepEqual(await second.run(() => e2e.peer.events), ["open"]);
  });

  test("it is killed while a connection is being made: open, or negotiation-failed in 30 s", async ({
    page,
    keep,
  }) => {
    const server = await keep(startPeerServer());
    let offered;
    const offer = new Promise((resolve) => {
      offered = resolve;
    });
    // The offer gets to the proxy and no further.
    const proxy = await keep(
      startProxy(server, (frame, pass) => (frame.type === "OFFER" ? offered() : pass(frame))),
    );
    await page.run(
      async (options) => {
        const near = await e2e.openPeer("ours", "near", options);
        await e2e.openPeer("ours", "far", options);
        const conn = near.connect("far");
        e2e.events = e2e.record(conn, ["open", "error", "close"]);
        e2e.closed = e2e.next(conn, "close");
        e2e.near = near;
        e2e.back = e2e.next(near, "open");
      },
      { ...proxy.options, reconnect: FAST },
    );
    await offer;
    await page.run(() => (e2e.stop = e2e.stopwatch()));
    await server.close();
    await keep(startPeerServer({ port: server.options.port }));
    const { seconds, seen } = await page.runFor(60_000, async () => {
      await e2e.back;
      await e2e.closed;
      const left = e2e.near.connections.far?.length ?? 0;
      return { seconds: e2e.stop(), seen: { events: e2e.events, left } };
    });
    assert.deepEqual(seen, { events: ["error negotiation-failed", "close"], left: 0 });
    checkTime(seconds, 30);
  });
});
