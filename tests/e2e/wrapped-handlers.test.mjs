// Programs written for PeerJS wrap the handlers that it sets on the browser's objects, or put their own in their place.

import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

const libs = ["peerjs", "ours"];

/** `program(lib, ...args)` gives `expected` with both libraries. */
async function assertSame(page, expected, program, ...args) {
  for (const lib of libs) assert.deepEqual(await page.run(program, lib, ...args), expected, lib);
}

inBrowsers("a wrapped handler", { libs, scripts: ["calls"] }, (test) => {
  test("onmessage leaves each message to come once", async ({ page }) => {
    await assertSame(page, { arrived: [1, 2, "end"], seen: true }, async (lib) => {
      const { out, in: incoming } = await e2e.pair({ from: lib, to: lib, reliable: true });
      let seen = 0;
      const old = incoming.dataChannel.onmessage;
      incoming.dataChannel.onmessage = (event) => {
        old(event);
        seen++;
      };
      const inbox = e2e.inbox(incoming);
      for (const value of [1, 2, "end"]) out.send(value);
      return { arrived: await inbox.many(3), seen: seen > 0 };
    });
  });

  test("of the negotiation does its work once", async ({ page }) => {
    const expected = { states: true, told: true, candidates: true, channels: 1, streams: 1 };
    await assertSame(page, expected, async (lib) => {
      const [near, far] = await Promise.all([e2e.openPeer(lib), e2e.openPeer(lib)]);
      const stream = await calls.capture("audio");
      const states = [];
      const told = [];
      const count = { icecandidate: 0, datachannel: 0, track: 0 };
      const wrap = ({ peerConnection }, names) => {
        for (const name of names) {
          const old = peerConnection[`on${name}`];
          peerConnection[`on${name}`] = (event) => {
            old(event);
            if (name === "iceconnectionstatechange") states.push(peerConnection.iceConnectionState);
            else if (name !== "icecandidate" || event.candidate?.candidate) count[name]++;
          };
        }
      };
      let sent = 0;
      const { _socket } = near.socket;
      _socket.send = (frame) => {
        const { type, payload } = JSON.parse(frame);
        if (type === "CANDIDATE" && payload.candidate?.candidate) sent++;
        WebSocket.prototype.send.call(_socket, frame);
      };
      const ringing = e2e.next(far, "call");
      const call = near.call(far.id, stream);
      call.on("iceStateChanged", (state) => told.push(state));
      wrap(call, ["icecandidate", "iceconnectionstatechange"]);
      const incoming = await ringing;
      const streams = e2e.record(incoming, ["stream"]);
      const settled = [call, incoming].map((end) => e2e.next(end, "willCloseOnRemote"));
      incoming.answer();
      wrap(incoming, ["datachannel", "track"]);
      await Promise.all(settled);
      return {
        states: states.includes("connected") || states.includes("completed"),
        told: String(told) === String(states),
        candidates: sent > 0 && sent === count.icecandidate,
        channels: count.datachannel,
        streams: streams.length && count.track,
      };
    });
  });

  test("that closes and then calls the old one changes nothing", async ({ page }) => {
    await assertSame(page, ["close"], async (lib) => {
      const { out, in: incoming } = await e2e.pair({ from: lib, to: lib });
      while (out.peerConnection.connectionState !== "connected") {
        await e2e.nextDom(out.peerConnection, "connectionstatechange");
      }
      const events = e2e.record(incoming, ["close", "error"]);
      const old = incoming.dataChannel.onclose;
      const called = new Promise((resolve) => {
        incoming.dataChannel.onclose = (event) => {
          incoming.close();
          old(event);
          resolve();
        };
      });
      out.close();
      await called;
      return events;
    });
  });

  test("takes an event that a program has made", async ({ page }) => {
    const expected = { candidates: ["candidate:of our own"], states: 1, open: false };
    await assertSame(page, expected, async (lib) => {
      const near = await e2e.openPeer(lib);
      const candidates = [];
      near.socket._socket.send = (frame) => {
        const { type, payload } = JSON.parse(frame);
        if (type === "CANDIDATE" && payload.candidate) candidates.push(payload.candidate.candidate);
      };
      const conn = near.connect("nobody");
      const { peerConnection: pc, dataChannel } = conn;
      const own = (candidate) => candidate.includes("own");
      const states = e2e.record(conn, ["iceStateChanged"]);
      pc.onicecandidate({ candidate: { candidate: "candidate:of our own" } });
      pc.oniceconnectionstatechange(new Event("iceconnectionstatechange"));
      const told = states.length;
      dataChannel.onclose(new Event("close"));
      return { candidates: candidates.filter(own), states: told, open: conn.open };
    });
  });
});

inBrowsers("a handler in the place of ours", { libs, scripts: ["calls"] }, (test) => {
  test("keeps a second channel for the program", async ({ page }) => {
    await assertSame(page, { ours: "ours", theirs: "theirs", kept: true }, async (lib) => {
      const { out, in: incoming } = await e2e.pair({ from: lib, to: lib });
      const { peerConnection, dataChannel } = incoming;
      const old = peerConnection.ondatachannel;
      const theirs = new Promise((resolve) => {
        peerConnection.ondatachannel = (event) => {
          if (event.channel.label !== "second") old(event);
          else event.channel.onmessage = ({ data }) => resolve(data);
        };
      });
      const second = out.peerConnection.createDataChannel("second");
      second.onopen = () => second.send("theirs");
      const got = await e2e.awaited("the second channel", theirs);
      const inbox = e2e.inbox(incoming);
      out.send("ours");
      const kept = incoming.dataChannel === dataChannel;
      return { ours: await inbox.take(), theirs: got, kept };
    });
  });

  // PeerJS's own connection would not survive it.
  test("does not disturb the connection", async ({ page }) => {
    const seen = await page.run(async () => {
      const [near, far] = await Promise.all([e2e.openPeer("ours"), e2e.openPeer("ours")]);
      const arrival = e2e.next(far, "connection");
      const out = near.connect(far.id);
      const ignore = ({ peerConnection: pc, dataChannel }) => {
        pc.onicecandidate = pc.oniceconnectionstatechange = pc.ondatachannel = () => {};
        if (dataChannel) {
          dataChannel.onopen = dataChannel.onmessage = dataChannel.onclose = () => {};
        }
      };
      ignore(out);
      const incoming = await arrival;
      ignore(incoming);
      const opened = [out, incoming].map((end) => e2e.next(end, "open"));
      await Promise.all(opened);
      ignore(incoming);
      const inbox = e2e.inbox(incoming);
      out.send("hello");
      const got = await inbox.take();
      const closed = e2e.next(incoming, "close");
      out.close();
      await closed;
      return { got, open: incoming.open };
    });
    assert.deepEqual(seen, { got: "hello", open: false });
  });
});

inBrowsers("peer.connections", { libs }, (test) => {
  test("keeps an empty list for a peer that was connected", async ({ page }) => {
    await assertSame(page, { near: [[]], far: [[]], first: [true, true] }, async (lib) => {
      const { near, far, out, in: incoming } = await e2e.pair({ from: lib, to: lib });
      const closed = [out, incoming].map((end) => e2e.next(end, "close"));
      out.close();
      await Promise.all(closed);
      const first = [near.connections[far.id][0], far.connections[near.id][0]];
      return {
        near: Object.values(near.connections),
        far: Object.values(far.connections),
        first: first.map((connection) => connection === undefined),
      };
    });
  });

  test("does not list ever more peers that are gone", async ({ page }) => {
    const listed = await page.run(async () => {
      const peer = await e2e.openPeer("ours");
      for (let n = 0; n < 3000; n++) {
        const connection = { peer: `nobody${n}` };
        peer._addConnection(connection.peer, connection);
        peer._removeConnection(connection);
      }
      return Object.keys(peer.connections).length;
    });
    assert.ok(listed <= 1024, `${listed} are listed`);
  });
});
