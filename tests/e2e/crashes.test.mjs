// The far page is closed, goes elsewhere or crashes: the near one is told, and in what time. It takes
// Chromium a quarter of a minute to believe in a crash, so that all tests run at once.

import assert from "node:assert/strict";
import { launch } from "./harness/browser.mjs";
import { atOnce } from "./harness/suite.mjs";

const PATIENCE = 90_000;

/** `near` is connected to `far` and in a call with it; how both end is what `ends` gives. */
async function connect(near, far) {
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
  const began = performance.now();
  const seen = await near.runFor(PATIENCE, async () => {
    await e2e.ended;
    const left = (e2e.peer.connections[e2e.far] ?? []).length;
    e2e.peer.destroy();
    return { events: e2e.events, left: [left, faults.left()] };
  });
  assert.deepEqual(seen.left, [0, ""]);
  return { events: seen.events, ms: performance.now() - began };
}

atOnce("the far page", { scripts: ["faults"] }, (test) => {
  // PeerJS passes neither: it never learns of a page that goes away without a word of it.
  for (const [how, leave] of [
    ["is closed", (page) => page.close()],
    ["goes elsewhere", (page) => page.goto("about:blank")],
    ["is loaded again", (page) => page.reload()],
  ]) {
    test(`${how}: close within a second`, async ({ page, open, browser, site, peerServer }) => {
      const url = site.blank(["ours"], peerServer, ["faults"]);
      const far = how === "is closed" ? await browser.open(url) : await open(url);
      await connect(page, far);
      const [{ events, ms }] = await Promise.all([ends(page), leave(far)]);
      assert.deepEqual(events, [["close"], ["close"]]);
      // Half a dozen tests start their browsers meanwhile.
      assert.ok(ms < 5_000, `after ${ms} ms`);
    });
  }

  // That it dies with its browser is in vanished.test.mjs.
  test("crashes: close within 45 s, after connection-closed if nobody closes for it", async ({
    page,
    browser,
    site,
    peerServer,
    keep,
  }) => {
    const doomed = await keep(launch(browser.name));
    await connect(page, await doomed.open(site.blank(["ours"], peerServer, ["faults"])));
    doomed.crash();
    const { events, ms } = await ends(page);
    // Firefox closes what its pages had.
    const end = browser.name === "firefox" ? ["close"] : ["error connection-closed", "close"];
    assert.deepEqual(events, [end, end]);
    assert.ok(ms < 45_000, `after ${ms} ms`);
  });
});
