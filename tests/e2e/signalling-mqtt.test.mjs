// Peers that find each other by `peerjs-wasm/mqtt` and a real mosquitto, and by that and a PeerServer at once.

import assert from "node:assert/strict";
import { mosquitto } from "../engines/harness.mjs";
import { inBrowsers } from "./harness/suite.mjs";

inBrowsers(
  "signalling over MQTT",
  { libs: ["ours", "peerjs"], scripts: ["signalling"] },
  (test) => {
    test("two peers connect; nobody is there under another id", async ({ page, keep }) => {
      const broker = await keep(startMosquitto());
      const seen = await page.run(async (url) => {
        const clients = await Promise.all(["alice", "bob"].map(() => signalling.mqttClient(url)));
        const makes = clients.map((client) => signalling.on("mqtt", ({ mqtt }) => mqtt(client)));
        const [alice, bob] = (await Promise.all(makes)).map((make, n) => make(["alice", "bob"][n]));
        await Promise.all([alice, bob].map((peer) => e2e.next(peer, "open")));
        const byPeerServer = await Promise.all(["", ""].map(() => e2e.openPeer("ours")));
        const times = { mqtt: [], peerServer: [] };
        for (let round = 0; round < 5; round++) {
          for (const [name, pair] of [
            ["mqtt", [alice, bob]],
            ["peerServer", byPeerServer],
          ]) {
            const began = performance.now();
            const [out] = await e2e.link(...pair);
            times[name].push(Math.round(performance.now() - began));
            out.close();
          }
        }
        const peers = (await alice.peers()).sort();
        alice.connect("nobody");
        const error = await e2e.next(alice, "error");
        return { times, peers, error: error.type };
      }, broker.web);
      console.log("connect -> open, ms:", JSON.stringify(seen.times));
      assert.deepEqual([seen.peers, seen.error], [["alice", "bob"], "peer-unavailable"]);
    });

    test("a peer on a PeerServer and a broker at once reaches both worlds", async ({
      page,
      keep,
      peerServer,
    }) => {
      const broker = await keep(startMosquitto());
      const seen = await page.run(
        async (url, server) => {
          const client = await signalling.mqttClient(url);
          const { several, peerServer } = await import("/pkg/signaling.js");
          const { mqtt } = await import("/pkg/mqtt.js");
          const bridge = await signalling.on("mqtt", () =>
            several([peerServer({ ...server, secure: false }), mqtt(client)]),
          );
          const [both, modern] = [
            bridge("both"),
            (await signalling.on("mqtt", () => mqtt(client)))("modern"),
          ];
          const old = e2e.makePeer("peerjs", "old");
          await Promise.all([both, modern, old].map((peer) => e2e.next(peer, "open")));
          const got = [];
          for (const [from, to] of [
            [old, both],
            [both, old],
            [modern, both],
            [both, modern],
          ]) {
            const [out, incoming] = await e2e.link(from, to);
            const inbox = e2e.inbox(incoming);
            out.send(`${from.id} to ${to.id}`);
            got.push(await inbox.take());
          }
          return got;
        },
        broker.web,
        peerServer.options,
      );
      assert.deepEqual(seen, ["old to both", "both to old", "modern to both", "both to modern"]);
    });
  },
);

async function startMosquitto() {
  const broker = await mosquitto();
  return { ...broker, close: broker.stop };
}
