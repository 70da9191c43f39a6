// Peers that find each other by `peerjs-wasm/mqtt` and a real mosquitto, and by that and a PeerServer at once.

import assert from "node:assert/strict";
import { mosquitto, natsCluster } from "../engines/harness.mjs";
import { startGateway } from "../engines/relay.mjs";
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
        await e2e.link(alice, bob);
        const peers = (await alice.peers()).sort();
        alice.connect("nobody");
        const error = await e2e.next(alice, "error");
        return [peers, error.type];
      }, broker.web);
      assert.deepEqual(seen, [["alice", "bob"], "peer-unavailable"]);
    });

    // No time is asserted: the figures are in docs/scaling.md.
    test("connect -> open over each transport in turns", async ({ page, keep, peerServer }) => {
      const broker = await keep(startMosquitto());
      const gateway = await keep(startGateway(Number(new URL(broker.url).port)));
      const cluster = await keep(natsCluster(3).then((it) => ({ ...it, close: it.stop })));
      const times = await page.runFor(
        120_000,
        async (webs, nodes, server) => {
          const { peerServer } = await import("/pkg/signaling.js");
          const pairOn = async (name, factories) => {
            const ids = factories.map((_, n) => `${name}-${n}`);
            const peers = factories.map((signaling, n) => {
              const peer = new e2e.libs.ours.Peer(ids[n], {
                signaling,
                config: { iceServers: [] },
              });
              e2e.atEnd(() => peer.destroy());
              return peer;
            });
            await Promise.all(peers.map((peer) => e2e.next(peer, "open")));
            return peers;
          };
          const { mqtt } = await import("/pkg/mqtt.js");
          const { nats } = await import("/pkg/nats.js");
          const twice = (make) => Promise.all([make(0), make(1)]);
          const onMqtt = (url) => twice(async () => mqtt(await signalling.mqttClient(url)));
          const pairs = {
            peerserver: await pairOn(
              "ps",
              await twice(() => peerServer({ ...server, secure: false })),
            ),
            mosquitto: await pairOn("ws", await onMqtt(webs[0])),
            "mosquitto behind a gateway": await pairOn("gw", await onMqtt(webs[1])),
            nats: await pairOn(
              "nats",
              await twice(async (n) => nats(await signalling.natsConnection(nodes[n]))),
            ),
          };
          const times = {};
          for (let round = 0; round < 15; round++) {
            for (const [name, pair] of Object.entries(pairs)) {
              const began = performance.now();
              const [out] = await e2e.link(...pair);
              times[name] ??= [];
              times[name].push(performance.now() - began);
              out.close();
            }
          }
          const middle = (list) => list.sort((a, b) => a - b)[list.length >> 1];
          return Object.entries(times).map(([name, list]) => [name, Math.round(middle(list))]);
        },
        [broker.web, gateway.url],
        cluster.nodes.map(({ web }) => web),
        peerServer.options,
      );
      console.log("connect -> open, median of 15 in ms:", JSON.stringify(times));
      assert.equal(times.length, 4);
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
