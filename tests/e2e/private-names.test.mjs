// Programs written for PeerJS read what it never documented but always had: the same text does the same here.

import assert from "node:assert/strict";
import { startScriptedServer } from "./harness/servers.mjs";
import { inBrowsers } from "./harness/suite.mjs";

const libs = ["peerjs", "ours"];

/** `program(lib, ...args)` gives `expected` with both libraries. */
async function assertSame(page, expected, program, ...args) {
  for (const lib of libs) assert.deepEqual(await page.run(program, lib, ...args), expected, lib);
}

/** A server that notes what it is asked for. */
function startNotingServer() {
  const sockets = [];
  const urls = [];
  return startScriptedServer({
    onSocket(socket, query) {
      sockets.push(Object.fromEntries(query));
      socket.send('{"type":"OPEN"}');
    },
    onRequest(request, response) {
      urls.push(request.url.replace(/\?.*/, ""));
      response.end("[]");
    },
  }).then((server) => Object.assign(server, { sockets, urls }));
}

inBrowsers("private options", { libs }, (test) => {
  test("do not decide who offers", async ({ page }) => {
    const expected = { got: "hello", carried: { originator: true, reliable: true } };
    await assertSame(page, expected, async (lib) => {
      const _payload = { originator: true, reliable: true };
      const { out, in: incoming } = await e2e.pair({ from: lib, to: lib, _payload });
      const inbox = e2e.inbox(incoming);
      out.send("hello");
      return { got: await inbox.take(), carried: out.options._payload };
    });
  });

  test("that look like an offer are not answered", async ({ page }) => {
    const got = await page.run(async () => {
      const _payload = { sdp: { type: "offer", sdp: "" }, features: ["batch"] };
      const { out, in: incoming } = await e2e.pair({ _payload });
      const inbox = e2e.inbox(incoming);
      out.send("hello");
      return inbox.take();
    });
    assert.equal(got, "hello");
  });
});

inBrowsers("peer.socket", { libs }, (test) => {
  test("keeps the connection to the server alive by hand", async ({ page }) => {
    const expected = {
      made: [true, false],
      open: true,
      frames: ['{"type":"HEARTBEAT"}'],
      after: [false, true],
    };
    await assertSame(page, expected, async (lib) => {
      const peer = e2e.makePeer(lib, `alive-${lib}`, { pingInterval: 1e6 });
      const made = [peer.socket._socket instanceof WebSocket, peer.socket._wsOpen()];
      await e2e.next(peer, "open");
      const open = peer.socket._wsOpen();
      const frames = [];
      const { _socket } = peer.socket;
      _socket.send = (frame) => frames.push(frame);
      if (peer.socket._wsOpen()) peer.socket.send({ type: "HEARTBEAT" });
      peer.disconnect();
      return { made, open, frames, after: [peer.socket._wsOpen(), !peer.socket._socket] };
    });
  });

  test("carries a program's own messages", async ({ page }) => {
    await assertSame(page, ["sent", { connectionId: "none", mine: 1 }], async (lib) => {
      const [near, far] = await Promise.all([e2e.openPeer(lib), e2e.openPeer(lib)]);
      const arrived = e2e.next(far.socket, "message", ({ payload }) => payload?.mine);
      const payload = { connectionId: "none", mine: 1 };
      near.socket.send({ type: "CANDIDATE", dst: far.id, payload });
      const message = await arrived;
      return [message.src === near.id ? "sent" : message, message.payload];
    });
  });

  test("tells that the server is lost, and of a message without a type", async ({ page }) => {
    const expected = {
      lost: ["error network", "disconnected", "socket disconnected"],
      bad: ["error socket-error", "disconnected"],
    };
    await assertSame(page, expected, async (lib) => {
      const watch = async () => {
        const peer = await e2e.openPeer(lib);
        const seen = e2e.record(peer, ["error", "disconnected"]);
        return { peer, seen };
      };
      const lost = await watch();
      const gone = e2e.next(lost.peer.socket, "disconnected");
      lost.peer.socket.on("disconnected", () => lost.seen.push("socket disconnected"));
      lost.peer.socket._socket.close();
      await gone;
      const bad = await watch();
      bad.peer.socket.send({});
      return { lost: lost.seen, bad: bad.seen };
    });
  });

  test("has a WebSocket whose onmessage can be wrapped", async ({ page }) => {
    await assertSame(page, { types: ["OFFER"], connections: 1 }, async (lib) => {
      const [near, far] = await Promise.all([e2e.openPeer(lib), e2e.openPeer(lib)]);
      const { _socket } = far.socket;
      const old = _socket.onmessage;
      const types = [];
      _socket.onmessage = function (event) {
        const { type } = JSON.parse(event.data);
        if (type === "OFFER") types.push(type);
        old.call(this, event);
      };
      const events = e2e.record(far, ["connection"]);
      await e2e.link(near, far);
      return { types, connections: events.length };
    });
  });
});

inBrowsers("PeerJS's own MessagePack", { libs }, (test) => {
  for (const [from, to] of [
    ["peerjs", "peerjs"],
    ["ours", "ours"],
    ["ours", "peerjs"],
    ["peerjs", "ours"],
  ]) {
    test(`connects ${from} → ${to}`, async ({ page }) => {
      const seen = await page.run(
        async (from, to) => {
          const { MsgPack } = await import("/peerjs/serializer.msgpack.mjs");
          const options = { serializers: { MsgPack } };
          const near = await e2e.openPeer(from, undefined, options);
          const far = await e2e.openPeer(to, undefined, options);
          const [out, incoming] = await e2e.link(near, far, { serialization: "MsgPack" });
          const ids = [far.id, near.id];
          const listed = near.connections[far.id][0] === out && far.connections[near.id].length;
          const [there, back] = [e2e.inbox(incoming), e2e.inbox(out)];
          out.send({ text: "there", bytes: new Uint8Array([1, 2]) });
          const first = await there.take();
          incoming.send(["back"]);
          const second = await back.take();
          const closed = [out, incoming].map((end) => e2e.next(end, "close"));
          far.destroy();
          await Promise.all(closed);
          const left = [near.connections[ids[0]], far.connections[ids[1]]];
          return { listed, first: first.text, bytes: [...first.bytes], second, left };
        },
        from,
        to,
      );
      const left = [[], null];
      assert.deepEqual(seen, { listed: 1, first: "there", bytes: [1, 2], second: ["back"], left });
    });
  }
});

inBrowsers("a peer's private fields", { libs }, (test) => {
  test("are right at every moment", async ({ page, keep }) => {
    // A PeerServer does not tell a client that comes back at once that it is registered.
    const { options } = await keep(startNotingServer());
    const [empty, there] = [null, "here"];
    const expected = {
      made: [there, false, false, false, empty],
      open: [there, true, false, false, there],
      left: [empty, false, true, false, there],
      back: [there, false, false, false, there],
      over: [empty, false, true, false, there],
      end: [empty, false, true, true, there],
    };
    const program = async (lib, options) => {
      const peer = e2e.makePeer(lib, `fields-${lib}`, options);
      const now = () => {
        const { _id, _open, _disconnected, _destroyed, _lastServerId } = peer;
        const shown = [_id, _lastServerId].map((id) => (id === `fields-${lib}` ? "here" : id));
        return [shown[0], _open, _disconnected, _destroyed, shown[1]];
      };
      const seen = { made: now() };
      await e2e.next(peer, "open");
      seen.open = now();
      peer.once("disconnected", () => {
        seen.left = now();
        peer.reconnect();
        seen.back = now();
      });
      peer.disconnect();
      await e2e.next(peer, "open");
      peer.on("disconnected", () => {
        seen.over = now();
      });
      peer.destroy();
      seen.end = now();
      return seen;
    };
    await assertSame(page, expected, program, options);
  });

  test("are those that have public names, too", async ({ page }) => {
    const expected = { same: [true, true, true], keys: [true], size: [0, 0], writable: true };
    await assertSame(page, expected, async (lib) => {
      const { near, far, out } = await e2e.pair({ from: lib, to: lib });
      const { _options, options, _socket, socket, _connections } = near;
      const same = [_options === options, _socket === socket];
      same.push(_connections.get(far.id)[0] === out);
      const keys = [..._connections.keys()].map((id) => id === far.id);
      const writable = Reflect.set(near, "_id", near.id);
      return { same, keys, size: [out._bufferSize, out.bufferSize], writable };
    });
  });

  test("say where reconnect() returns to", async ({ page }) => {
    await assertSame(page, ["elsewhere", "elsewhere"], async (lib) => {
      const peer = await e2e.openPeer(lib);
      const id = `elsewhere-${lib}`;
      peer.on("disconnected", () => {
        peer._lastServerId = id;
        peer.reconnect();
      });
      peer.disconnect();
      await e2e.next(peer, "open");
      return [peer.id, peer._lastServerId].map((it) => it.replace(`-${lib}`, ""));
    });
  });

  test("hand messages of the server on", async ({ page }) => {
    const expected = { got: "hello", seen: ["ANSWER", "CANDIDATE"] };
    await assertSame(page, expected, async (lib) => {
      const [near, far] = await Promise.all([e2e.openPeer(lib), e2e.openPeer(lib)]);
      const seen = new Set();
      let both;
      const handed = new Promise((resolve) => {
        both = resolve;
      });
      const original = near._handleMessage;
      near._handleMessage = (message) => {
        const { type, src, payload } = message;
        if (type !== "ANSWER" && type !== "CANDIDATE") {
          original.call(near, message);
          return;
        }
        if (seen.add(type).size === 2) both();
        const { sdp, candidate } = payload;
        const connection = near.getConnection(src, payload.connectionId);
        // Firefox still finds candidates when the test has ended.
        connection?.handleMessage({ type, payload: { sdp, candidate } });
      };
      const [out, incoming] = await e2e.link(near, far);
      const inbox = e2e.inbox(incoming);
      out.send("hello");
      const got = await inbox.take();
      // A connection may open before its first candidate comes.
      await e2e.awaited("an answer and a candidate", handed);
      return { got, seen: [...seen].sort() };
    });
  });
});

inBrowsers("options", { libs }, (test) => {
  test("are read when they are used", async ({ page, keep }) => {
    for (const lib of libs) {
      const server = await keep(startNotingServer());
      const policy = await page.run(
        async (lib, options) => {
          const peer = await e2e.openPeer(lib, "me", options);
          peer.options.token = "fresh";
          peer.disconnect();
          peer.reconnect();
          await e2e.next(peer, "open");
          peer.options.key = "other";
          await new Promise((resolve) => peer.listAllPeers(resolve));
          peer.options.config = { iceServers: [], iceTransportPolicy: "relay" };
          const { peerConnection } = peer.connect("nobody");
          return peerConnection.getConfiguration().iceTransportPolicy;
        },
        lib,
        { ...server.options, token: "stale" },
      );
      assert.equal(policy, "relay", lib);
      const tokens = server.sockets.map(({ token }) => token);
      assert.deepEqual(tokens, ["stale", "fresh"], lib);
      assert.deepEqual(server.urls, ["/other/peers"], lib);
    }
  });

  test("that are null are sent as PeerJS sends them", async ({ page, keep }) => {
    for (const lib of libs) {
      const server = await keep(startNotingServer());
      const options = { ...server.options, key: null };
      await page.run(
        (lib, options) => e2e.openPeer(lib, "me", options).then(() => 0),
        lib,
        options,
      );
      assert.deepEqual(
        server.sockets.map(({ key }) => key),
        ["null"],
        lib,
      );
    }
  });
});

inBrowsers("util.randomToken", { libs, scripts: ["calls"] }, (test) => {
  test("can be replaced", async ({ page }) => {
    await assertSame(page, ["mine", "mc_mine"], async (lib) => {
      const { util } = e2e.libs[lib];
      const { randomToken } = util;
      e2e.atEnd(() => {
        util.randomToken = randomToken;
      });
      util.randomToken = () => "mine";
      const peer = await e2e.openPeer(lib);
      const call = peer.call("nobody", await calls.capture("audio"));
      return [peer.options.token, call.connectionId];
    });
  });
});
