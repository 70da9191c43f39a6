// What `debug` prints, beside PeerJS in the same life of a peer.

import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

inBrowsers("the option debug", { libs: ["ours", "peerjs"] }, (test) => {
  for (const debug of [0, 1, 2, 3]) {
    test(`${debug} prints what it names, as PeerJS does`, async ({ page }) => {
      const seen = await page.run(async (debug) => {
        const levels = {};
        for (const lib of ["ours", "peerjs"]) {
          const printed = new Set();
          const logFunction = (level) => printed.add(level);
          const peer = e2e.makePeer(lib, undefined, { debug, logFunction });
          await e2e.next(peer, "open");
          const [conn] = await e2e.link(peer, await e2e.openPeer("ours"));
          const closed = e2e.next(conn, "close");
          conn.close();
          await closed;
          peer.disconnect();
          // Worth a warning, and an error.
          peer.connect("nobody");
          levels[lib] = [...printed].sort();
        }
        return levels;
      }, debug);
      const expected = [1, 2, 3].slice(0, debug);
      assert.deepEqual(seen, { ours: expected, peerjs: expected });
    });
  }

  test("3 tells the life of a connection in words", async ({ page }) => {
    const text = await page.run(async () => {
      const lines = [];
      const logFunction = (_level, ...rest) => lines.push(rest.map(String).join(" "));
      const peer = e2e.makePeer("ours", undefined, { debug: 3, logFunction });
      await e2e.next(peer, "open");
      const [conn] = await e2e.link(peer, await e2e.openPeer("ours"));
      const closed = e2e.next(conn, "close");
      conn.close();
      await closed;
      return lines.join("\n").replaceAll(conn.connectionId, "ID");
    });
    for (const event of [
      "ID icecandidate",
      "ID iceconnectionstatechange",
      "ID open",
      "Server message",
    ]) {
      assert.ok(text.includes(event), `"${event}" is not in:\n${text}`);
    }
  });
});
