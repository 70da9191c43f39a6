// Who is there: `peers()` and the event `presence`, as a Peer gets it from its line.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect as connectNats } from "@nats-io/transport-node";
import { mqtt, will } from "../../js/signaling/mqtt.js";
import { nats } from "../../js/signaling/nats.js";
import { several } from "../../js/signaling/several.js";
import { natsCluster } from "./harness.mjs";
import { atEnd, broker, dial } from "./lines.mjs";

/** The next presence that a line tells. */
async function told(line) {
  const { src, payload } = await line.got("PRESENCE");
  return `${src} ${payload}`;
}

test("peers() lists who is there, not who died or what somebody else retained", async () => {
  const { connect } = await broker();
  const factory = mqtt(await connect());
  const [alice, bob] = [dial(factory, "alice"), dial(factory, "bob b")];
  await Promise.all([alice.got("OPEN"), bob.got("OPEN")]);
  const mortal = await connect({ will: will("carol"), reconnectPeriod: 0 });
  const carol = dial(mqtt(mortal), "carol");
  await carol.got("OPEN");
  assert.deepEqual((await factory.peers()).sort(), ["alice", "bob b", "carol"]);
  bob.close();
  mortal.stream.destroy();
  await carol.got("closed");
  let left = await factory.peers();
  while (left.length > 1) left = await factory.peers();
  assert.deepEqual(left, ["alice"]);
  const mallory = await connect();
  for (const [topic, junk] of [
    ["%zz", "1"],
    ["%ff", "1"],
    ["%61lice", "1"],
    ["a/b", "1"],
    ["x", "\0"],
  ]) {
    await mallory.publishAsync(`peerjs/is/${topic}`, junk, { qos: 1, retain: true });
  }
  assert.deepEqual((await factory.peers()).sort(), ["alice", "x"]);
  await mallory.endAsync(true);
});

test("peers() of a client without its broker rejects", async () => {
  const { engine, connect } = await broker();
  const client = await connect();
  const factory = mqtt(client);
  const closed = new Promise((resolve) => client.once("close", resolve));
  await engine.kill();
  await closed;
  await assert.rejects(factory.peers(), /offline/);
});

test("presence over MQTT: those who were there, who comes, who leaves, who dies", async () => {
  const { connect } = await broker();
  const early = dial(mqtt(await connect()), "early");
  await early.got("OPEN");
  const watcher = dial(mqtt(await connect(), { presence: true }), "watcher");
  assert.equal(await told(watcher), "early online");
  const mortal = await connect({ will: will("mortal"), reconnectPeriod: 0 });
  const late = dial(mqtt(mortal), "mortal");
  assert.equal(await told(watcher), "mortal online");
  await late.got("OPEN");
  early.close();
  assert.equal(await told(watcher), "early offline");
  mortal.stream.destroy();
  assert.equal(await told(watcher), "mortal offline");
  // Who does not ask for it is told nothing.
  const quiet = dial(mqtt(await connect()), "quiet");
  await quiet.got("OPEN");
  assert.equal(await told(watcher), "quiet online");
  assert.deepEqual(quiet.frames, []);
});

test("presence over several: online while one says so", async () => {
  const [one, two] = [await broker(), await broker()];
  const options = { presence: true };
  const clients = [await one.connect(), await two.connect()];
  const watcher = dial(several(clients.map((client) => mqtt(client, options))), "watcher");
  const both = [dial(mqtt(await one.connect()), "bob"), dial(mqtt(await two.connect()), "bob")];
  assert.equal(await told(watcher), "bob online");
  await Promise.all(both.map((line) => line.got("OPEN")));
  // By now the second broker has said it, too, and it changes nothing.
  dial(mqtt(await two.connect()), "late");
  assert.equal(await told(watcher), "late online");
  both[0].close();
  dial(mqtt(await one.connect()), "later");
  assert.equal(await told(watcher), "later online");
  // With the second broker goes what it has said.
  await two.engine.kill();
  assert.deepEqual([await told(watcher), await told(watcher)].sort(), [
    "bob offline",
    "late offline",
  ]);
});

test("peers() of several is what those say that can; without any that can it rejects", async () => {
  const { engine, connect } = await broker();
  const cluster = await natsCluster(1);
  atEnd(() => cluster.stop());
  const connection = await connectNats({ servers: cluster.nodes[0].url });
  atEnd(() => connection.close());
  const other = await broker();
  const client = await connect();
  const all = several([mqtt(client), mqtt(await other.connect()), nats(connection)]);
  const alice = dial(all, "alice");
  for (let n = 0; n < 3; n++) await alice.got("OPEN");
  assert.deepEqual(await all.peers(), ["alice"]);
  const closed = new Promise((resolve) => client.once("close", resolve));
  await engine.kill();
  await closed;
  assert.deepEqual(await all.peers(), ["alice"]);
  await assert.rejects(several([nats(connection)]).peers(), TypeError);
});
