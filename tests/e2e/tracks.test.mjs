// Tracks that come and go on a live call.

import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

const world = { libs: ["ours", "peerjs"], scripts: ["calls"] };

inBrowsers("a stream added to a live call", world, (test) => {
  for (const end of ["out", "in"]) {
    test(`is seen with its metadata, and seen to go, from the ${end}going end`, async ({
      page,
    }) => {
      const seen = await page.run(async (end) => {
        const call = await calls.connect();
        const [near, far] = end === "out" ? [call.out, call.in] : [call.in, call.out];
        await calls.seen(far, "video");
        const stream = await calls.capture("video");
        const metadata = [];
        far.on("stream", (...values) => metadata.push(values.slice(1)));
        const arrival = e2e.next(far, "stream");
        near.addStream(stream, { metadata: { what: "a screen", é: [1, null] } });
        const arrived = await arrival;
        const counts = () => [near.localStreams.length, far.remoteStreams.length];
        const played = await calls.play(arrived, far.peerConnection, ["video"]);
        const added = [arrived.id === stream.id, far.remoteStreams.includes(arrived), ...counts()];
        const removal = e2e.next(far, "streamremoved");
        near.removeStream(stream);
        const removed = (await removal) === arrived;
        await calls.seen(far, "video");
        near.removeStream(near.localStream);
        await e2e.next(far, "streamremoved");
        const none = [near.localStream, far.remoteStream].map((stream) => stream ?? null);
        return { metadata, played, added, removed, none, left: counts() };
      }, end);
      assert.deepEqual(seen, {
        metadata: [[{ what: "a screen", é: [1, null] }]],
        played: ["video"],
        added: [true, true, 2, 2],
        removed: true,
        none: [null, null],
        left: [0, 0],
      });
    });
  }

  test("comes again after it was removed", async ({ page }) => {
    const kinds = await page.run(async () => {
      const call = await calls.connect();
      const stream = await calls.capture("video");
      for (let round = 0; round < 3; round++) {
        const arrival = e2e.next(call.in, "stream");
        call.out.addStream(stream);
        await calls.play(await arrival, call.in.peerConnection, ["video"]);
        const removal = e2e.next(call.in, "streamremoved");
        call.out.removeStream(stream);
        await removal;
      }
      return calls.seen(call.in, "video");
    });
    assert.deepEqual(kinds, ["video"]);
  });

  test("twice is the browser's error, and the call goes on", async ({ page }) => {
    const name = await page.run(async () => {
      const call = await calls.connect();
      const { name } = e2e.thrown(() => call.out.addStream(call.out.localStream));
      await calls.seen(call.in, "video");
      return name;
    });
    assert.equal(name, "InvalidAccessError");
  });
});

inBrowsers("a call", world, (test) => {
  test("with audio gets video, in the same stream", async ({ page }) => {
    const seen = await page.run(async () => {
      const call = await calls.connect({ sends: ["audio"], answers: [] });
      await calls.seen(call.in, "audio");
      const told = e2e.record(call.in, ["stream"]);
      const [track] = (await calls.capture("video")).getTracks();
      const arrival = new Promise((resolve) => call.in.on("track", (...values) => resolve(values)));
      const sender = call.out.addTrack(track, call.out.localStream);
      const [arrived, stream] = await e2e.awaited("event track", arrival);
      const kinds = await calls.play(stream, call.in.peerConnection, ["audio", "video"]);
      return { told, kinds, kind: arrived.kind, same: sender.track === track };
    });
    assert.deepEqual(seen, { told: [], kinds: ["audio", "video"], kind: "video", same: true });
  });

  test("that only received becomes two-way, and one answered without a stream too", async ({
    page,
  }) => {
    const seen = await page.run(async () => {
      const call = await calls.connect({ sends: [], answers: [] });
      for (const end of [call.in, call.out]) end.addStream(await calls.capture("video"));
      return Promise.all([calls.seen(call.in, "video"), calls.seen(call.out, "video")]);
    });
    assert.deepEqual(seen, [["video"], ["video"]]);
  });

  test("takes a stream right behind answer()", async ({ page }) => {
    const seen = await page.run(async () => {
      const call = await calls.pair();
      const stream = await calls.capture("video");
      call.in.answer();
      call.in.addStream(stream);
      return Promise.all([calls.seen(call.in, "video"), calls.seen(call.out, "video")]);
    });
    assert.deepEqual(seen, [["video"], ["video"]]);
  });

  test("has the same tracks on both ends after both have changed them at once, 50 times", async ({
    page,
  }) => {
    const seen = await page.run(async () => {
      const call = await calls.connect();
      const ends = [call.out, call.in];
      const streams = [await calls.capture("video"), await calls.capture("video")];
      for (let round = 0; round < 50; round++) {
        const event = round % 2 ? "streamremoved" : "stream";
        const told = ends.map((end) => e2e.next(end, event));
        ends.forEach((end, i) => {
          if (round % 2) end.removeStream(streams[i]);
          else end.addStream(streams[i]);
        });
        await Promise.all(told);
      }
      for (const i of [0, 1]) ends[i].addStream(streams[i]);
      const arrived = await Promise.all(ends.map((end) => e2e.next(end, "stream")));
      const plays = ends.map((end, i) => calls.play(arrived[i], end.peerConnection, ["video"]));
      await Promise.all(plays);
      return ends.map((end) => [end.localStreams.length, end.remoteStreams.length]);
    });
    assert.deepEqual(seen, [
      [2, 2],
      [2, 2],
    ]);
  });
});

inBrowsers("towards PeerJS", world, (test) => {
  test("a track is replaced; what needs its agreement is `unsupported` at once", async ({
    page,
  }) => {
    const seen = await page.run(async () => {
      const { out, in: far } = await calls.connect({ to: "peerjs", answers: [] });
      await calls.seen(far, "video");
      const [stream, [old]] = [await calls.capture("video"), out.localStream.getTracks()];
      const [track] = stream.getTracks();
      await out.replaceTrack(old, track);
      const sent = out.peerConnection.getSenders().map((sender) => sender.track);
      const type = (act) => {
        try {
          act();
        } catch (error) {
          return error.type;
        }
      };
      const types = [
        type(() => out.addStream(stream)),
        type(() => out.addTrack(track, stream)),
        type(() => out.removeTrack(track)),
        type(() => out.removeStream(out.localStream)),
      ];
      return { same: sent[0] === track, types, kinds: await calls.seen(far, "video") };
    });
    assert.deepEqual(seen, { same: true, types: Array(4).fill("unsupported"), kinds: ["video"] });
  });
});

inBrowsers("bad input", world, (test) => {
  test("is an error that says what was wrong, and changes nothing", async ({ page }) => {
    const seen = await page.run(async () => {
      const call = await calls.pair();
      const stream = await calls.capture("video");
      const [track] = stream.getTracks();
      const message = (act) => e2e.thrown(act)?.message;
      const early = message(() => call.out.addStream(stream));
      const answered = e2e.next(call.out, "willCloseOnRemote");
      call.in.answer();
      await answered;
      const cycle = {};
      cycle.self = cycle;
      const errors = [
        early,
        message(() => call.out.removeTrack(track)),
        await call.out.replaceTrack(track, null).catch((error) => error.message),
        message(() => call.out.addStream(stream, { metadata: "x".repeat(20_000) })),
      ];
      const thrown = [
        e2e.thrown(() => call.out.addStream(stream, { metadata: cycle }))?.name,
        e2e.thrown(() => call.out.addStream({}))?.name,
        e2e.thrown(() => call.out.addTrack({}, stream))?.name,
      ];
      const sent = call.out.localStreams.length;
      call.out.close();
      errors.push(message(() => call.out.addTrack(track, stream)));
      return { errors, thrown, sent, left: call.out.localStreams.length };
    });
    assert.deepEqual(seen, {
      errors: [
        "addStream: the connection is not open.",
        "This track is not sent over the call.",
        "This track is not sent over the call.",
        "addStream: metadata may have 16 KiB as JSON.",
        "addTrack: the connection is not open.",
      ],
      thrown: ["TypeError", "TypeError", "TypeError"],
      sent: 1,
      left: 0,
    });
  });
});

inBrowsers("configure", world, (test) => {
  test("changes bitrate, frame rate, size and codec of a live call, and of a track added later", async ({
    page,
  }) => {
    const seen = await page.run(async () => {
      const call = await calls.connect({ answers: [] });
      const arrived = await e2e.awaited(
        "a stream",
        calls.play(call.in.remoteStream, call.in.peerConnection, ["video"]),
      );
      const settings = { maxBitrate: 200_000, maxFramerate: 10, scaleResolutionDownBy: 2 };
      await call.out.configure({ video: { ...settings, codecs: ["VP9"] } });
      const codec = async () => {
        const stats = await call.in.peerConnection.getStats();
        const report = [...stats.values()].find(({ type }) => type === "inbound-rtp");
        return stats.get(report?.codecId)?.mimeType;
      };
      const change = async () => {
        while ((await codec()) !== "video/VP9") await new Promise(requestAnimationFrame);
      };
      await e2e.awaited("VP9", change());
      const later = e2e.next(call.in, "stream");
      call.out.addStream(await calls.capture("video"));
      await calls.play(await later, call.in.peerConnection, ["video"]);
      const sent = call.out.peerConnection.getSenders().map((sender) => {
        const [{ maxBitrate, maxFramerate, scaleResolutionDownBy }] =
          sender.getParameters().encodings;
        return { maxBitrate, maxFramerate, scaleResolutionDownBy };
      });
      const bad = call.out.configure({ video: { scaleResolutionDownBy: 0.5 } });
      const refused = await bad.then(String, ({ name }) => name);
      return { arrived, sent, refused, settings };
    });
    assert.deepEqual(seen.sent, [seen.settings, seen.settings]);
    assert.deepEqual(seen.arrived, ["video"]);
    assert.equal(seen.refused, "RangeError");
  });

  test("towards PeerJS works without codecs", async ({ page }) => {
    const seen = await page.run(async () => {
      const { out } = await calls.connect({ to: "peerjs", answers: [] });
      await out.configure({ video: { maxBitrate: 100_000 } });
      const [sender] = out.peerConnection.getSenders();
      const codecs = out.configure({ video: { codecs: ["VP8"] } });
      return [
        sender.getParameters().encodings[0].maxBitrate,
        await codecs.catch(({ type }) => type),
      ];
    });
    assert.deepEqual(seen, [100_000, "unsupported"]);
  });
});
