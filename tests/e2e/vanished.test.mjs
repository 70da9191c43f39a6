// The row of the table of PeerJS 1.5.5's faults about peers that vanish. It takes the browsers some
// 20 seconds to give up a connection, so the tests of both browsers run at the same time.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { browserNames, launch } from "./harness/browser.mjs";
import { startPeerServer } from "./harness/servers.mjs";
import { browsers, site } from "./harness/suite.mjs";

const PATIENCE = 90_000;

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
      const began = performance.now();
      const events = await near.runFor(PATIENCE, async () => {
        await e2e.closed;
        return e2e.events;
      });
      assert.deepEqual(events, ["error connection-closed", "close"]);
      const ms = performance.now() - began;
      assert.ok(ms < 45_000, `after ${ms} ms`);
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
        const events = await near.runFor(3000, async () => {
          await e2e.closed;
          return e2e.events;
        });
        assert.deepEqual(events, ["close"]);
      });
    }
  }
});
