// What brokers and hostile clients do to peers that signal over them.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { connect as connectNats } from "@nats-io/transport-node";
import { mqtt } from "../../js/signaling/mqtt.js";
import { nats } from "../../js/signaling/nats.js";
import { several } from "../../js/signaling/several.js";
import { natsCluster } from "./harness.mjs";
import { atEnd, broker, dial, reaches } from "./lines.mjs";

test("a mosquitto that dies is a lost line, and it is there again after its restart", async () => {
  const { engine, connect } = await broker();
  const factory = mqtt(await connect());
  const alice = dial(factory, "alice");
  await alice.got("OPEN");
  await engine.kill();
  await alice.got("closed");
  await engine.start();
  const [again, bob] = [dial(factory, "alice"), dial(factory, "bob")];
  await Promise.all([again.got("OPEN"), bob.got("OPEN")]);
  bob.send("CANDIDATE", "alice", { n: 1 });
  assert.deepEqual((await again.got("CANDIDATE")).payload, { n: 1 });
});

test("losing one of several is not noticed, and it is taken up again", async () => {
  const { engine, connect } = await broker();
  const cluster = await natsCluster(1);
  atEnd(() => cluster.stop());
  const both = several([
    mqtt(await connect()),
    nats(await connectNats({ servers: cluster.nodes[0].url })),
  ]);
  const [alice, bob] = [dial(both, "alice"), dial(both, "bob")];
  await Promise.all([alice.got("OPEN"), bob.got("OPEN")]);
  await engine.kill();
  await reaches(alice, bob, "bob");
  alice.send("OFFER", "nobody", {});
  assert.equal((await alice.got("EXPIRE")).src, "nobody");
  await engine.start();
  for (const peer of [alice, bob]) await peer.got("OPEN");
  await cluster.stop();
  await reaches(alice, bob, "bob");
  for (const { frames } of [alice, bob]) assert.ok(!frames.some(({ type }) => type === "closed"));
});

test("peers on a cluster of three NATS nodes outlive one of them", async () => {
  const cluster = await natsCluster(3);
  atEnd(() => cluster.stop());
  const [first, second, third] = cluster.nodes.map(({ url }) => url);
  // The client's own list of servers: alice begins on the node that will die.
  const one = await connectNats({
    servers: [first, second],
    noRandomize: true,
    reconnectTimeWait: 50,
  });
  const two = await connectNats({ servers: third });
  atEnd(() => Promise.all([one.close(), two.close()]));
  const [alice, bob] = [dial(nats(one), "alice"), dial(nats(two), "bob")];
  await Promise.all([alice.got("OPEN"), bob.got("OPEN")]);
  await reaches(bob, alice, "alice");
  // In mid-negotiation: the offer is out, its answer comes when the node is gone.
  alice.send("OFFER", "bob", { sdp: "…" });
  await bob.got("OFFER");
  await cluster.nodes[0].stop("SIGKILL");
  await reaches(bob, alice, "alice");
  await reaches(alice, bob, "bob");
  for (const { frames } of [alice, bob]) assert.ok(!frames.some(({ type }) => type === "closed"));
});

test("of two that claim an id at once one gets it", async () => {
  const { connect } = await broker();
  const factories = [mqtt(await connect()), mqtt(await connect())];
  for (let round = 0; round < 3; round++) {
    const peers = factories.map((factory, n) => dial(factory, `tie-${round}`, `token ${n}`));
    const got = await Promise.all(peers.map((peer) => peer.got("OPEN", "ID-TAKEN")));
    assert.deepEqual(got.map(({ type }) => type).sort(), ["ID-TAKEN", "OPEN"]);
  }
});

test("nothing that strangers publish is more than a message of a peer", async () => {
  const { connect } = await broker();
  const alice = dial(mqtt(await connect()), "alice");
  await alice.got("OPEN");
  const mallory = await connect();
  const forged = (fields) => JSON.stringify({ src: "mallory", dst: "alice", ...fields });
  for (const junk of [
    "",
    "junk",
    Buffer.from([0xff, 0xfe, 0]),
    "null",
    "[]",
    '"x"',
    "{}",
    '{"claim":{}}',
    '{"taken":"guess"}',
    forged({}),
    forged({ type: ["OFFER"] }),
    forged({ type: "OPEN" }),
    forged({ type: "ID-TAKEN" }),
    forged({ type: "ERROR", payload: { msg: "no" } }),
    forged({ type: "EXPIRE", src: "bob" }),
    forged({ type: "OFFER", src: "alice" }),
    forged({ type: "OFFER", src: "bob" }),
    forged({ type: "OFFER", src: 1 }),
    forged({ type: "OFFER", dst: "bob" }),
    forged({ type: "OFFER", payload: "x".repeat(300_000) }),
    `{"type":"OFFER","src":"mallory","dst":"alice","payload":${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
  ]) {
    await mallory.publishAsync("peerjs/to/alice/mallory", junk, { qos: 1 });
  }
  for (let n = 0; n < 1_000; n++)
    mallory.publish(`peerjs/to/alice/${n}`, forged({ type: "HERE", src: `${n}` }));
  await mallory.publishAsync("peerjs/to/alice/mallory", forged({ type: "CANDIDATE" }), { qos: 1 });
  await alice.got("CANDIDATE");
  assert.deepEqual(alice.frames, []);
});

test("under the ACL of the documents nobody reads, writes or is there under another's name", async () => {
  const acl = await readFile(new URL("../../docs/mosquitto.acl", import.meta.url), "utf8");
  const { connect } = await broker({ acl });
  const options = { presence: true, provesSender: true };
  const aliceClient = await connect({ username: "alice" });
  const factory = mqtt(aliceClient, options);
  assert.equal(factory.provesSender, true);
  const alice = dial(factory, "alice");
  const bob = dial(mqtt(await connect({ username: "bob" })), "bob");
  await Promise.all([alice.got("OPEN"), bob.got("OPEN")]);
  assert.deepEqual(await alice.got("PRESENCE"), {
    type: "PRESENCE",
    src: "bob",
    payload: "online",
  });
  alice.send("CANDIDATE", "bob", { n: 1 });
  assert.deepEqual((await bob.got("CANDIDATE")).payload, { n: 1 });
  // A peer of another's id is refused.
  const impostor = dial(mqtt(await connect({ username: "mallory" })), "carol");
  assert.equal((await impostor.got("ERROR", "OPEN")).type, "ERROR");
  const mallory = await connect({ username: "mallory" });
  const forged = (src, fields) => JSON.stringify({ src, dst: "alice", type: "OFFER", ...fields });
  for (const [topic, text] of [
    ["to/alice/bob", forged("bob", {})],
    ["to/alice/alice", JSON.stringify({ claim: "x", proof: "y" })],
    ["to/alice/mallory", forged("bob", {})],
    ["to/alice/mallory", JSON.stringify({ claim: "x", proof: "y" })],
    ["is/bob", ""],
    ["is/dave", "1"],
  ]) {
    await mallory.publishAsync(`peerjs/${topic}`, text, { qos: 1, retain: topic.startsWith("is") });
  }
  await mallory.publishAsync(
    "peerjs/to/alice/mallory",
    forged("mallory", { payload: { own: 1 } }),
    {
      qos: 1,
    },
  );
  assert.deepEqual(await alice.got("OFFER"), {
    type: "OFFER",
    src: "mallory",
    payload: { own: 1 },
  });
  assert.deepEqual(alice.frames, []);
  assert.deepEqual((await factory.peers()).sort(), ["alice", "bob"]);
});

test("NATS with permissions proves the sender, and refuses another's id", async () => {
  const user = (name) => `{ user: "${name}", password: "x", permissions: {
    publish: "peerjs.*.${name}", subscribe: ["peerjs.${name}.*", "_INBOX.>"] } }`;
  const cluster = await natsCluster(1, {
    config: `authorization { users: [${["alice", "bob", "mallory"].map(user)}] }`,
  });
  atEnd(() => cluster.stop());
  const as = async (name) => {
    const connection = await connectNats({
      servers: cluster.nodes[0].url,
      user: name,
      pass: "x",
    });
    atEnd(() => connection.close());
    return connection;
  };
  const alice = dial(nats(await as("alice"), { provesSender: true }), "alice");
  await alice.got("OPEN");
  const mallory = await as("mallory");
  const impostor = dial(nats(mallory), "bob");
  assert.equal((await impostor.got("ERROR", "OPEN")).type, "ERROR");
  const forged = JSON.stringify({ src: "bob", dst: "alice", type: "OFFER", payload: {} });
  mallory.publish("peerjs.alice.bob", forged);
  mallory.publish("peerjs.alice.mallory", forged);
  mallory.publish("peerjs.alice.mallory", forged.replace("bob", "mallory"));
  assert.equal((await alice.got("OFFER")).src, "mallory");
  assert.deepEqual(alice.frames, []);
});

test("what was retained for a peer is no message", async () => {
  const { connect } = await broker();
  const mallory = await connect();
  const offer = (n) =>
    JSON.stringify({ src: "mallory", dst: "alice", type: "OFFER", payload: { n } });
  await mallory.publishAsync("peerjs/to/alice/mallory", offer(1), { qos: 1, retain: true });
  const alice = dial(mqtt(await connect()), "alice");
  await alice.got("OPEN");
  await mallory.publishAsync("peerjs/to/alice/mallory", offer(2), { qos: 1 });
  assert.deepEqual((await alice.got("OFFER")).payload, { n: 2 });
  assert.deepEqual(alice.frames, []);
});
