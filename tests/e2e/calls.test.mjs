// Calls with real (fake-device) audio and video, between two peers of one page.

import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

const BUILDS = [
  ["ours", "ours"],
  ["ours", "peerjs"],
  ["peerjs", "ours"],
];
const world = { libs: ["ours", "peerjs"], scripts: ["calls"] };

inBrowsers("what is sent is seen", world, (test) => {
  for (const [from, to] of BUILDS) {
    test(`audio and video both ways, ${from} → ${to}`, async ({ page }) => {
      const seen = await page.run(
        async (from, to) => {
          const kinds = ["audio", "video"];
          const call = await calls.connect({ from, to, sends: kinds, answers: kinds });
          return Promise.all([calls.seen(call.out, ...kinds), calls.seen(call.in, ...kinds)]);
        },
        from,
        to,
      );
      const both = ["audio", "video"];
      assert.deepEqual(seen, [both, both]);
    });

    test(`answered without a stream, ${from} → ${to}`, async ({ page }) => {
      const seen = await page.run(
        async (from, to) => {
          const call = await calls.connect({ from, to, answers: [] });
          const told = e2e.record(call.out, ["stream"]);
          const tracks = await calls.seen(call.in, "video");
          return { tracks, told, remote: call.out.remoteStream ?? null, open: call.out.open };
        },
        from,
        to,
      );
      assert.deepEqual(seen, { tracks: ["video"], told: [], remote: null, open: true });
    });
  }

  for (const to of ["ours", "peerjs"]) {
    test(`a call that only receives, ours → ${to}`, async ({ page }) => {
      const seen = await page.run(async (to) => {
        const call = await calls.connect({ to, sends: [], answers: ["audio", "video"] });
        const told = e2e.record(call.in, ["stream"]);
        const tracks = await calls.seen(call.out, "audio", "video");
        return { tracks, told, local: call.out.localStream ?? null };
      }, to);
      assert.deepEqual(seen, { tracks: ["audio", "video"], told: [], local: null });
    });
  }

  test("a call that only receives and is answered without a stream is open all the same", async ({
    page,
  }) => {
    const seen = await page.run(async () => {
      const call = await calls.connect({ sends: [], answers: [] });
      return [call.out.open, call.in.open];
    });
    assert.deepEqual(seen, [true, true]);
  });

  test("a track that is replaced", async ({ page }) => {
    const seen = await page.run(async () => {
      const call = await calls.connect({ answers: [] });
      await calls.seen(call.in, "video");
      const [sender] = call.out.peerConnection.getSenders();
      await sender.replaceTrack((await calls.capture("video")).getVideoTracks()[0]);
      return calls.seen(call.in, "video");
    });
    assert.deepEqual(seen, ["video"]);
  });
});

inBrowsers("event stream", world, (test) => {
  for (const [from, to] of BUILDS) {
    test(`once for a stream with two tracks, ${from} → ${to}`, async ({ page }) => {
      const told = await page.run(
        async (from, to) => {
          const kinds = ["audio", "video"];
          const call = await calls.pair({ from, to, sends: kinds });
          const ends = { out: from, in: to };
          const ours = Object.keys(ends).filter((end) => ends[end] === "ours");
          const records = ours.map((end) => e2e.record(call[end], ["stream"]));
          const streams = [call.out, call.in].map((end) => e2e.next(end, "stream"));
          call.in.answer(await calls.capture(...kinds));
          await Promise.all(streams);
          await Promise.all([calls.seen(call.out, ...kinds), calls.seen(call.in, ...kinds)]);
          return records;
        },
        from,
        to,
      );
      assert.deepEqual(
        told,
        told.map(() => ["stream"]),
      );
    });
  }

  test("for a track that comes without a stream", async ({ page }) => {
    const tracks = await page.run(async () => {
      const { prototype } = RTCPeerConnection;
      const { addTrack } = prototype;
      prototype.addTrack = function (track) {
        return addTrack.call(this, track);
      };
      e2e.atEnd(() => (prototype.addTrack = addTrack));
      const call = await calls.connect();
      return calls.seen(call.in, "video");
    });
    assert.deepEqual(tracks, ["video"]);
  });
});

inBrowsers("a call tells of itself", world, (test) => {
  for (const [from, to] of BUILDS) {
    test(`properties, ${from} → ${to}`, async ({ page }) => {
      const seen = await page.run(
        async (from, to) => {
          const [near, far] = await calls.peers(from, to);
          const sent = await calls.capture("video");
          const answered = await calls.capture("video");
          const [out, incoming] = await calls.ring(near, far, sent, { metadata: { n: [1] } });
          const look = (call, peer, other, local) => ({
            open: call.open,
            type: call.type,
            metadata: call.metadata,
            peer: call.peer === other.id,
            provider: call.provider === peer,
            id: /^mc_\w+$/.test(call.connectionId),
            local: call.localStream === local,
            remote: call.remoteStream instanceof MediaStream,
            peerConnection: call.peerConnection instanceof RTCPeerConnection,
            dataChannel: call.dataChannel instanceof RTCDataChannel,
            options: typeof call.options,
            listed: near === peer ? peer.connections[other.id].includes(call) : true,
            found: peer.getConnection(other.id, call.connectionId) === call,
          });
          const ends = (local) => ({
            out: look(out, near, far, sent),
            in: look(incoming, far, near, local),
          });
          const ringing = ends(undefined);
          const connected = [out, incoming].map((call) => e2e.next(call, "willCloseOnRemote"));
          incoming.answer(answered);
          await Promise.all([
            ...connected,
            calls.seen(out, "video"),
            calls.seen(incoming, "video"),
          ]);
          const open = ends(answered);
          const same = out.connectionId === incoming.connectionId;
          const closed = e2e.next(incoming, "close");
          out.close();
          await closed;
          const after = [out, incoming].map((call) => ({
            open: call.open,
            streams: [call.localStream ?? null, call.remoteStream ?? null],
            provider: call.provider,
            peerConnection: call.peerConnection ?? null,
          }));
          return { ringing, open, same, after };
        },
        from,
        to,
      );
      const facts = {
        type: "media",
        metadata: { n: [1] },
        peer: true,
        provider: true,
        id: true,
        local: true,
        options: "object",
        listed: true,
        found: true,
      };
      const ringing = { ...facts, open: false, remote: false };
      const open = { ...facts, open: true, remote: true, peerConnection: true, dataChannel: true };
      const over = { open: false, streams: [null, null], provider: null, peerConnection: null };
      assert.deepEqual(seen, {
        ringing: {
          out: { ...ringing, peerConnection: true, dataChannel: true },
          in: { ...ringing, peerConnection: false, dataChannel: false },
        },
        open: { out: open, in: open },
        same: true,
        after: [over, over],
      });
    });

    test(`events, ${from} → ${to}`, async ({ page }) => {
      const seen = await page.run(
        async (from, to) => {
          const call = await calls.pair({ from, to });
          const ends = [call.out, call.in];
          const states = ends.map((end) => {
            const list = [];
            end.on("iceStateChanged", (state) => list.push(state));
            return list;
          });
          const others = ["willCloseOnRemote", "error", "close"];
          const told = ends.map((end) => e2e.record(end, others));
          const connected = ends.map((end) => e2e.next(end, "willCloseOnRemote"));
          call.in.answer(await calls.capture("video"));
          await Promise.all(connected);
          const closed = ends.map((end) => e2e.next(end, "close"));
          call.in.close();
          await Promise.all(closed);
          return { told, states };
        },
        from,
        to,
      );
      assert.deepEqual(seen.told, [
        ["willCloseOnRemote", "close"],
        ["willCloseOnRemote", "close"],
      ]);
      for (const states of seen.states) {
        assert.deepEqual(states.slice(0, 2), ["checking", "connected"]);
      }
    });
  }

  test("a label and an id of its own", async ({ page }) => {
    const seen = await page.run(async () => {
      const { out } = await calls.pair({ options: { connectionId: "mc_mine" } });
      return [out.connectionId, out.label];
    });
    assert.deepEqual(seen, ["mc_mine", "mc_mine"]);
  });
});

inBrowsers("options of a call", world, (test) => {
  for (const [from, to] of BUILDS) {
    test(`sdpTransform on both ends, ${from} → ${to}`, async ({ page }) => {
      const seen = await page.run(
        async (from, to) => {
          const limit = (rate) => (sdp) =>
            sdp.replace(/^m=video[\s\S]*?^c=.*\r\n/m, `$&b=AS:${rate}\r\n`);
          const call = await calls.pair({ from, to, options: { sdpTransform: limit(111) } });
          const ends = [call.in, call.out];
          const connected = ends.map((end) => e2e.next(end, "willCloseOnRemote"));
          call.in.answer(await calls.capture("video"), { sdpTransform: limit(222) });
          await Promise.all(connected);
          return ends.map((end) => {
            const { sdp } = end.peerConnection.remoteDescription;
            return Number(/^b=AS:(\d+)/m.exec(sdp)?.[1]);
          });
        },
        from,
        to,
      );
      assert.deepEqual(seen, [111, 222]);
    });
  }

  test("an sdpTransform that returns nothing changes nothing", async ({ page }) => {
    const seen = await page.run(async () => {
      const given = [];
      const sdpTransform = (sdp) => {
        given.push(sdp.startsWith("v=0"));
      };
      const call = await calls.pair({ options: { sdpTransform } });
      const connected = e2e.next(call.out, "willCloseOnRemote");
      call.in.answer(await calls.capture("video"), { sdpTransform });
      await connected;
      return { given, tracks: await calls.seen(call.out, "video") };
    });
    assert.deepEqual(seen, { given: [true, true], tracks: ["video"] });
  });

  test("an sdpTransform that throws: error webrtc, and the call closes on both ends", async ({
    page,
  }) => {
    const seen = await page.run(async () => {
      const sdpTransform = () => {
        throw new Error("thrown in sdpTransform");
      };
      const call = await calls.pair();
      const errors = e2e.record(call.far, ["error"]);
      const told = e2e.record(call.in, ["error", "close"]);
      const closed = [call.in, call.out].map((end) => e2e.next(end, "close"));
      call.in.answer(await calls.capture("video"), { sdpTransform });
      await Promise.all(closed);
      return { errors, told };
    });
    assert.deepEqual(seen, {
      errors: ["error webrtc"],
      told: ["error negotiation-failed", "close"],
    });
  });

  for (const from of ["ours", "peerjs"]) {
    test(`constraints reach createOffer, ${from} → ours`, async ({ page }) => {
      const tracks = await page.run(async (from) => {
        const constraints = { offerToReceiveAudio: true, offerToReceiveVideo: true };
        const call = await calls.connect({
          from,
          sends: ["audio"],
          options: { constraints },
          answers: ["audio", "video"],
        });
        return calls.seen(call.out, "audio", "video");
      }, from);
      assert.deepEqual(tracks, ["audio", "video"]);
    });
  }
});
