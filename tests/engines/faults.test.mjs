// What brokers and hostile clients do to peers that signal over them.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { connect as connectNats } from "@nats-io/transport-node";
import mqttjs from "mqtt";
import { mqtt, will } from "../../js/signaling/mqtt.js";
import { nats } from "../../js/signaling/nats.js";
import { several } from "../../js/signaling/several.js";
import { mosquitto, natsCluster } from "./harness.mjs";

const ends = [];
const atEnd = (end) => ends.unshift(end);
after(async () => {
  for (const end of ends) await end();
});

/** One peer's line: what comes, and a way to wait for it. */
function dial(factory, id, token = id) {
  const line = factory(`wss://server.example/?${new URLSearchParams({ id, token })}`);
  const frames = [];
  const looks = new Set();
  const add = (frame) => {
    frames.push(frame);
    for (const look of looks) look();
  };
  line.addEventListener("message", ({ data }) => add(JSON.parse(data)));
  line.addEventListener("close", () => add({ type: "closed" }));
  atEnd(() => line.close());
  return {
    frames,
    close: () => line.close(),
    send: (type, dst, payload) => line.send(JSON.stringify({ type, dst, payload })),
    got: (...types) =>
      new Promise((resolve) => {
        const look = () => {
          const index = frames.findIndex(({ type }) => types.includes(type));
          if (index < 0) return;
          looks.delete(look);
          resolve(frames.splice(index, 1)[0]);
        };
        looks.add(look);
        look();
      }),
  };
}

async function broker(options) {
  const engine = await mosquitto(options);
  atEnd(() => engine.stop());
  const connect = async (more) => {
    const client = await mqttjs.connectAsync(engine.url, { reconnectPeriod: 50, ...more });
    client.on("error", () => {});
    atEnd(() => client.endAsync(true));
    return client;
  };
  return { engine, connect };
}

/** Sends until it arrives: a broker that was away may lose the first. */
async function reaches(from, to, id) {
  const arrived = to.got("CANDIDATE");
  const timer = setInterval(() => from.send("CANDIDATE", id, {}), 50);
  try {
    return await arrived;
  } finally {
    clearInterval(timer);
  }
}

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
    forged({ type: "OFFER", src: 1 }),
    forged({ type: "OFFER", dst: "bob" }),
    forged({ type: "OFFER", payload: "x".repeat(300_000) }),
    `{"type":"OFFER","src":"mallory","dst":"alice","payload":${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
  ]) {
    await mallory.publishAsync("peerjs/to/alice", junk, { qos: 1 });
  }
  for (let n = 0; n < 1_000; n++)
    mallory.publish("peerjs/to/alice", forged({ type: "HERE", src: `${n}` }));
  await mallory.publishAsync("peerjs/to/alice", forged({ type: "CANDIDATE" }), { qos: 1 });
  await alice.got("CANDIDATE");
  assert.deepEqual(alice.frames, []);
});

test("presence: who is there, who died, and what was retained by somebody else", async () => {
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
    ["a/b", "1"],
    ["x", "\0"],
  ]) {
    await mallory.publishAsync(`peerjs/is/${topic}`, junk, { qos: 1, retain: true });
  }
  assert.ok((await factory.peers()).includes("alice"));
});

test("the ACL of the documents keeps peers from each other's topics and names", async () => {
  const { readFile } = await import("node:fs/promises");
  const acl = await readFile(new URL("../../docs/mosquitto.acl", import.meta.url), "utf8");
  const { connect } = await broker({ acl });
  const alice = dial(mqtt(await connect({ username: "alice" })), "alice");
  const bob = dial(mqtt(await connect({ username: "bob" })), "bob");
  await Promise.all([alice.got("OPEN"), bob.got("OPEN")]);
  alice.send("CANDIDATE", "bob", { n: 1 });
  assert.deepEqual((await bob.got("CANDIDATE")).payload, { n: 1 });
  const impostor = dial(mqtt(await connect({ username: "mallory" })), "carol");
  assert.equal((await impostor.got("ERROR", "OPEN")).type, "ERROR");
  const mallory = await connect({ username: "mallory" });
  const factory = mqtt(await connect({ username: "alice" }));
  await mallory.publishAsync("peerjs/is/dave", "1", { qos: 1, retain: true });
  assert.deepEqual((await factory.peers()).sort(), ["alice", "bob"]);
});
