// The far page is closed, goes elsewhere or crashes, its browser is killed: the near one is told, and in
// what time. It takes browsers up to half a minute to give up a connection, so all tests run at the same time.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { browserNames, launch } from "./harness/browser.mjs";
import { startPeerServer } from "./harness/servers.mjs";
import { atOnce, browsers, site } from "./harness/suite.mjs";

const PATIENCE = 240_000;
/** What docs/promises.md states, in seconds of a page that is given the time to run. */
const STATED = 45;

/** `near` is connected to `far` and in a call with it; how both end is what `ends` gives. */
async function talk(near, far) {
  const id = await far.run(async () => {
    const peer = await e2e.openPeer("ours");
    peer.on("connection", (conn) => conn.on("data", (data) => conn.send(data)));
    peer.on("call", (call) => call.answer());
    return peer.id;
  });
  await near.run(async (id) => {
    const peer = await e2e.openPeer("ours");
    const conn = e2e.watchConnection(peer.connect(id), "near");
    const call = peer.call(id);
    Object.assign(e2e, { peer, far: id });
    e2e.events = [conn, call].map((each) => e2e.record(each, ["error", "close"]));
    e2e.ended = Promise.all([conn, call].map((each) => e2e.next(each, "close")));
    await Promise.all([e2e.next(conn, "open"), e2e.next(call, "willCloseOnRemote")]);
    conn.send("ready");
    await e2e.next(conn, "data");
  }, id);
}

async function ends(near) {
  const seen = await near.runFor(PATIENCE, async () => {
    const stop = e2e.stopwatch();
    await e2e.ended;
    const seconds = stop();
    const left = (e2e.peer.connections[e2e.far] ?? []).length;
    e2e.peer.destroy();
    return { events: e2e.events, seconds, left: [left, faults.left()] };
  });
  assert.deepEqual(seen.left, [0, ""]);
  return seen;
}

describe("who is gone", { concurrency: 2 }, () => {
  describe("a peer that vanishes", { concurrency: true }, () => {
    const dying = [];
    let server;

    before(async () => {
      server = await startPeerServer();
    });
    after(() => Promise.all([server, ...dying].map((each) => each?.close())));

    async function open(browser, lib) {
      const { blank } = await site();
      return browser.open(blank([lib], server));
    }

    /** Connects `near` (a page) to `far`; `near` keeps the promise of its connection's close. */
    async function connect(near, nearLib, far, farLib) {
      const id = await far.run(async (lib) => (await e2e.openPeer(lib)).id, farLib);
      await near.run(
        async (lib, id) => {
          const peer = await e2e.openPeer(lib);
          const conn = e2e.watchConnection(peer.connect(id), "near");
          e2e.events = e2e.record(conn, ["error", "close"]);
          e2e.closed = e2e.next(conn, "close");
          await e2e.next(conn, "open");
        },
        nearLib,
        id,
      );
    }

    for (const name of browserNames) {
      test(`without a word: connection-closed, then close within 45 s, ${name}`, async () => {
        const [browser, doomed] = await Promise.all([browsers[name](), launch(name)]);
        dying.push(doomed);
        const [near, far] = await Promise.all([open(browser, "ours"), open(doomed, "ours")]);
        await connect(near, "ours", far, "ours");
        doomed.kill();
        const { events, seconds } = await near.runFor(PATIENCE, async () => {
          const stop = e2e.stopwatch();
          await e2e.closed;
          return { events: e2e.events, seconds: stop() };
        });
        assert.deepEqual(events, ["error connection-closed", "close"]);
        assert.ok(seconds < STATED, `after ${seconds} s`);
      });

      for (const [how, leave] of [
        ["closes its tab", (page) => page.close()],
        ["goes to another page", (page) => page.goto("about:blank")],
      ]) {
        test(`that ${how} is gone for PeerJS at once, ${name}`, async () => {
          const browser = await browsers[name]();
          const [near, far] = [await open(browser, "peerjs"), await open(browser, "ours")];
          await connect(near, "peerjs", far, "ours");
          await leave(far);
          const events = await near.run(async () => {
            await e2e.closed;
            return e2e.events;
          });
          assert.deepEqual(events, ["close"]);
        });
      }
    }
  });

  atOnce("the far page", { scripts: ["faults"] }, (test) => {
    // PeerJS passes neither: it never learns of a page that goes away without a word of it.
    for (const [how, leave] of [
      ["is closed", (page) => page.close()],
      ["goes elsewhere", (page) => page.goto("about:blank")],
      ["is loaded again", (page) => page.reload()],
    ]) {
      test(`${how}: close, and no error`, async ({ page, open, browser, site, peerServer }) => {
        const url = site.blank(["ours"], peerServer, ["faults"]);
        const far = how === "is closed" ? await browser.open(url) : await open(url);
        await talk(page, far);
        const [{ events }] = await Promise.all([ends(page), leave(far)]);
        // What only a time-out finds is an error first.
        assert.deepEqual(events, [["close"], ["close"]]);
      });
    }

    test("crashes: close within 45 s, after connection-closed if nobody closes for it", async ({
      page,
      browser,
      site,
      peerServer,
      keep,
    }) => {
      const doomed = await keep(launch(browser.name));
      await talk(page, await doomed.open(site.blank(["ours"], peerServer, ["faults"])));
      doomed.crash();
      const { events, seconds } = await ends(page);
      // Firefox closes what its pages had, by one datagram: if that is lost, only the time-out finds it.
      const timedOut = ["error connection-closed", "close"];
      for (const end of events)
        if (browser.name !== "firefox" || end.length > 1) assert.deepEqual(end, timedOut);
        else assert.deepEqual(end, ["close"]);
      assert.ok(seconds < STATED, `after ${seconds} s`);
    });
  });
});
