// The row of the table of PeerJS 1.5.5's faults about peers that vanish. It takes the browsers some
// 20 seconds to give up a connection, so the tests of both browsers run at the same time.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { browserNames, launch } from "./harness/browser.mjs";
import { startPeerServer, startSite } from "./harness/servers.mjs";

const PATIENCE = 45_000;

describe("a peer that vanishes", { concurrency: true }, () => {
  const open = [];
  let site;
  let server;

  before(async () => {
    [site, server] = await Promise.all([startSite(), startPeerServer()]);
  });
  after(() => Promise.all([site, server, ...open].map((each) => each?.close())));

  async function start(name) {
    const browser = await launch(name);
    open.push(browser);
    return browser;
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
    test(`without a word: connection-closed, then close, ${name}`, async () => {
      const [staying, dying] = await Promise.all([start(name), start(name)]);
      const [near, far] = await Promise.all(
        [staying, dying].map((browser) => browser.open(site.blank(["ours"], server))),
      );
      await connect(near, "ours", far, "ours");
      dying.kill();
      const events = await near.runFor(PATIENCE, async () => {
        await e2e.closed;
        return e2e.events;
      });
      assert.deepEqual(events, ["error connection-closed", "close"]);
    });

    for (const [how, leave] of [
      ["closes its tab", (page) => page.close()],
      ["goes to another page", (page) => page.goto("about:blank")],
    ]) {
      test(`that ${how} is gone for PeerJS at once, ${name}`, async () => {
        const browser = await start(name);
        const near = await browser.open(site.blank(["peerjs"], server));
        const far = await browser.open(site.blank(["ours"], server));
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
