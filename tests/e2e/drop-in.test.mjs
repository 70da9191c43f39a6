// A page written for PeerJS runs unchanged when its script's URL is ours: what it shows is the same.

import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

const config = { expire_timeout: 1, cleanup_out_msgs: 50 };

inBrowsers("a page written for PeerJS", { server: config }, (test) => {
  /** Two tabs with this page go through all it can do; what both have written in the end. */
  async function visit({ open, site, peerServer }, nearLib, farLib) {
    const near = await open(site.dropIn(nearLib, peerServer));
    const far = await open(site.dropIn(farLib, peerServer));
    const written = (page, text, times = 1) =>
      page.until(
        (text, times) => {
          const { textContent } = document.getElementById("log");
          return textContent.split(text).length > times && textContent;
        },
        text,
        times,
      );
    const shownId = (page) => page.until(() => document.getElementById("id").textContent);
    const [, farId] = await Promise.all([shownId(near), shownId(far)]);

    await Promise.all([near, far].map((page) => page.run(() => about())));
    await near.run((id) => join(id), farId);
    await Promise.all([written(near, "Received"), written(far, "Received", 2)]);
    await near.run((id) => joinTwice(id), farId);
    await written(near, "second closed");
    await near.run(() => join("nobody-at-all"));
    await Promise.all([written(near, "peer-unavailable"), written(far, "connection closed")]);
    await far.run(() => {
      peer.disconnect();
      peer.connect("anyone");
      peer.destroy();
    });
    return Promise.all([written(near, "peer-unavailable"), written(far, "destroyed true")]);
  }

  test("shows the same on ours as on PeerJS, whoever it talks to", async (world) => {
    const [near, far] = await visit(world, "peerjs", "peerjs");
    assert.match(near, /Received \{type: response,content: Got it!\}/);
    assert.match(far, /evenBinary: ArrayBuffer 1,2,3/);
    for (const [nearLib, farLib] of [
      ["ours", "peerjs"],
      ["peerjs", "ours"],
      ["ours", "ours"],
    ]) {
      const shown = await visit(world, nearLib, farLib);
      assert.deepEqual(shown.map(told), [near, far].map(told), `${nearLib} → ${farLib}`);
    }
  });

  /**
   * Where PeerJS keeps quiet, ours tells the connection, too, that nobody is there. PeerJS tells the peer as often as
   * the server does: of the offer and of the candidates at once, or one after the other.
   */
  const told = (log) =>
    log
      .replace("connection error peer-unavailable\nconnection closed false\n", "")
      .replace(/(^error peer-unavailable true\n)+/m, "$1");
});
