// The control channel between two of our own peers: what goes over it, and that PeerJS never sees it.

import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

const world = { libs: ["ours", "peerjs"], scripts: ["calls"] };

inBrowsers("ping", world, (test) => {
  test("is answered on data connections and calls, whichever end asks", async ({ page }) => {
    const times = await page.run(async () => {
      const data = await e2e.pair();
      const call = await calls.connect({ sends: ["audio"], answers: [] });
      const ends = [data.out, data.in, call.out, call.in];
      return Promise.all(ends.map((end) => e2e.awaited("a reply", end.ping())));
    });
    for (const time of times) assert.ok(time >= 0 && time < 10_000, `${time} ms`);
  });

  test("can be asked for as soon as the connection is open", async ({ page }) => {
    const time = await page.run(async () => {
      const [near, far] = await Promise.all([e2e.openPeer("ours"), e2e.openPeer("ours")]);
      const conn = near.connect(far.id);
      const pinged = new Promise((resolve) => conn.on("open", () => resolve(conn.ping())));
      return e2e.awaited("a reply", pinged);
    });
    assert.ok(time >= 0, `${time} ms`);
  });

  test("to PeerJS is refused, and before open and after close as well", async ({ page }) => {
    const types = await page.run(async () => {
      const type = (promise) => promise.then(String, (error) => error.type);
      const { near, out } = await e2e.pair({ to: "peerjs" });
      const unopened = near.connect("nobody");
      const seen = [await type(out.ping()), await type(unopened.ping())];
      const other = await e2e.pair();
      const pending = type(other.out.ping());
      other.out.close();
      return [...seen, await pending, await type(other.out.ping())];
    });
    assert.deepEqual(types, ["unsupported", "not-open-yet", "timeout", "not-open-yet"]);
  });
});

inBrowsers("a PeerJS peer", world, (test) => {
  for (const [from, to] of [
    ["ours", "peerjs"],
    ["peerjs", "ours"],
  ]) {
    test(`sees one data channel and no renegotiation, ${from} → ${to}`, async ({ page }) => {
      const seen = await page.run(
        async (from, to) => {
          const { near, far, out, in: incoming } = await e2e.pair({ from, to, reliable: true });
          const [ours, theirs] = from === "ours" ? [out, incoming] : [incoming, out];
          const states = [];
          theirs.peerConnection.addEventListener("signalingstatechange", () =>
            states.push("changed"),
          );
          theirs.peerConnection.addEventListener("datachannel", () => states.push("channel"));
          const stream = await calls.capture("video");
          const needed = e2e.nextDom(ours.peerConnection, "negotiationneeded");
          ours.peerConnection.addTrack(stream.getTracks()[0], stream);
          await needed;
          // What had been sent because of it would have come before this.
          const arriving = e2e.inbox(theirs);
          ours.send("still here");
          const arrived = await arriving.take();
          const ids = [near, far].map((peer) => peer.open);
          const stats = [...(await theirs.peerConnection.getStats()).values()];
          const channels = stats.filter(({ type }) => type === "data-channel").length;
          return { arrived, states, ids, channels, state: theirs.peerConnection.signalingState };
        },
        from,
        to,
      );
      assert.deepEqual(seen, {
        arrived: "still here",
        states: [],
        ids: [true, true],
        channels: 1,
        state: "stable",
      });
    });
  }
});

inBrowsers("what the application changes on the RTCPeerConnection", world, (test) => {
  test("is negotiated: a track on a data connection plays", async ({ page }) => {
    const kinds = await page.run(async () => {
      const { out, in: incoming } = await e2e.pair();
      const stream = await calls.capture("video");
      const arriving = e2e.nextDom(incoming.peerConnection, "track");
      out.peerConnection.addTrack(stream.getTracks()[0], stream);
      const { streams } = await arriving;
      return calls.play(streams[0], incoming.peerConnection, ["video"]);
    });
    assert.deepEqual(kinds, ["video"]);
  });

  test("is negotiated: a call gets a second stream from the end that answered", async ({
    page,
  }) => {
    const kinds = await page.run(async () => {
      const call = await calls.connect({ sends: ["audio"], answers: ["audio"] });
      if (!call.out.remoteStream) await e2e.next(call.out, "stream");
      const video = await calls.capture("video");
      const arriving = e2e.next(call.out, "stream");
      call.in.peerConnection.addTrack(video.getTracks()[0], video);
      return calls.play(await arriving, call.out.peerConnection, ["video"]);
    });
    assert.deepEqual(kinds, ["video"]);
  });

  test("at both ends in the same moment, twenty times over, reaches both", async ({ page }) => {
    const seen = await page.run(async () => {
      const { out, in: incoming } = await e2e.pair();
      const ends = [out.peerConnection, incoming.peerConnection];
      const errors = [out, incoming].map((end) => e2e.record(end, ["error", "close"]));
      for (let round = 0; round < 20; round++) {
        e2e.note(`round ${round}`);
        const arrivals = ends.map((pc) => e2e.nextDom(pc, "track"));
        for (const pc of ends) pc.addTransceiver(round % 2 ? "audio" : "video");
        await Promise.all(arrivals);
      }
      const counts = ends.map((pc) => pc.getTransceivers().length);
      const arriving = e2e.inbox(incoming);
      out.send("still here");
      return { errors, counts, arrived: await arriving.take() };
    });
    assert.deepEqual(seen.errors, [[], []]);
    assert.equal(seen.counts[0], seen.counts[1]);
    assert.equal(seen.arrived, "still here");
  });

  test("may be an ICE restart: the connection goes on over new candidates", async ({ page }) => {
    const seen = await page.run(async () => {
      const { out, in: incoming } = await e2e.pair({ reliable: true });
      const ufrag = (pc) => /a=ice-ufrag:(.*)/.exec(pc.currentLocalDescription.sdp)[1];
      const ends = [out.peerConnection, incoming.peerConnection];
      const before = ends.map(ufrag);
      const events = e2e.record(out, ["error", "close"]);
      const stable = new Promise((resolve) => {
        ends[0].addEventListener("signalingstatechange", () => {
          if (ends[0].signalingState === "stable") resolve();
        });
      });
      ends[0].restartIce();
      await e2e.awaited("the restart", stable);
      const after = ends.map(ufrag);
      const arriving = e2e.inbox(incoming);
      out.send("still here");
      const arrived = await arriving.take();
      return { changed: after.map((it, i) => it !== before[i]), arrived, events };
    });
    assert.deepEqual(seen, { changed: [true, true], arrived: "still here", events: [] });
  });
});
