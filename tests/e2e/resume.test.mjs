// The network between two browsers is cut and comes back: connections and calls go on over another path.

import assert from "node:assert/strict";
import { launch } from "./harness/browser.mjs";
import { connect, has, PATIENCE, send } from "./harness/cuts.mjs";
import { startProxy } from "./harness/proxy.mjs";
import { startRelay } from "./harness/relay.mjs";
import { signalAs } from "./harness/servers.mjs";
import { atOnce, inBrowsers } from "./harness/suite.mjs";

const MB = 1 << 20;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `e2e[what]` of a page, its connection or its call, is in this state; gives what it was told of the path. */
const becomes = (page, state, what = "conn") =>
  page.runFor(
    PATIENCE,
    async (state, what) => {
      const event = { reconnecting: "reconnecting", open: "reconnected", closed: "close" }[state];
      while (e2e[what].state !== state) await e2e.next(e2e[what], event);
      return e2e.path;
    },
    state,
    what,
  );

/** What the far page has got is what the near page has sent: each number once and in order. */
async function isWhole(far, count) {
  await has(far, count);
  const got = await far.run(() => e2e.got.map((it) => (typeof it === "number" ? it : it.number)));
  assert.deepEqual(
    got,
    Array.from({ length: count }, (_, i) => i),
  );
}

const eventsOf = (page) => page.run(() => e2e.events);

atOnce("a path that is lost", { scripts: ["faults", "calls"] }, (test, name) => {
  for (const seconds of [5, 20]) {
    test(`for ${seconds} s in mid-transfer: nothing is lost, nothing comes twice`, async (world) => {
      const { relay, near, far, cut } = await connect(world);
      await near.run((MB) => {
        e2e.first = e2e.conn;
        for (let i = 0; i < 24; i++)
          e2e.conn.send({ number: e2e.sent++, body: new Uint8Array(MB) });
      }, MB);
      await has(far, 103);
      await cut();
      const lost = becomes(near, "reconnecting");
      await sleep(seconds * 1_000);
      await lost;
      await send(near, 100);
      relay.mend();
      const path = await becomes(near, "open");
      assert.deepEqual(path.slice(-2), ["reconnecting", "reconnected"]);
      await isWhole(far, 224);
      assert.deepEqual([await eventsOf(near), await eventsOf(far)], [[], []]);
      const same = await near.run(() => {
        const { peer, connectionId } = e2e.first;
        return e2e.first === e2e.peer.getConnection(peer, connectionId);
      });
      assert.ok(same);
    });
  }

  for (const [who, wishes] of [
    ["this end does not resume", { near: { resume: false } }],
    ["the remote does not resume", { far: { resume: false } }],
    ["the remote runs PeerJS", { farLib: "peerjs" }],
  ]) {
    test(`ends as before if ${who}`, async (world) => {
      const { near, cut } = await connect(world, wishes);
      await cut();
      await send(near, 1);
      const path = await becomes(near, "closed");
      assert.deepEqual(path, ["close"]);
      assert.deepEqual(await eventsOf(near), ["error connection-closed", "close"]);
    });
  }

  test("is given up after the timeout: connection-closed, then close", async (world) => {
    const { near, far, cut } = await connect(world, { resume: { timeout: 4_000 } });
    await cut();
    await Promise.all([near, far].map((page) => page.run(() => e2e.conn.send("gone"))));
    for (const page of [near, far]) {
      assert.deepEqual(await becomes(page, "closed"), ["reconnecting", "close"]);
      assert.equal((await eventsOf(page))[0], "error connection-closed");
    }
  });

  test("comes back by itself while both ends are away from the server", async (world) => {
    const { relay, near, far, cut } = await connect(world);
    await Promise.all([near, far].map((page) => page.run(() => e2e.peer.disconnect())));
    await cut();
    await send(near, 100);
    await becomes(near, "reconnecting");
    relay.mend();
    await becomes(near, "open");
    await isWhole(far, 200);
  });

  // Firefox closes DTLS and SCTP when it gives the path up, and no ICE restart brings them back.
  const outcome =
    name === "firefox" ? "ends" : "is replaced as soon as both ends are back at the server";
  test(`that both browsers have given up ${outcome}`, async (world) => {
    const { relay, near, far, cut } = await connect(world, { resume: { timeout: 120_000 } });
    const pages = [near, far];
    await Promise.all(pages.map((page) => page.run(() => e2e.peer.disconnect())));
    await cut();
    await send(near, 100);
    // Browsers have given the old path up then, and try it no more.
    const failed = (page) =>
      page.runFor(PATIENCE, async () => {
        const pc = e2e.conn.peerConnection;
        while (pc.connectionState !== "failed") await e2e.nextDom(pc, "connectionstatechange");
      });
    if (name === "firefox") {
      await Promise.all(pages.map((page) => becomes(page, "closed")));
      const [nearEvents, farEvents] = await Promise.all(pages.map(eventsOf));
      assert.equal(nearEvents[0], "error connection-closed");
      assert.deepEqual(farEvents, ["error connection-closed", "close"]);
      return;
    }
    await Promise.all(pages.map(failed));
    relay.mend();
    for (const page of pages) {
      await page.run(async () => {
        e2e.peer.reconnect();
        await e2e.next(e2e.peer, "open");
      });
    }
    await Promise.all(pages.map((page) => becomes(page, "open")));
    await send(near, 100);
    await isWhole(far, 300);
  });

  test("takes nothing with it that was to be flushed", async (world) => {
    const { relay, near, far, cut } = await connect(world);
    await cut();
    await near.run(() => {
      for (let i = 0; i < 500; i++) e2e.conn.send(e2e.sent++);
      e2e.conn.close({ flush: true });
    });
    await becomes(near, "reconnecting");
    await sleep(12_000);
    relay.mend();
    await isWhole(far, 600);
    await Promise.all([near, far].map((page) => becomes(page, "closed")));
    assert.deepEqual([await eventsOf(near), await eventsOf(far)], [["close"], ["close"]]);
  });

  test("to a page that crashed and came back under its id: close", async (world) => {
    const doomed = await world.keep(launch(world.browser.name));
    const { near, proxy, far } = await connect({ ...world, open: (url) => doomed.open(url) });
    const id = await far.run(() => e2e.peer.id);
    doomed.kill();
    await send(near, 1);
    await becomes(near, "reconnecting");
    const again = await world.open(world.site.blank(["ours"], proxy));
    await again.run(
      async (id, options) => {
        await e2e.openPeer("ours", id, options);
      },
      id,
      proxy.options,
    );
    await becomes(near, "closed");
    assert.equal((await eventsOf(near)).at(-1), "close");
    assert.ok(!(await eventsOf(near)).includes("error connection-closed"));
  });

  test("is resumed with nobody else, not even under the id of the remote", async (world) => {
    const { relay, proxy, near, far, cut } = await connect(world, { resume: { timeout: 120_000 } });
    const id = await far.run(() => {
      const { id } = e2e.peer;
      e2e.peer.disconnect();
      return id;
    });
    await cut();
    await send(near, 100);
    await becomes(near, "reconnecting");
    // In Firefox a restart waits for that.
    await near.run(() => dispatchEvent(new Event("online")));
    const stranger = await world.keep(signalAs(proxy, id, "other"));
    const { src, payload } = await stranger.got("CANDIDATE");
    const say = (control, more) =>
      stranger.send({ type: "CANDIDATE", dst: src, payload: { ...payload, ...more, control } });
    const answer = /^1d(\d+)/.exec(payload.control)[1];
    for (const key of [undefined, "", payload.key]) {
      say("1a99", { key });
      say(`1d1 99 a${answer}\nv=0\r\n`, { key });
      say("1q1", { key });
      say("1q2", { key });
    }
    relay.mend();
    await becomes(near, "open");
    await isWhole(far, 200);
    assert.deepEqual(await eventsOf(near), []);
  });
});

atOnce("a path that works", { libs: ["ours", "peerjs"], scripts: ["faults", "calls"] }, (test) => {
  test("is changed when both ends wish it at once, and no event tells of it", async (world) => {
    const { near, far, allowRestarts } = await connect(world);
    await allowRestarts();
    const ufrag = (page) =>
      page.run(() => /a=ice-ufrag:(.*)/.exec(e2e.conn.peerConnection.localDescription.sdp)[1]);
    const before = [await ufrag(near), await ufrag(far)];
    const restart = (page) =>
      page.run(async () => {
        const pc = e2e.conn.peerConnection;
        e2e.conn.restartIce();
        do await e2e.nextDom(pc, "signalingstatechange");
        while (pc.signalingState !== "stable");
      });
    await Promise.all([near, far].map(restart));
    await send(near, 100);
    await isWhole(far, 200);
    const after = [await ufrag(near), await ufrag(far)];
    assert.ok(after.every((it, i) => it !== before[i]));
    assert.deepEqual([await eventsOf(near), await eventsOf(far)], [[], []]);
  });

  test("to a page that has no time is not closed, and nothing is lost", async (world) => {
    const { near, far } = await connect(world);
    const busy = far.run(() => {
      const end = performance.now() + 7_000;
      while (performance.now() < end);
    });
    await send(near, 100);
    await busy;
    await isWhole(far, 200);
    await becomes(near, "open");
    assert.deepEqual(await eventsOf(near), []);
  });

  test("is asked for when the machine is online again", async (world) => {
    const { near, far } = await connect(world);
    await near.run(() => dispatchEvent(new Event("online")));
    await becomes(near, "open");
    assert.deepEqual(await near.run(() => e2e.path), ["reconnecting", "reconnected"]);
    await send(near, 100);
    await isWhole(far, 200);
  });

  test("is not restarted by PeerJS: restartIce says so", async ({ page }) => {
    const seen = await page.run(async () => {
      const states = [];
      const [near, far] = await Promise.all([e2e.openPeer("ours"), e2e.openPeer("peerjs")]);
      const conn = near.connect(far.id);
      states.push(conn.state);
      await e2e.next(conn, "open");
      states.push(conn.state);
      const error = e2e.thrown(() => conn.restartIce());
      conn.close();
      states.push(conn.state);
      return { states, why: error?.message };
    });
    assert.deepEqual(seen.states, ["connecting", "open", "closed"]);
    assert.match(seen.why, /^restartIce: .* runs PeerJS/);
  });
});

// Both ends are in one page: Firefox plays nothing in a tab that nobody sees.
inBrowsers("a call", { scripts: ["calls"] }, (test) => {
  test("whose path is lost goes on when there is one again: its pictures move", async ({
    page,
    keep,
    peerServer,
  }) => {
    const relay = await keep(startRelay());
    const proxy = await keep(startProxy(peerServer, relay.rule));
    const play = () =>
      page.run(() =>
        Promise.all([e2e.call, e2e.answered].map((call) => calls.seen(call, "video"))),
      );
    await page.run(async (options) => {
      e2e.clear();
      const [near, far] = await Promise.all(
        [0, 1].map(() => e2e.openPeer("ours", undefined, options)),
      );
      const streams = await Promise.all([calls.capture("video"), calls.capture("video")]);
      far.on("call", (call) => {
        e2e.answered = e2e.watchConnection(call, "far");
        call.answer(streams[1]);
      });
      e2e.call = e2e.watchConnection(near.call(far.id, streams[0]), "near");
      e2e.path = e2e.record(e2e.call, ["reconnecting", "reconnected", "error", "close"]);
      await e2e.next(e2e.call, "willCloseOnRemote");
    }, proxy.options);
    assert.deepEqual(await play(), [["video"], ["video"]]);
    relay.cut();
    await becomes(page, "reconnecting", "call");
    await sleep(3_000);
    relay.mend();
    assert.deepEqual(await becomes(page, "open", "call"), ["reconnecting", "reconnected"]);
    assert.deepEqual(await play(), [["video"], ["video"]]);
  });
});
