// MsgPack and MsgPackPeer, with PeerJS's in both directions.

import assert from "node:assert/strict";
import { impostor } from "./harness/servers.mjs";
import { inBrowsers } from "./harness/suite.mjs";

/** PeerJS's script for pages lacks the classes. */
const OURS = impostor ? "bundled" : "ours";
const BUILDS = [
  [OURS, OURS],
  [OURS, "bundled"],
  ["bundled", OURS],
];
const world = { libs: [OURS, "bundled"], scripts: ["serializers"] };

inBrowsers("MsgPackPeer", world, (test) => {
  for (const [from, to] of BUILDS) {
    test(`speaks MsgPack by default, ${from} → ${to}`, async ({ page }) => {
      const seen = await page.run(
        async (from, to) => {
          const opened = [from, to].map((lib) => {
            const peer = new e2e.libs[lib].MsgPackPeer(e2e.server);
            e2e.atEnd(() => peer.destroy());
            return e2e.next(peer, "open").then(() => peer);
          });
          const [near, far] = await Promise.all(opened);
          const [out, incoming] = await e2e.link(near, far);
          const inboxes = [out, incoming].map((conn) => e2e.inbox(conn));
          out.send({ from: "near" });
          incoming.send({ from: "far" });
          const ends = [out, incoming];
          return {
            arrived: await Promise.all(inboxes.map((inbox) => inbox.take())),
            names: ends.map((conn) => conn.serialization),
            reliable: ends.map((conn) => [conn.reliable, conn.dataChannel.ordered]),
            classes: [
              near instanceof e2e.libs[from].Peer,
              out instanceof e2e.libs[from].MsgPack,
              out instanceof e2e.libs[from].StreamConnection,
              incoming instanceof e2e.libs[to].MsgPack,
            ],
          };
        },
        from,
        to,
      );
      assert.deepEqual(seen, {
        arrived: [{ from: "far" }, { from: "near" }],
        names: ["MsgPack", "MsgPack"],
        reliable: [
          [true, true],
          [true, true],
        ],
        classes: [true, true, true, true],
      });
    });
  }
});

inBrowsers("MsgPack", world, (test) => {
  /** Where what arrives differs from what `source` makes, in words. */
  const carries = async (page, from, to, source) => {
    const wrong = await page.runFor(
      30_000,
      async (from, to, source) => {
        const { out, in: incoming } = await serializers.pair({
          from,
          to,
          serialization: "MsgPack",
        });
        const inbox = e2e.inbox(incoming);
        // biome-ignore lint/security/noGlobalEval: JSON, as which arguments travel, lacks these values
        const values = eval(source);
        for (const value of values) out.send(value);
        const arrived = await inbox.many(values.length);
        return values.map((value, i) => e2e.values.difference(value, arrived[i]) ?? "same");
      },
      from,
      to,
      source,
    );
    assert.deepEqual(
      wrong,
      wrong.map(() => "same"),
    );
  };

  for (const [from, to] of BUILDS) {
    for (const [title, source] of [
      [
        "dates of all three sizes",
        "[0, 1, 999, 1e12 + 1, 2 ** 32 * 1000, 17_179_869_184_000, -1, -1500.0, -62e12, 8.64e15]" +
          ".map((ms) => new Date(ms))",
      ],
      [
        "binary of every length of length",
        "[0, 1, 255, 256, 65535, 65536, 300_000].map((n) => new Uint8Array(n).fill(n % 251))",
      ],
      [
        "strings of every length of length",
        "[...'ä😀', ...[0, 31, 32, 255, 256, 65535, 65536].map((n) => 'x'.repeat(n))]",
      ],
      [
        "numbers",
        "[0, 127, 128, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -1, -32, -33, -128," +
          " -129, -32768, -32769, -(2 ** 31), -(2 ** 31) - 1, -(2 ** 53) + 1, 0.1, 1e300, NaN," +
          " Infinity, -Infinity, 5e-324]",
      ],
      ["6 MB in one value", "[{ at: new Date(5), all: new Uint8Array(6 << 20).fill(7), end: 1 }]"],
      ["a string of 3 MB", "['漢'.repeat(1 << 20)]"],
      ["20,000 small values", "Array.from({ length: 20_000 }, (_, i) => ({ i, s: String(i) }))"],
    ]) {
      test(`${title}, ${from} → ${to}`, ({ page }) => carries(page, from, to, source));
    }

    test(`values cut anywhere, ${from} → ${to}`, async ({ page }) => {
      const wrong = await page.run(
        async (from, to) => {
          const ends = { from, to, serialization: "MsgPack" };
          const { out, in: incoming } = await serializers.pair(ends);
          const inbox = e2e.inbox(incoming);
          const { dataChannel } = out;
          const send = dataChannel.send.bind(dataChannel);
          dataChannel.send = (bytes) => {
            for (let i = 0; i < bytes.byteLength; i++) send(bytes.slice(i, i + 1));
          };
          const values = [
            "ünï😀",
            { d: new Date(1.5e12 + 1), b: Uint8Array.of(1, 2) },
            [-0.5, 70_000],
          ];
          for (const value of values) out.send(value);
          const arrived = await inbox.many(values.length);
          return values.map((value, i) => e2e.values.difference(value, arrived[i]) ?? "same");
        },
        from,
        to,
      );
      assert.deepEqual(wrong, ["same", "same", "same"]);
    });

    test(`close({ flush: true }) loses nothing, ${from} → ${to}`, async ({ page }) => {
      const seen = await page.run(
        async (from, to) => {
          const ends = { from, to, serialization: "MsgPack" };
          const { out, in: incoming } = await serializers.pair(ends);
          const inbox = e2e.inbox(incoming);
          const closed = [out, incoming].map((conn) => e2e.next(conn, "close"));
          for (let i = 0; i < 30; i++) out.send([i, new Uint8Array(100_000)]);
          out.close({ flush: true });
          await Promise.all(closed);
          return inbox.arrived.map(([i]) => i);
        },
        from,
        to,
      );
      assert.deepEqual(seen, [...Array(30).keys()]);
    });
  }

  for (const to of [OURS, "bundled"]) {
    test(`an extension that nobody knows, to ${to}`, async ({ page }) => {
      const seen = await page.run(
        async (from, to) => {
          const ends = { from, to, serialization: "MsgPack" };
          const { out, in: incoming } = await serializers.pair(ends);
          const inbox = e2e.inbox(incoming);
          out.dataChannel.send(Uint8Array.of(0xd6, 5, 1, 2, 3, 4, 0xc7, 2, 0xfe, 8, 9));
          const arrived = await inbox.many(2);
          return arrived.map(({ type, data }) => [type, data instanceof Uint8Array, [...data]]);
        },
        OURS,
        to,
      );
      assert.deepEqual(seen, [
        [5, true, [1, 2, 3, 4]],
        [-2, true, [8, 9]],
      ]);
    });
  }

  test("close() while close({ flush: true }) waits", async ({ page }) => {
    const told = await page.run(async (lib) => {
      const ends = { from: lib, to: lib, serialization: "MsgPack" };
      const { out } = await serializers.pair(ends);
      const events = e2e.record(out, ["close", "error"]);
      const late = out.send(new Uint8Array(20 << 20)).then(
        () => "sent",
        () => "lost",
      );
      out.close({ flush: true });
      out.close();
      return [events, await late];
    }, OURS);
    assert.deepEqual(told, [["close"], "lost"]);
  });

  test("null and undefined", ({ page }) => carries(page, OURS, OURS, "[null, null, 'after']"));

  for (const [title, bytes] of [
    ["a byte that means nothing", [0xc1]],
    ["a map whose key is an array", [0x81, 0x90, 0x01]],
  ]) {
    test(`${title} is one error of the connection, which it ends`, async ({ page }) => {
      const seen = await page.run(
        async (lib, bytes) => {
          const ends = { from: lib, to: lib, serialization: "MsgPack" };
          const { out, in: incoming } = await serializers.pair(ends);
          const told = e2e.record(incoming, ["data", "error", "close"]);
          const closed = [out, incoming].map((conn) => e2e.next(conn, "close"));
          out.dataChannel.send(Uint8Array.from(bytes));
          out.send("after");
          await Promise.all(closed);
          return told;
        },
        OURS,
        bytes,
      );
      assert.deepEqual(seen, ["error invalid-data", "close"]);
    });
  }
});
