// Ids and messages that are meant to do harm, over real brokers.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { connect as connectNats } from "@nats-io/transport-node";
import { mqtt } from "../../js/signaling/mqtt.js";
import { nats } from "../../js/signaling/nats.js";
import { natsCluster } from "./harness.mjs";
import { atEnd, broker, dial } from "./lines.mjs";

/** How each engine is reached: `join()` is the factory of a client of its own, with `publish(to, from, text)`. */
const ENGINES = {
  async mqtt() {
    const { connect } = await broker();
    return async () => {
      const client = await connect();
      const publish = (to, from, text) =>
        client.publish(`peerjs/to/${to}/${from}`, text, { qos: 1 });
      return { factory: mqtt(client), publish };
    };
  },
  async nats() {
    const cluster = await natsCluster(1);
    atEnd(() => cluster.stop());
    return async () => {
      const connection = await connectNats({ servers: cluster.nodes[0].url });
      atEnd(() => connection.close());
      const publish = (to, from, text) => connection.publish(`peerjs.${to}.${from}`, text);
      return { factory: nats(connection), publish };
    };
  },
};

/** Each of them is a wildcard, several levels, reserved or empty in the topics of some broker, or looks as if encoded. */
const IDS = "# + * > $SYS $share/g/x . .. a/b a/+ a.b a.> /a a/ %23 %2B %zz é 🦀 a&b=c".split(" ");

for (const [name, start] of Object.entries(ENGINES)) {
  describe(name, async () => {
    const join = await start();

    test("a peer whose id is a wildcard hears what is meant for it, and nothing else", async () => {
      const peers = await Promise.all(
        IDS.map(async (id) => {
          const { factory } = await join();
          return { id, line: dial(factory, id) };
        }),
      );
      await Promise.all(peers.map(({ line }) => line.got("OPEN")));
      const [alice, bob] = [
        dial((await join()).factory, "alice"),
        dial((await join()).factory, "bob"),
      ];
      await Promise.all([alice.got("OPEN"), bob.got("OPEN")]);
      for (let n = 0; n < 20; n++) alice.send("CANDIDATE", "bob", { n });
      for (let n = 0; n < 20; n++) assert.deepEqual((await bob.got("CANDIDATE")).payload, { n });
      // What a peer says arrives under its own id, and is the only message that it causes.
      for (const { id: to } of peers) alice.send("CANDIDATE", to, { to });
      for (const { id, line } of peers) {
        const { src, payload } = await line.got("CANDIDATE");
        assert.deepEqual([src, payload], ["alice", { to: id }], id);
        line.send("CANDIDATE", "bob", { from: id });
      }
      const heard = [];
      while (heard.length < peers.length) heard.push(await bob.got("CANDIDATE"));
      assert.deepEqual(heard.map(({ src }) => src).sort(), [...IDS].sort());
      for (const { src, payload } of heard) assert.deepEqual(payload, { from: src });
      for (const { id, line } of [
        ...peers,
        { id: "alice", line: alice },
        { id: "bob", line: bob },
      ]) {
        assert.deepEqual(line.frames, [], id);
      }
    });

    test("junk, forgeries, replays and floods are messages of their sender, or nothing", async () => {
      const victim = dial((await join()).factory, "victim");
      await victim.got("OPEN");
      const mallory = await join();
      const offer = (fields) =>
        JSON.stringify({ type: "OFFER", src: "mallory", dst: "victim", payload: {}, ...fields });
      const say = (text) => mallory.publish("victim", "mallory", text);
      for (const text of [
        ...["", "junk", "null", "[]", "{}", "\ud800", '{"claim":{}}', '{"taken":"guess"}'],
        offer({ type: "ID-TAKEN" }),
        offer({ type: "EXPIRE", src: "bob" }),
        offer({ src: "bob" }),
        offer({ src: "victim" }),
        offer({ dst: "bob" }),
        offer({ payload: "x".repeat(300_000) }),
        offer({ payload: 0 }).replace("0", "[".repeat(50_000) + "]".repeat(50_000)),
      ]) {
        say(text);
      }
      // What was said once, and again: the Peer knows it, the transport need not.
      const candidate = offer({ type: "CANDIDATE", payload: { n: 1 } });
      say(candidate);
      say(candidate);
      for (let n = 0; n < 5_000; n++) {
        mallory.publish("victim", `m${n}`, offer({ type: "HERE", src: `m${n}` }));
      }
      say(offer({ type: "ANSWER" }));
      await victim.got("ANSWER");
      const replayed = { type: "CANDIDATE", src: "mallory", payload: { n: 1 } };
      assert.deepEqual(victim.frames, [replayed, replayed]);
    });
  });
}
