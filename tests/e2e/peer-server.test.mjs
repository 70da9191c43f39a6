// A Peer and its server: what it asks, what it makes of the answers, of silence and of noise.

import assert from "node:assert/strict";
import { signalAs, startPeerServer, startScriptedServer } from "./harness/servers.mjs";
import { inBrowsers } from "./harness/suite.mjs";

/** A server whose script is `onSocket(say, socket, query)`; `/id` gives "given". */
const scripted = (onSocket, onRequest = (_, response) => response.end("given")) =>
  startScriptedServer({
    onRequest,
    onSocket(socket, query) {
      const say = (frame) => socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
      onSocket(say, socket, query);
    },
  });

/** Makes a peer and lists its events until `until`, with the message of the first error. */
async function follow(page, server, { id, until, ...options }) {
  return page.run(
    async (id, until, options) => {
      const peer = e2e.makePeer("ours", id ?? undefined, options);
      const events = e2e.record(peer, ["open", "error", "disconnected", "close"]);
      let message;
      peer.once("error", (error) => {
        message = error.message;
      });
      await e2e.next(peer, until);
      return { events, message, destroyed: peer.destroyed, disconnected: peer.disconnected };
    },
    id ?? null,
    until,
    { ...server?.options, ...options },
  );
}

inBrowsers("a peer and its server", { server: { path: "/" } }, (test) => {
  test("without a server in the options it asks PeerJS's cloud", async ({ page }) => {
    const asked = await page.run(async () => {
      const { Peer } = e2e.libs.ours;
      const original = { fetch: window.fetch, WebSocket: window.WebSocket };
      const urls = [];
      window.fetch = async (request) => {
        urls.push(request.url ?? String(request));
        return new Response("from-the-cloud");
      };
      const socketMade = new Promise((resolve) => {
        window.WebSocket = class extends EventTarget {
          constructor(url) {
            super();
            urls.push(url);
            resolve();
          }
          close() {}
        };
      });
      const first = new Peer();
      await e2e.awaited("a socket", socketMade);
      first.destroy();
      new Peer("chosen").destroy();
      Object.assign(window, original);
      return urls;
    });
    const [id, given, chosen] = asked.map((url) => new URL(url));
    assert.equal(id.origin + id.pathname, "https://0.peerjs.com/peerjs/id");
    assert.match(id.searchParams.get("ts"), /^[\w.]{10,}$/);
    assert.equal(id.searchParams.get("version"), given.searchParams.get("version"));
    for (const [url, peer] of [
      [given, "from-the-cloud"],
      [chosen, "chosen"],
    ]) {
      assert.equal(url.origin + url.pathname, "wss://0.peerjs.com/peerjs");
      assert.equal(url.searchParams.get("key"), "peerjs");
      assert.equal(url.searchParams.get("id"), peer);
      assert.match(url.searchParams.get("token"), /^\w{8,}$/);
    }
  });

  test("key, token and path go into its requests", async ({ page, keep }) => {
    const asked = [];
    const script = (say, _, query) => {
      asked.push(Object.fromEntries(query));
      say({ type: "OPEN" });
    };
    const answer = (request, response) => {
      asked.push(new URL(request.url, "http://server").pathname);
      response.end("given");
    };
    const server = await keep(scripted(script, answer));
    await follow(page, server, { until: "open", path: "deep/app", key: "k", token: "t" });
    const [path, { version, ...query }] = asked;
    assert.equal(path, "/deep/app/k/id");
    assert.deepEqual(query, { key: "k", id: "given", token: "t" });
    assert.match(version, /^\d+\.\d+\.\d+/);
  });

  test("peer.options are the options with the defaults filled in", async ({ page }) => {
    const seen = await page.run(async () => {
      const peer = e2e.makePeer("ours", "optional", { path: "a", debug: 0, extra: 1 });
      const { host, path, key, secure, debug, extra, pingInterval, token, config } = peer.options;
      return { host, path, key, secure, debug, extra, token: typeof token, config, pingInterval };
    });
    assert.deepEqual(seen, {
      host: "127.0.0.1",
      path: "/a/",
      key: "peerjs",
      secure: false,
      debug: 0,
      extra: 1,
      token: "string",
      config: { iceServers: [] },
    });
  });

  test("host '/' is the page's own host", async ({ page }) => {
    const seen = await follow(page, null, { host: "/", until: "open" });
    assert.deepEqual(seen.events, ["open"]);
  });

  test("a path other than / works on both ends", async ({ page, keep }) => {
    const server = await keep(startPeerServer({ path: "/my/app" }));
    const seen = await follow(page, server, { until: "open" });
    assert.deepEqual(seen.events, ["open"]);
  });

  test("a wrong path: server-error with a hint, then destroyed", async ({ page, keep }) => {
    const server = await keep(startPeerServer({ path: "/my/app" }));
    const seen = await follow(page, server, { path: "/", until: "close" });
    assert.deepEqual(seen.events, ["error server-error", "disconnected", "close"]);
    assert.match(seen.message, /Could not get an ID from the server\..*`path`/);
  });

  test("a wrong key: server-error, then destroyed", async ({ page }) => {
    const seen = await follow(page, null, { id: "keyless", key: "wrong", until: "close" });
    assert.deepEqual(seen, {
      events: ["error server-error", "disconnected", "close"],
      message: "Invalid key provided",
      destroyed: true,
      disconnected: true,
    });
  });

  test("INVALID-KEY: invalid-key, then destroyed", async ({ page, keep }) => {
    const server = await keep(scripted((say) => say({ type: "INVALID-KEY" })));
    const seen = await follow(page, server, { key: "bad", until: "close" });
    assert.deepEqual(seen.events, ["error invalid-key", "disconnected", "close"]);
    assert.match(seen.message, /"bad" is invalid/);
  });

  test("ERROR once it has been open: server-error, disconnected, not destroyed", async ({
    page,
    keep,
  }) => {
    const script = (say) => {
      say({ type: "OPEN" });
      say({ type: "ERROR", payload: { msg: "full" } });
    };
    const server = await keep(scripted(script));
    const seen = await follow(page, server, { until: "disconnected" });
    assert.deepEqual(seen, {
      events: ["open", "error server-error", "disconnected"],
      message: "full",
      destroyed: false,
      disconnected: true,
    });
  });

  test("nobody listens: network with an id, server-error without", async ({ page }) => {
    const closed = await startScriptedServer({});
    await closed.close();
    const chosen = await follow(page, closed, { id: "chosen", until: "disconnected" });
    assert.deepEqual(chosen.events, ["error network", "disconnected"]);
    assert.equal(chosen.destroyed, false);
    const given = await follow(page, closed, { until: "close" });
    assert.deepEqual(given.events, ["error server-error", "disconnected", "close"]);
  });

  test("the server is lost: network, disconnected; reconnect() finds the next one", async ({
    open,
    site,
    keep,
  }) => {
    const first = await keep(startPeerServer());
    const other = await open(site.blank(["ours"], first));
    await other.run(async () => {
      const peer = await e2e.openPeer("ours", "phoenix");
      e2e.peer = peer;
      e2e.events = e2e.record(peer, ["open", "error", "disconnected", "close"]);
      e2e.lost = e2e.next(peer, "disconnected");
    });
    await first.close();
    const lost = await other.run(async () => {
      await e2e.lost;
      return { events: e2e.events, id: e2e.peer.id, destroyed: e2e.peer.destroyed };
    });
    assert.deepEqual(lost, {
      events: ["error network", "disconnected"],
      id: null,
      destroyed: false,
    });
    await keep(startPeerServer({ port: first.options.port }));
    const id = await other.run(() => {
      e2e.peer.reconnect();
      return e2e.next(e2e.peer, "open");
    });
    assert.equal(id, "phoenix");
  });

  test("noise from the server does no harm", async ({ page, keep }) => {
    const script = (say) => {
      say("not JSON");
      say("null");
      say("[]");
      say("42");
      say({ type: "NEW-THING", payload: {} });
      say({ type: "LEAVE", src: "nobody" });
      say({ type: "ANSWER", src: "nobody", payload: null });
      say({ type: "CANDIDATE", src: "nobody" });
      say({ type: "OPEN" });
    };
    const server = await keep(scripted(script));
    const seen = await follow(page, server, { until: "open" });
    assert.deepEqual(seen.events, ["open"]);
  });

  test("a heartbeat goes out every pingInterval", async ({ page, keep }) => {
    let beats;
    const beaten = new Promise((resolve) => {
      beats = resolve;
    });
    const script = (say, socket) => {
      say({ type: "OPEN" });
      const types = [];
      socket.on("message", (text) => {
        const { type } = JSON.parse(text);
        if (type === "HEARTBEAT" && types.push(type) === 3) beats([...types]);
      });
    };
    const server = await keep(scripted(script));
    await follow(page, server, { until: "open", pingInterval: 50 });
    assert.deepEqual(await beaten, ["HEARTBEAT", "HEARTBEAT", "HEARTBEAT"]);
  });

  test("an unknown peer: peer-unavailable names it, this peer lives on", async ({ page, keep }) => {
    const server = await keep(startPeerServer({ expire_timeout: 1, cleanup_out_msgs: 50 }));
    const seen = await page.run(async (options) => {
      const peer = await e2e.openPeer("ours", undefined, options);
      const told = e2e.next(peer, "error");
      peer.connect("nobody");
      const { type, message } = await told;
      return { type, message, open: peer.open };
    }, server.options);
    assert.deepEqual(seen, {
      type: "peer-unavailable",
      message: "Could not connect to peer nobody",
      open: true,
    });
  });

  test("the offer on the wire is PeerJS's", async ({ page, peerServer }) => {
    const far = await signalAs(peerServer, "wiretap");
    await far.got("OPEN");
    const conn = await page.run(async () => {
      const peer = await e2e.openPeer("ours", "wirer");
      const conn = peer.connect("wiretap", { metadata: { m: 1 }, serialization: "none" });
      return { id: conn.connectionId };
    });
    const { src, dst, payload } = await far.got("OFFER");
    const { sdp, type, connectionId, label, metadata, reliable, serialization } = payload;
    assert.deepEqual([src, dst, type], ["wirer", "wiretap", "data"]);
    assert.deepEqual([connectionId, label], [conn.id, conn.id]);
    assert.deepEqual([metadata, reliable, serialization], [{ m: 1 }, false, "raw"]);
    assert.equal(sdp.type, "offer");
    assert.match(sdp.sdp, /m=application/);
    const candidate = (await far.got("CANDIDATE")).payload;
    assert.deepEqual([candidate.type, candidate.connectionId], ["data", conn.id]);
    assert.match(candidate.candidate.candidate, /^candidate:/);
    assert.equal(typeof candidate.candidate.sdpMLineIndex, "number");
    far.close();
  });
});

inBrowsers("listAllPeers", { server: { allow_discovery: true } }, (test) => {
  test("gives the ids of all peers", async ({ page }) => {
    const ids = await page.run(async () => {
      const [peer] = await Promise.all([e2e.openPeer("ours", "one"), e2e.openPeer("ours", "two")]);
      return e2e.awaited("the list", new Promise((resolve) => peer.listAllPeers(resolve)));
    });
    assert.deepEqual(ids.sort(), ["one", "two"]);
  });

  test("where discovery is off: server-error says what to switch on", async ({
    open,
    site,
    keep,
  }) => {
    const server = await keep(startPeerServer());
    const closed = await open(site.blank(["ours"], server));
    const message = await closed.run(async () => {
      const peer = await e2e.openPeer("ours");
      const told = e2e.next(peer, "error", (error) => error.type === "server-error");
      peer.listAllPeers(() => e2e.note("listed"));
      return (await told).message;
    });
    assert.match(message, /allow_discovery/);
  });
});
