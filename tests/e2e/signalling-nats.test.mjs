// Peers that find each other by `peerjs-wasm/nats` and a cluster of three nats-servers, over WebSocket.

import assert from "node:assert/strict";
import { natsCluster } from "../engines/harness.mjs";
import { inBrowsers } from "./harness/suite.mjs";

async function startCluster() {
  const cluster = await natsCluster(3);
  return { ...cluster, close: cluster.stop };
}

inBrowsers("signalling over NATS", { scripts: ["calls", "signalling"] }, (test) => {
  test("peers on different nodes connect, talk and call", async ({ page, keep }) => {
    const cluster = await keep(startCluster());
    const seen = await page.run(
      async (webs) => {
        const make = async (web, id) => {
          const connection = await signalling.natsConnection(web);
          return (await signalling.on("nats", ({ nats }) => nats(connection)))(id);
        };
        const [alice, bob] = await Promise.all([make(webs[0], "alice"), make(webs[1], "bob")]);
        await Promise.all([alice, bob].map((peer) => e2e.next(peer, "open")));
        const [out, incoming] = await e2e.link(alice, bob);
        const inbox = e2e.inbox(incoming);
        out.send({ deep: ["hello"] });
        const got = await inbox.take();
        const ringing = e2e.next(bob, "call");
        const call = alice.call("bob", await calls.capture("audio"));
        const streams = e2e.next(call, "stream");
        (await ringing).answer(await calls.capture("audio"));
        const kinds = (await streams).getTracks().map(({ kind }) => kind);
        alice.connect("nobody");
        const { type } = await e2e.next(alice, "error");
        return { got, kinds, type };
      },
      cluster.nodes.map(({ web }) => web),
    );
    assert.deepEqual(seen, {
      got: { deep: ["hello"] },
      kinds: ["audio"],
      type: "peer-unavailable",
    });
  });

  test("a node that dies in the middle of a negotiation, and later, is not noticed", async ({
    page,
    keep,
  }) => {
    const cluster = await keep(startCluster());
    await page.run(
      async ([first, second, third]) => {
        const one = await signalling.natsConnection(first, second);
        const two = await signalling.natsConnection(third);
        const { nats } = await import("/pkg/nats.js");
        const answers = signalling.holding(nats(two));
        const alice = (await signalling.on("nats", () => nats(one)))("alice");
        const bob = (await signalling.on("nats", () => answers))("bob");
        await Promise.all([alice, bob].map((peer) => e2e.next(peer, "open")));
        const lost = e2e.record(alice, ["disconnected", "error", "close"]);
        const arrival = e2e.next(bob, "connection");
        const conn = alice.connect("bob");
        const opened = e2e.next(conn, "open");
        await arrival;
        Object.assign(e2e, { nats: { one, alice, bob, answers, opened, lost } });
        e2e.nats.back = signalling.reconnected(one);
      },
      cluster.nodes.map(({ web }) => web),
    );
    await cluster.nodes[0].stop("SIGKILL");
    const seen = await page.run(async () => {
      const { alice, bob, answers, opened, lost, back } = e2e.nats;
      await back;
      answers.release();
      await opened;
      const [out, incoming] = await e2e.link(bob, alice);
      const inbox = e2e.inbox(incoming);
      out.send("steady");
      return { got: await inbox.take(), lost };
    });
    assert.deepEqual(seen, { got: "steady", lost: [] });
  });

  test("without any node the peer is disconnected, and its connections live on", async ({
    page,
    keep,
  }) => {
    const cluster = await keep(natsCluster(1).then((it) => ({ ...it, close: it.stop })));
    await page.run(async (web) => {
      const { wsconnect } = await import("/nats.js");
      const make = async (id) => {
        const connection = await wsconnect({ servers: web, reconnect: false });
        return (await signalling.on("nats", ({ nats }) => nats(connection)))(id);
      };
      const [alice, bob] = await Promise.all(["alice", "bob"].map(make));
      await Promise.all([alice, bob].map((peer) => e2e.next(peer, "open")));
      const [out, incoming] = await e2e.link(alice, bob);
      Object.assign(e2e, { out, incoming });
      e2e.gone = [alice, bob].map((peer) => e2e.next(peer, "disconnected"));
      for (const peer of [alice, bob]) peer.on("error", () => {});
    }, cluster.nodes[0].web);
    await cluster.nodes[0].stop("SIGKILL");
    const got = await page.run(async () => {
      await Promise.all(e2e.gone);
      const inbox = e2e.inbox(e2e.incoming);
      e2e.out.send("still here");
      return inbox.take();
    });
    assert.equal(got, "still here");
  });
});
