// Connections and calls that share one RTCPeerConnection.

import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

const world = { libs: ["ours", "peerjs"], scripts: ["calls", "shared"] };

inBrowsers("conn.connect()", world, (test) => {
  test("opens connections of every kind over the same RTCPeerConnection, each with its own order", async ({
    page,
  }) => {
    const seen = await page.run(async () => {
      const pair = await e2e.pair({ reliable: true });
      const { pc, ends, offered } = await shared.four(pair);
      const arrivals = ends.map(({ in: far }) => e2e.inbox(far));
      for (let n = 0; n < 50; n++) for (const { out } of ends) out.send(shared.value(out, n));
      const arrived = await Promise.all(arrivals.map((inbox) => inbox.many(50)));
      const inOrder = arrived.map((values) => values.every((value, n) => shared.number(value) === n));
      const back = ends.map(({ out }) => e2e.inbox(out).take());
      for (const end of ends) end.in.send(shared.value(end.in, 7));
      return {
        same: ends.map(({ out }) => out.peerConnection === pc),
        offered,
        inOrder,
        back: (await Promise.all(back)).map(shared.number),
        channels: ends.map(({ in: { dataChannel } }) => [
          dataChannel.ordered,
          dataChannel.maxRetransmits,
          dataChannel.label,
        ]),
        listed: pair.near.connections[pair.far.id].length,
      };
    });
    assert.deepEqual(seen, {
      same: [true, true, true, true],
      offered: [
        ["binary", "chat", { a: 1 }, true],
        ["json", "state", null, true],
        ["raw", "positions", null, false],
        ["binary-utf8", "log", [1], false],
      ],
      inOrder: [true, true, true, true],
      back: [7, 7, 7, 7],
      channels: [
        [true, null, "chat"],
        [true, null, "state"],
        [true, 3, "positions"],
        [true, 0, "log"],
      ],
      listed: 5,
    });
  });
});
