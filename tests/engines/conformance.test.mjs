// The transports over the engines that they are for, by their own conformance suite.
import { after, describe, test } from "node:test";
import { connect as connectNats } from "@nats-io/transport-node";
import mqttjs from "mqtt";
import WebSocket from "ws";
import { conformance } from "../../js/signaling/conformance.js";
import { mqtt } from "../../js/signaling/mqtt.js";
import { nats } from "../../js/signaling/nats.js";
import { peerServer, several } from "../../js/signaling/several.js";
import { startPeerServer } from "../e2e/harness/servers.mjs";
import { mosquitto, natsCluster } from "./harness.mjs";

globalThis.WebSocket ??= WebSocket;

const ends = [];
const atEnd = (end) => ends.unshift(end);
after(async () => {
  for (const end of ends) await end();
});

const broker = await mosquitto();
atEnd(() => broker.stop());
const client = await mqttjs.connectAsync(broker.url);
atEnd(() => client.endAsync(true));

const cluster = await natsCluster(3);
atEnd(() => cluster.stop());
const connections = await Promise.all(
  cluster.nodes.map(({ url }) => connectNats({ servers: url })),
);
for (const connection of connections) atEnd(() => connection.close());

const server = await startPeerServer();
atEnd(() => server.close());

/** Each peer on another node. */
const nodes = connections.map((connection) => nats(connection));
let next = 0;
const spread = (url) => nodes[next++ % nodes.length](url);

const TRANSPORTS = {
  PeerServer: peerServer({ ...server.options, secure: false }),
  mqtt: mqtt(client),
  "nats, three nodes": spread,
  "several: a PeerServer and mqtt": several([
    peerServer({ ...server.options, secure: false }),
    mqtt(client, { prefix: "both" }),
  ]),
  "several: mqtt and nats": several([
    mqtt(client, { prefix: "two" }),
    nats(connections[0], { prefix: "two" }),
  ]),
};

for (const [name, factory] of Object.entries(TRANSPORTS)) {
  describe(name, { concurrency: 4 }, () => {
    for (const { name: what, run } of conformance(factory)) test(what, run);
  });
}
