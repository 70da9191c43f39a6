// Connections through a real TURN server, coturn.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { atOnce } from "./harness/suite.mjs";
import { noTurn, startTurn } from "./harness/turn.mjs";

/** A peer's `config` with nothing but this TURN server. */
const relayOnly = (...iceServers) => ({ iceServers, iceTransportPolicy: "relay" });

/** Two peers of the page, connected through `config`, kept in `e2e.near`, `e2e.far`, `e2e.out` and `e2e.in`. */
const connect = (page, config) =>
  page.run(async (config) => {
    e2e.near = await e2e.openPeer("ours", undefined, { config });
    e2e.far = await e2e.openPeer("ours", undefined, { config });
    [e2e.out, e2e.in] = await e2e.link(e2e.near, e2e.far, { reliable: true });
    e2e.events = e2e.record(e2e.out, ["error", "close"]);
  }, config);

/** The types of both candidates in use, and the protocol towards the TURN server. */
const pathOf = (page) =>
  page.run(async () => {
    const report = await e2e.out.peerConnection.getStats();
    const pair = [...report.values()].find(
      ({ type, nominated, state }) =>
        type === "candidate-pair" && nominated && state === "succeeded",
    );
    const local = report.get(pair.localCandidateId);
    const remote = report.get(pair.remoteCandidateId);
    return [local.candidateType, remote.candidateType, local.relayProtocol];
  });

/** Sends so many bytes and waits until they have come. */
const transfer = (page, bytes) =>
  page.run(async (bytes) => {
    const arriving = e2e.inbox(e2e.in);
    e2e.out.send(new Uint8Array(bytes).fill(7));
    const { byteLength } = await arriving.take();
    return byteLength;
  }, bytes);

describe("a TURN server", { skip: noTurn }, () => atOnce("coturn", { scripts: ["calls"] }, define));

function define(test) {
  for (const transport of ["udp", "tcp"]) {
    test(`over ${transport} carries data, and nothing goes another way`, async ({ page, keep }) => {
      const turn = await keep(startTurn({ udp: transport === "udp" }));
      await connect(page, relayOnly(turn.server({ transport })));
      assert.deepEqual(await pathOf(page), ["relay", "relay", transport]);
      assert.equal(await transfer(page, 4 << 20), 4 << 20);
    });
  }

  test("carries a call: its picture moves", async ({ page, keep }) => {
    const turn = await keep(startTurn());
    const path = await page.run(async (config) => {
      const call = await calls.connect({ peerOptions: { config } });
      await calls.seen(call.out, "video");
      const report = await call.out.peerConnection.getStats();
      const candidates = [...report.values()].filter(({ type }) => type === "local-candidate");
      return candidates.map(({ candidateType }) => candidateType);
    }, relayOnly(turn.server()));
    assert.ok(path.length > 0 && path.every((type) => type === "relay"), `${path}`);
  });

  test("that refuses the credentials ends the connection with negotiation-failed", async ({
    page,
    keep,
  }) => {
    const turn = await keep(startTurn());
    const wrong = { ...turn.server(), credential: "wrong" };
    const events = await page.runFor(
      240_000,
      async (config) => {
        const near = await e2e.openPeer("ours", undefined, { config });
        const far = await e2e.openPeer("ours", undefined, { config });
        const conn = near.connect(far.id);
        const events = e2e.record(conn, ["error", "close"]);
        await e2e.next(conn, "close");
        return events;
      },
      relayOnly(wrong),
    );
    assert.deepEqual(events, ["error negotiation-failed", "close"]);
  });

  test("whose credentials expire gets fresh ones from config as a function", async ({
    page,
    keep,
  }) => {
    const turn = await keep(startTurn());
    const long = relayOnly(turn.server());
    const short = relayOnly(turn.server({ seconds: 3 }));
    await page.run(
      async (long, short) => {
        e2e.config = short;
        e2e.far = await e2e.openPeer("ours", undefined, { config: long });
        e2e.near = await e2e.openPeer("ours", undefined, { config: async () => e2e.config });
        [e2e.out, e2e.in] = await e2e.link(e2e.near, e2e.far, { reliable: true });
        e2e.events = e2e.record(e2e.out, ["error", "close"]);
        // A stranger with the same credentials finds out when they are refused.
        const isValid = async () => {
          const pc = new RTCPeerConnection(short);
          pc.createDataChannel("");
          await pc.setLocalDescription();
          while (pc.iceGatheringState !== "complete") {
            await e2e.nextDom(pc, "icegatheringstatechange");
          }
          const { sdp } = pc.localDescription;
          pc.close();
          return sdp.includes(" typ relay");
        };
        while (await isValid());
      },
      long,
      short,
    );
    const relays = await page.run(async (config) => {
      e2e.config = config;
      const pc = e2e.out.peerConnection;
      const found = new Promise((resolve) => {
        pc.addEventListener("icecandidate", ({ candidate }) => {
          if (candidate?.candidate.includes(" typ relay")) resolve(true);
        });
      });
      e2e.out.restartIce();
      return e2e.awaited("a relay", found);
    }, long);
    assert.equal(relays, true);
    assert.equal(await transfer(page, 1 << 20), 1 << 20);
    assert.deepEqual(await page.run(() => e2e.events), []);
  });

  test("that is restarted in mid-transfer: after restartIce the transfer is completed", async ({
    page,
    keep,
  }) => {
    const turn = await keep(startTurn());
    await connect(page, relayOnly(turn.server()));
    await page.run(async () => {
      // A part of it has arrived, and much is still to come.
      e2e.arriving = e2e.inbox(e2e.in);
      for (let i = 0; i < 64; i++) e2e.out.send(new Uint8Array(1 << 20).fill(i));
      await e2e.arriving.take();
    });
    await turn.restart();
    const numbers = await page.runFor(240_000, async () => {
      const arriving = e2e.arriving.many(63);
      e2e.out.restartIce();
      return (await arriving).map((bytes) => new Uint8Array(bytes)[0]);
    });
    assert.deepEqual(
      numbers,
      numbers.map((_, i) => i + 1),
    );
    assert.deepEqual(await page.run(() => e2e.events), []);
  });
}
