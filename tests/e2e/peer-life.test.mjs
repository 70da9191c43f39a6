// The life of a Peer: made, open, disconnected, back again, destroyed.

import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

inBrowsers("life of a peer", {}, (test) => {
  test("new Peer(options) gets its id from the server", async ({ page }) => {
    const seen = await page.run(async () => {
      const peer = e2e.makePeer("ours");
      const atOnce = [peer.id, peer.open, peer.disconnected, peer.destroyed];
      const id = await e2e.next(peer, "open");
      return { atOnce, same: id === peer.id, id, open: peer.open };
    });
    assert.deepEqual(seen.atOnce, [null, false, false, false]);
    assert.match(seen.id, /^[0-9a-f-]{36}$/);
    assert.deepEqual([seen.same, seen.open], [true, true]);
  });

  for (const [form, id, expected] of [
    ["a string", "alice", "alice"],
    ["a number", 42, "42"],
    ["spaces, dashes and underscores", "a b-c_d", "a b-c_d"],
    ["two dashes in a row", "a--b", "a--b"],
    ["a single letter", "x", "x"],
  ]) {
    test(`new Peer(id, options) takes ${form}`, async ({ page }) => {
      const seen = await page.run(async (id) => {
        const peer = e2e.makePeer("ours", id);
        return { opened: await e2e.next(peer, "open"), id: peer.id };
      }, id);
      assert.deepEqual(seen, { opened: expected, id: expected });
    });
  }

  for (const empty of [null, ""]) {
    test(`new Peer(${JSON.stringify(empty)}, options) gets an id`, async ({ page }) => {
      const id = await page.run((id) => e2e.next(e2e.makePeer("ours", id), "open"), empty);
      assert.match(id, /^[0-9a-f-]{36}$/);
    });
  }

  for (const id of ["-a", "a-", "_a", " a", "a$b", "ä", "a/b", "<b>"]) {
    test(`the id "${id}" is invalid: told later, then the peer is destroyed`, async ({ page }) => {
      const seen = await page.run(async (id) => {
        const peer = e2e.makePeer("ours", id);
        const events = e2e.record(peer, ["open", "error", "disconnected", "close"]);
        const atOnce = [...events];
        await e2e.next(peer, "close");
        return { atOnce, events, destroyed: peer.destroyed, open: peer.open };
      }, id);
      assert.deepEqual(seen, {
        atOnce: [],
        events: ["error invalid-id", "disconnected", "close"],
        destroyed: true,
        open: false,
      });
    });
  }

  for (const [what, crypto] of [
    ["fails", () => ({ getRandomValues: () => JSON.parse("no") })],
    ["is missing", () => undefined],
  ]) {
    test(`crypto.getRandomValues ${what}: browser-incompatible, and no token`, async ({
      page,
      peerServer,
    }) => {
      const seen = await page.run(
        async (makeCrypto, options) => {
          const real = globalThis.crypto;
          // biome-ignore lint/security/noGlobalEval: the function comes from the test
          const made = eval(makeCrypto)();
          Object.defineProperty(globalThis, "crypto", { value: made, configurable: true });
          const peer = new e2e.libs.ours.Peer("me", options);
          const given = new e2e.libs.ours.Peer("given", { ...options, token: "own" });
          const events = e2e.record(peer, ["open", "error", "disconnected", "close"]);
          const opened = e2e.next(given, "open");
          await Promise.all([e2e.next(peer, "close"), opened]);
          given.destroy();
          Object.defineProperty(globalThis, "crypto", { value: real, configurable: true });
          return { events, token: peer.options.token ?? null };
        },
        String(crypto),
        peerServer.options,
      );
      const events = ["error browser-incompatible", "disconnected", "close"];
      assert.deepEqual(seen, { events, token: null });
    });
  }

  test("an id that is taken: unavailable-id, then the peer is destroyed", async ({ page }) => {
    const seen = await page.run(async () => {
      const first = await e2e.openPeer("ours", "taken");
      const second = e2e.makePeer("ours", "taken");
      const events = e2e.record(second, ["open", "error", "disconnected", "close"]);
      const { message } = await e2e.next(second, "error");
      if (!second.destroyed) await e2e.next(second, "close");
      return { message, events, destroyed: second.destroyed, first: first.open };
    });
    assert.deepEqual(seen, {
      message: 'ID "taken" is taken',
      events: ["error unavailable-id", "disconnected", "close"],
      destroyed: true,
      first: true,
    });
  });

  test("disconnect() leaves the connections alone", async ({ page }) => {
    const seen = await page.run(async () => {
      const { near, far, out, in: incoming } = await e2e.pair();
      const id = near.id;
      const events = [];
      near.on("disconnected", (old) => {
        events.push(["disconnected", old === id, near.id, near.open, near.disconnected]);
      });
      near.disconnect();
      near.disconnect();
      const inbox = e2e.inbox(incoming);
      out.send("still here");
      return { events, got: await inbox.take(), destroyed: near.destroyed, far: far.open };
    });
    assert.deepEqual(seen, {
      events: [["disconnected", true, null, false, true]],
      got: "still here",
      destroyed: false,
      far: true,
    });
  });

  test("reconnect() comes back under the same id", async ({ page }) => {
    const seen = await page.run(async () => {
      const [near, far] = await Promise.all([e2e.openPeer("ours"), e2e.openPeer("ours", "back")]);
      far.disconnect();
      far.reconnect();
      const states = [far.open, far.disconnected];
      const id = await e2e.next(far, "open");
      const [out] = await e2e.link(near, far);
      return { states, id, connected: out.open };
    });
    assert.deepEqual(seen, { states: [false, false], id: "back", connected: true });
  });

  test("reconnect() throws on an open and on a destroyed peer, not while connecting", async ({
    page,
  }) => {
    const seen = await page.run(async () => {
      const peer = e2e.makePeer("ours");
      const connecting = e2e.thrown(() => peer.reconnect());
      await e2e.next(peer, "open");
      const open = e2e.thrown(() => peer.reconnect());
      peer.destroy();
      const destroyed = e2e.thrown(() => peer.reconnect());
      return { connecting, open, destroyed };
    });
    assert.equal(seen.connecting, undefined);
    assert.match(seen.open.message, /not disconnected/);
    assert.match(seen.destroyed.message, /destroyed/);
  });

  test("destroy(): disconnected, the connections' close, close; each once", async ({ page }) => {
    const seen = await page.run(async () => {
      const { near, out, in: incoming } = await e2e.pair();
      const events = [];
      const farClosed = e2e.next(incoming, "close");
      near.on("disconnected", () => events.push(["disconnected", near.destroyed, out.open]));
      out.on("close", () => events.push(["connection close", near.destroyed, out.open]));
      near.on("close", () => events.push(["close", near.destroyed, out.open]));
      near.on("error", (error) => events.push(error.type));
      near.destroy();
      const atOnce = [...events];
      near.destroy();
      near.disconnect();
      await farClosed;
      return { events, atOnce, connections: Object.keys(near.connections), open: near.open };
    });
    const order = [
      ["disconnected", false, true],
      ["connection close", false, false],
      ["close", true, false],
    ];
    assert.deepEqual(seen, { events: order, atOnce: order, connections: [], open: false });
  });

  for (const end of ["disconnect", "destroy"]) {
    test(`connect() after ${end}(): error disconnected, returns undefined`, async ({ page }) => {
      const seen = await page.run(async (end) => {
        const peer = await e2e.openPeer("ours");
        const errors = e2e.record(peer, ["error"]);
        peer[end]();
        const returned = peer.connect("anyone");
        return { errors, isUndefined: returned === undefined };
      }, end);
      assert.deepEqual(seen, { errors: ["error disconnected"], isUndefined: true });
    });
  }

  test("connections and getConnection() give the very objects of connect() and the event", async ({
    page,
  }) => {
    const seen = await page.run(async () => {
      const { near, far, out, in: incoming } = await e2e.pair();
      const [second, secondIn] = await e2e.link(near, far);
      const both = near.connections[far.id];
      const same = {
        out: both[0] === out && both[1] === second && both.length === 2,
        in: far.connections[near.id][0] === incoming && far.connections[near.id][1] === secondIn,
        get: near.getConnection(far.id, out.connectionId) === out,
        keys: Object.keys(near.connections).join() === far.id,
        ids: out.connectionId === incoming.connectionId && /^dc_/.test(out.connectionId),
        stranger: near.getConnection("stranger", out.connectionId) === null,
        unknown: near.getConnection(far.id, "dc_unknown") === null,
      };
      const closed = e2e.next(incoming, "close");
      out.close();
      await closed;
      const left = [near.connections[far.id], far.connections[near.id]];
      return { same, left: left.map((list) => list.length) };
    });
    assert.deepEqual(new Set(Object.values(seen.same)), new Set([true]), JSON.stringify(seen.same));
    assert.deepEqual(seen.left, [1, 1]);
  });

  test("a connection says what it is on both ends", async ({ page }) => {
    const seen = await page.run(async () => {
      const { near, far, out, in: incoming } = await e2e.pair();
      const [named] = await e2e.link(near, far, { label: "L", metadata: { m: [1] } });
      const facts = (conn) => ({
        type: conn.type,
        open: conn.open,
        serialization: conn.serialization,
        reliable: conn.reliable,
        metadata: conn.metadata,
        bufferSize: conn.bufferSize,
        labelIsId: conn.label === conn.connectionId,
        channel: conn.dataChannel instanceof RTCDataChannel && conn.dataChannel.readyState,
        peerConnection: conn.peerConnection instanceof RTCPeerConnection,
      });
      return {
        out: facts(out),
        in: facts(incoming),
        peers: out.peer === far.id && incoming.peer === near.id,
        providers: out.provider === near && incoming.provider === far,
        named: [named.label, named.metadata],
      };
    });
    const facts = {
      type: "data",
      open: true,
      serialization: "binary",
      reliable: false,
      bufferSize: 0,
      labelIsId: true,
      channel: "open",
      peerConnection: true,
    };
    assert.deepEqual(seen, {
      out: facts,
      in: facts,
      peers: true,
      providers: true,
      named: ["L", { m: [1] }],
    });
  });

  test("send() before open and after close: error not-open-yet, at once", async ({ page }) => {
    const seen = await page.run(async () => {
      const [near, far] = await Promise.all([e2e.openPeer("ours"), e2e.openPeer("ours")]);
      const conn = near.connect(far.id);
      const errors = e2e.record(conn, ["error"]);
      conn.send("early");
      const early = [...errors];
      await e2e.next(conn, "open");
      conn.close();
      conn.send("late");
      return { early, errors };
    });
    assert.deepEqual(seen.early, ["error not-open-yet"]);
    assert.deepEqual(seen.errors, ["error not-open-yet", "error not-open-yet"]);
  });

  test("close() is told on both ends, once, and at once on this one", async ({ page }) => {
    const seen = await page.run(async () => {
      const { out, in: incoming } = await e2e.pair();
      const near = e2e.record(out, ["close", "error"]);
      const far = e2e.record(incoming, ["close", "error"]);
      const farClosed = e2e.next(incoming, "close");
      out.close();
      const atOnce = [...near];
      out.close();
      await farClosed;
      incoming.close();
      return { atOnce, near, far, open: [out.open, incoming.open] };
    });
    assert.deepEqual(seen, {
      atOnce: ["close"],
      near: ["close"],
      far: ["close"],
      open: [false, false],
    });
  });
});

inBrowsers("listeners", {}, (test) => {
  test("may call anything: connect, send, close and destroy from within", async ({ page }) => {
    const seen = await page.run(async () => {
      const far = await e2e.openPeer("ours");
      const trace = [];
      far.on("connection", (conn) => {
        conn.on("data", (data) => {
          trace.push(`far got ${data}`);
          if (data < 3) conn.send(data + 1);
          else far.destroy();
        });
      });
      const near = e2e.makePeer("ours");
      const closed = e2e.next(near, "close");
      near.on("open", () => {
        const conn = near.connect(far.id);
        conn.on("open", () => conn.send(1));
        conn.on("data", (data) => conn.send(data + 1));
        conn.on("close", () => {
          trace.push("near closed");
          near.destroy();
        });
      });
      await closed;
      return { trace, destroyed: [near.destroyed, far.destroyed] };
    });
    assert.deepEqual(seen, {
      trace: ["far got 1", "far got 3", "near closed"],
      destroyed: [true, true],
    });
  });

  test("may destroy the peer from any of its events", async ({ page }) => {
    const seen = await page.run(async () => {
      const results = {};
      const inOpen = e2e.makePeer("ours");
      inOpen.on("open", () => inOpen.destroy());
      await e2e.next(inOpen, "close");
      results.open = e2e.thrown(() => inOpen.connect("x")) ?? inOpen.destroyed;

      const inDisconnected = await e2e.openPeer("ours");
      const events = e2e.record(inDisconnected, ["disconnected", "close"]);
      inDisconnected.on("disconnected", () => inDisconnected.destroy());
      inDisconnected.disconnect();
      results.disconnected = events;

      const [near, far] = await Promise.all([e2e.openPeer("ours"), e2e.openPeer("ours")]);
      far.on("connection", () => far.destroy());
      near.connect(far.id);
      await e2e.next(far, "close");
      results.connection = far.destroyed;
      return results;
    });
    assert.deepEqual(seen, {
      open: true,
      disconnected: ["disconnected", "close"],
      connection: true,
    });
  });

  test("may throw: the error reaches the page, everything stays usable", async ({ page }) => {
    const seen = await page.run(async () => {
      const near = e2e.makePeer("ours");
      const far = e2e.makePeer("ours");
      const whenOpen = (peer) =>
        new Promise((resolve) => {
          peer.on("open", () => {
            resolve();
            throw new Error("thrown in open");
          });
        });
      await Promise.all([near, far].map((peer) => e2e.awaited("open", whenOpen(peer))));
      const arrived = new Promise((resolve) => {
        far.on("connection", (conn) => {
          resolve(conn);
          throw new Error("thrown in connection");
        });
      });
      const out = near.connect(far.id);
      const opened = new Promise((resolve) => {
        out.on("open", () => {
          resolve();
          throw new Error("thrown in connection's open");
        });
      });
      const incoming = await e2e.awaited("connection", arrived);
      const got = [];
      const all = new Promise((resolve) => {
        incoming.on("data", (data) => {
          got.push(data);
          if (data === 3) resolve();
          throw new Error(`thrown in data ${data}`);
        });
      });
      await e2e.awaited("open", opened);
      for (const n of [1, 2, 3]) out.send(n);
      await e2e.awaited("three messages", all);
      const closed = e2e.next(incoming, "close");
      out.close();
      await closed;
      return { got, open: [near.open, far.open], left: near.connections[far.id] ?? [] };
    });
    assert.deepEqual(seen, { got: [1, 2, 3], open: [true, true], left: [] });
    const thrown = page.takeErrors().map((text) => /thrown in [\w' ]*[\w]/.exec(text)?.[0]);
    assert.deepEqual(thrown.sort(), [
      "thrown in connection",
      "thrown in connection's open",
      "thrown in data 1",
      "thrown in data 2",
      "thrown in data 3",
      "thrown in open",
      "thrown in open",
    ]);
  });

  for (const kind of ["peer", "connection"]) {
    test(`EventEmitter3's interface on a ${kind}`, async ({ page }) => {
      const seen = await page.run(async (kind) => {
        const { Peer } = e2e.libs.ours;
        const peer = new Peer(e2e.server);
        const emitter = kind === "peer" ? peer : await openConnection();
        async function openConnection() {
          await new Promise((resolve) => peer.on("open", resolve));
          return peer.connect(peer.id === "x" ? "y" : "x");
        }
        const calls = [];
        const context = { name: "context" };
        function listener(...args) {
          calls.push([this === emitter ? "emitter" : this?.name, ...args]);
        }
        const chained = emitter.on("custom", listener) === emitter;
        emitter.on("custom", listener, context);
        emitter.once("custom", listener, { name: "once" });
        emitter.addListener("other", listener);
        const counts = [emitter.listenerCount("custom"), emitter.listenerCount("none")];
        const names = emitter.eventNames().filter((name) => ["custom", "other"].includes(name));
        const returned = [emitter.emit("custom", 1, "two"), emitter.emit("none")];
        emitter.emit("custom", 3);
        emitter.off("custom", listener, context);
        emitter.removeListener("other", listener);
        emitter.emit("other", "never");
        emitter.emit("custom", 4);
        const listeners = emitter.listeners("custom").length === 1;
        emitter.removeAllListeners("custom");
        emitter.emit("custom", "never");
        emitter.on("custom", listener).on("other", listener).removeAllListeners();
        emitter.emit("custom", "never");
        const left = emitter.eventNames().length;
        peer.destroy();
        return { chained, counts, names, returned, calls, listeners, left };
      }, kind);
      assert.deepEqual(seen, {
        chained: true,
        counts: [3, 0],
        names: ["custom", "other"],
        returned: [true, false],
        calls: [
          ["emitter", 1, "two"],
          ["context", 1, "two"],
          ["once", 1, "two"],
          ["emitter", 3],
          ["context", 3],
          ["emitter", 4],
        ],
        listeners: true,
        left: 0,
      });
    });
  }
});
