// What an MQTT broker and hostile clients do to peers in a browser.

import assert from "node:assert/strict";
import mqttjs from "mqtt";
import { mosquitto } from "../engines/harness.mjs";
import { startRelay } from "../engines/relay.mjs";
import { inBrowsers } from "./harness/suite.mjs";

async function startBroker(options) {
  const broker = await mosquitto(options);
  return { ...broker, close: broker.stop };
}

async function client(broker, keep) {
  const connected = await mqttjs.connectAsync(broker.url);
  return keep(Object.assign(connected, { close: () => connected.endAsync(true) }));
}

/** Peers of the page under these ids, each with a client of its own. */
const open = (page, url, ids, options = {}) =>
  page.run(
    async (url, ids, options) => {
      e2e.peers = await Promise.all(
        ids.map(async (id) => {
          const mqttClient = await signalling.mqttClient(url);
          const make = await signalling.on("mqtt", ({ mqtt }) => mqtt(mqttClient, options));
          return make(id, { reconnect: { minDelay: 50, maxDelay: 200 } });
        }),
      );
      await Promise.all(e2e.peers.map((peer) => e2e.next(peer, "open")));
    },
    url,
    ids,
    options,
  );

/** Both ends of a new connection say something. */
const talk = (page) =>
  page.run(async () => {
    const [out, incoming] = await e2e.link(...e2e.peers);
    const inbox = e2e.inbox(incoming);
    out.send("hello");
    return inbox.take();
  });

inBrowsers("an MQTT broker", { scripts: ["signalling"] }, (test) => {
  test("restarted: peers are disconnected, come back by themselves and connect", async ({
    page,
    keep,
  }) => {
    const broker = await keep(startBroker());
    await open(page, broker.web, ["alice", "bob"]);
    await page.run(async () => {
      const [out, incoming] = await e2e.link(...e2e.peers);
      Object.assign(e2e, { out, incoming });
      for (const peer of e2e.peers) peer.on("error", () => {});
      e2e.lost = e2e.peers.map((peer) => e2e.next(peer, "disconnected"));
      e2e.back = e2e.peers.map((peer) => e2e.next(peer, "open"));
    });
    await broker.kill();
    await page.run(() => Promise.all(e2e.lost));
    await broker.start();
    const got = await page.run(async () => {
      await Promise.all(e2e.back);
      const inbox = e2e.inbox(e2e.incoming);
      e2e.out.send("alive");
      return inbox.take();
    });
    assert.deepEqual([got, await talk(page)], ["alive", "hello"]);
  });

  test("two peers of one id: the second is refused, and has it once the first has left", async ({
    page,
    keep,
  }) => {
    const broker = await keep(startBroker());
    await open(page, broker.web, ["alice"]);
    const seen = await page.run(async (url) => {
      const other = await signalling.mqttClient(url);
      const make = await signalling.on("mqtt", ({ mqtt }) => mqtt(other));
      const { type } = await e2e.next(make("alice"), "error");
      const first = e2e.peers[0];
      const wasOpen = first.open;
      first.destroy();
      let second;
      do {
        second = make("alice");
        second.on("error", () => {});
      } while (
        !(await Promise.race([
          e2e.next(second, "open").then(() => true),
          e2e.next(second, "close").then(() => false),
        ]))
      );
      return { type, wasOpen, id: second.id };
    }, broker.web);
    assert.deepEqual(seen, { type: "unavailable-id", wasOpen: true, id: "alice" });
  });

  test("that refuses an id: server-error", async ({ page, keep }) => {
    const acl = "pattern readwrite peerjs/to/%u/+\n";
    const broker = await keep(startBroker({ acl }));
    const type = await page.run(async (url) => {
      const mqttClient = await signalling.mqttClient(url, { username: "mallory" });
      const make = await signalling.on("mqtt", ({ mqtt }) => mqtt(mqttClient));
      return (await e2e.next(make("alice"), "error")).type;
    }, broker.web);
    assert.equal(type, "server-error");
  });

  test("that is slow: 10 KB/s and half a second late, and peers connect", async ({
    page,
    keep,
  }) => {
    const broker = await keep(startBroker());
    const relay = await keep(
      startRelay(Number(new URL(broker.web).port), { late: 500, rate: 10_000 }),
    );
    await open(page, `ws://127.0.0.1:${relay.port}`, ["alice", "bob"]);
    assert.equal(await talk(page), "hello");
  });

  test("with garbage, forged and retained messages: nothing comes of it", async ({
    page,
    keep,
  }) => {
    // As docs/signalling.md says: mosquitto 2.0.11 stalls a WebSocket behind a longer message.
    const broker = await keep(startBroker({ longest: 16_384 }));
    const mallory = await client(broker, keep);
    const offer = (src, payload) => JSON.stringify({ type: "OFFER", src, dst: "alice", payload });
    const data = { type: "data", connectionId: "dc_x", sdp: { type: "offer", sdp: "v=0" } };
    const say = (topic, text, retain = false) =>
      mallory.publishAsync(`peerjs/${topic}`, text, { qos: 1, retain });
    await say("to/alice/mallory", offer("mallory", data), true);
    await say("is/%zz", "1", true);
    await say("is/ghost", "1", true);
    await open(page, broker.web, ["alice", "bob"], { presence: true });
    await page.run(() => {
      e2e.seen = e2e.record(e2e.peers[0], ["connection", "call", "error", "disconnected", "close"]);
    });
    for (const text of [
      "",
      "junk",
      "null",
      "[".repeat(60_000),
      "{}",
      '{"claim":1}',
      '{"taken":"x"}',
      offer("bob", data),
      offer("mallory", "x".repeat(300_000)),
      JSON.stringify({ type: "ID-TAKEN", src: "mallory", dst: "alice" }),
      JSON.stringify({ type: "PRESENCE", src: "mallory", dst: "alice", payload: "online" }),
    ]) {
      await say("to/alice/mallory", text);
    }
    assert.equal(await talk(page), "hello");
    const [seen, peers] = await page.run(async () => [
      e2e.seen,
      (await e2e.peers[0].peers()).sort(),
    ]);
    assert.deepEqual([seen, peers], [[], ["alice", "bob", "ghost"]]);
  });

  test("tells of peers that come, leave and die", async ({ page, keep }) => {
    const broker = await keep(startBroker());
    await open(page, broker.web, ["alice"], { presence: true });
    const seen = await page.run(async (url) => {
      const [alice] = e2e.peers;
      const told = [];
      const wanted = (state) =>
        new Promise((resolve) => {
          alice.on("presence", (id, now) => {
            told.push(`${id} ${now}`);
            if (now === state) resolve();
          });
        });
      const { will } = await import("/pkg/mqtt.js");
      const mortal = await signalling.mqttClient(url, { will: will("carol"), reconnectPeriod: 0 });
      const make = await signalling.on("mqtt", ({ mqtt }) => mqtt(mortal));
      const online = wanted("online");
      const carol = make("carol");
      carol.on("error", () => {});
      await e2e.next(carol, "open");
      await online;
      alice.removeAllListeners("presence");
      const offline = wanted("offline");
      mortal.stream.destroy();
      await offline;
      return told;
    }, broker.web);
    assert.deepEqual(seen, ["carol online", "carol offline"]);
  });
});
