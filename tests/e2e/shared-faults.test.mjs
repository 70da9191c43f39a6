// Connections that share an RTCPeerConnection whose path is lost, and a remote that says anything over the control channel.

import assert from "node:assert/strict";
import { startProxy } from "./harness/proxy.mjs";
import { startRelay } from "./harness/relay.mjs";
import { inBrowsers } from "./harness/suite.mjs";

const world = { libs: ["ours"], scripts: ["calls", "shared"] };

inBrowsers("a shared path that is lost", world, (test) => {
  test("is heard of by all, and found again for all: pictures move and no message is lost", async ({
    page,
    keep,
    peerServer,
  }) => {
    const relay = await keep(startRelay());
    const proxy = await keep(startProxy(peerServer, relay.rule));
    await page.run(async (options) => {
      e2e.clear();
      const [near, far] = await Promise.all(
        [0, 1].map(() => e2e.openPeer("ours", undefined, options)),
      );
      const [out] = await e2e.link(near, far, { reliable: true });
      const data = await shared.connect(out, far, { reliable: true });
      // What is negotiated for the call would lead around the relay, since it goes over the control channel.
      const { setRemoteDescription } = RTCPeerConnection.prototype;
      RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
        const known = sdp.replaceAll(/^a=candidate.*\r\n/gm, "");
        return setRemoteDescription.call(this, { type, sdp: known });
      };
      e2e.allow = () => Object.assign(RTCPeerConnection.prototype, { setRemoteDescription });
      e2e.atEnd(e2e.allow);
      const call = await shared.call(out, far, ["video"], ["video"]);
      await Promise.all([calls.seen(call.in, "video"), calls.seen(call.out, "video")]);
      const ends = [data.out, call.out];
      const told = ends.map((end) =>
        e2e.record(end, ["reconnecting", "reconnected", "error", "close"]),
      );
      Object.assign(e2e, { data, call, told, ends, arriving: e2e.inbox(data.in) });
      // The connection that has made the RTCPeerConnection is not needed for any of it.
      const closed = e2e.next(out, "close");
      out.close();
      await closed;
    }, proxy.options);
    relay.cut();
    const states = await page.run(async () => {
      e2e.allow();
      for (let n = 0; n < 100; n++) e2e.data.out.send(n);
      await Promise.all(e2e.ends.map((end) => e2e.next(end, "reconnecting")));
      const states = e2e.ends.map((end) => end.state);
      for (let n = 100; n < 200; n++) e2e.data.out.send(n);
      e2e.back = Promise.all(e2e.ends.map((end) => e2e.next(end, "reconnected")));
      return states;
    });
    assert.deepEqual(states, ["reconnecting", "reconnecting"]);
    relay.mend();
    const seen = await page.runFor(90_000, async () => {
      await e2e.back;
      const { call, told, ends } = e2e;
      const numbers = await e2e.arriving.many(200);
      const plays = await Promise.all([
        calls.seen(call.in, "video"),
        calls.seen(call.out, "video"),
      ]);
      return { told, states: ends.map((end) => end.state), plays, numbers };
    });
    assert.deepEqual(
      seen.numbers,
      Array.from({ length: 200 }, (_, n) => n),
    );
    delete seen.numbers;
    assert.deepEqual(seen, {
      told: Array(2).fill(["reconnecting", "reconnected"]),
      states: ["open", "open"],
      plays: [["video"], ["video"]],
    });
  });
});

inBrowsers("a hostile remote", world, (test) => {
  /** A victim with a connection to an attacker, whose control channel says what the test wants, and one to a friend. */
  const besiege = (page) =>
    page.run(async () => {
      const { createDataChannel } = RTCPeerConnection.prototype;
      const controls = [];
      RTCPeerConnection.prototype.createDataChannel = function (label, init) {
        const channel = createDataChannel.call(this, label, init);
        if (init?.id === 100) controls.push(channel);
        return channel;
      };
      e2e.atEnd(() => Object.assign(RTCPeerConnection.prototype, { createDataChannel }));
      const friends = await e2e.pair();
      const victim = friends.far;
      const attacker = await e2e.openPeer("ours");
      controls.length = 0;
      const [attacking, attacked] = await e2e.link(attacker, victim);
      // The end that answers makes its own first.
      const [, control] = controls;
      if (control.readyState !== "open") await e2e.nextDom(control, "open");
      let number = 0;
      const say = async (message) => {
        control.send(`1d${++number} 0 ${message}`);
        if (control.bufferedAmount > 1 << 20) {
          control.bufferedAmountLowThreshold = 0;
          await e2e.nextDom(control, "bufferedamountlow");
        }
      };
      const events = e2e.record(victim, ["connection", "call", "error", "disconnected"]);
      const told = [attacked, friends.in].map((end) => e2e.record(end, ["error", "close"]));
      Object.assign(e2e, { friends, attacking, attacked, say, events, told });
    });

  /** Both connections of the victim still deliver, over which nothing was told. */
  const assertUnharmed = async (page) => {
    const seen = await page.run(async () => {
      const { friends, attacking, attacked, told } = e2e;
      const arriving = [attacked, friends.in].map((end) => e2e.inbox(end).take());
      // Behind all that was said before it, since what the victim does about that takes its time.
      await attacking.ping();
      attacking.send("a");
      friends.out.send("b");
      return { told, messages: await Promise.all(arriving) };
    });
    assert.deepEqual(seen, { told: [[], []], messages: ["a", "b"] });
  };

  test("opens 32 connections at once and no more, however often it asks", async ({ page }) => {
    await besiege(page);
    const seen = await page.run(async () => {
      const { say, events, attacking } = e2e;
      const offer = (n) =>
        JSON.stringify({ type: "data", connectionId: `dc_${n}`, serialization: "binary" });
      for (let n = 0; n < 5_000; n++) await say(`b${n % 400}\n${offer(n)}`);
      for (const json of ["", "null", "7", "{", "[]", '{"serialization":"nobody knows"}']) {
        await say(`b104\n${json}`);
      }
      await attacking.ping();
      return events.filter((event) => event.startsWith("connection")).length;
    });
    assert.equal(seen, 32);
    await assertUnharmed(page);
  });

  test("opens and closes connections and calls without end: the rate is limited", async ({
    page,
  }) => {
    await besiege(page);
    const seen = await page.run(async () => {
      const { say, events, attacking } = e2e;
      for (let n = 0; n < 5_000; n++) {
        const data = n % 2 === 0;
        const type = data ? "data" : "media";
        const json = JSON.stringify({ type, connectionId: `x_${n}`, serialization: "json" });
        await say(`${data ? "b" : "m"}104\n${json}`);
        await say("x104\n");
      }
      await attacking.ping();
      return events.length;
    });
    // 160 at once and ten in a second, and this does not take minutes.
    assert.ok(seen >= 100 && seen < 2_000, `${seen} events`);
    await assertUnharmed(page);
  });

  test("negotiates nonsense: the connections go on", async ({ page }) => {
    await besiege(page);
    await page.run(async () => {
      const { say, attacked } = e2e;
      const { sdp } = attacked.peerConnection.remoteDescription;
      const [head, ...sections] = sdp.split(/(?=^m=)/m);
      const video = (mid) =>
        `m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:${mid}\r\na=sendonly\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n`;
      const many = Array.from({ length: 1_800 }, (_, n) => video(n + 1)).join("");
      const said = [
        "o",
        "ov=0\r\n",
        `o${head}`, // its sections vanish
        `o${sdp}${many}`,
        `o${head}${sections.join("").replace("m=application", "m=audio")}`,
        `o${sdp.replaceAll(/a=mid:.*/g, "a=mid:nobody")}`,
        "a1\nv=0\r\n",
        "a77\nv=0\r\n",
      ];
      for (let round = 0; round < 50; round++) {
        for (const message of said) await say(message);
        await say(
          'cnobody\n{"candidate":"candidate:1 1 udp 1 192.0.2.1 9 typ host","sdpMid":"nobody"}',
        );
        await say('c\n{"candidate":"candidate:1 1 udp 1 192.0.2.1 9 typ host","sdpMLineIndex":99}');
        await say("c\n{");
        await say("w\n");
        await say("g\n");
        await say("t999 stream\n{}");
      }
    });
    await assertUnharmed(page);
    const transceivers = await page.run(() => e2e.attacked.peerConnection.getTransceivers().length);
    assert.ok(transceivers < 10, `${transceivers} transceivers`);
  });
});
