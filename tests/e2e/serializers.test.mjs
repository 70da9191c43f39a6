// Serializers written for PeerJS, unchanged, on its classes and on ours.

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

inBrowsers("a class that extends", world, (test) => {
  for (const [from, to] of BUILDS) {
    for (const [serialization, base, values] of [
      ["custom", "BufferedConnection", ["text ü", { a: [1, null] }, false]],
      ["lines", "StreamConnection", ["first", "zweite Zeile", "…"]],
      ["direct", "DataConnection", ["a", "b", "c"]],
      ["wrapped", "MsgPack", ["text", { deep: [{}] }, 1.5]],
    ]) {
      test(`${base} carries values both ways, ${from} → ${to}`, async ({ page }) => {
        const seen = await page.run(
          async (from, to, serialization, values) => {
            const { out, in: incoming } = await serializers.pair({ from, to, serialization });
            const inboxes = [out, incoming].map((conn) => e2e.inbox(conn));
            for (const value of values) {
              out.send(value);
              incoming.send(value);
            }
            const arrived = await Promise.all(inboxes.map((inbox) => inbox.many(values.length)));
            const closed = e2e.next(incoming, "close");
            out.close();
            await closed;
            return {
              arrived,
              names: [out.serialization, incoming.serialization],
              classes: [
                out instanceof serializers.of(from)[serialization],
                incoming instanceof serializers.of(to)[serialization],
              ],
              reliable: [out.reliable, incoming.reliable],
            };
          },
          from,
          to,
          serialization,
          values,
        );
        const expected = base === "MsgPack" ? values.map((wrapped) => ({ wrapped })) : values;
        assert.deepEqual(seen, {
          arrived: [expected, expected],
          names: [serialization, serialization],
          classes: [true, true],
          reliable: [true, true],
        });
      });
    }
  }
});

inBrowsers("BufferedConnection", world, (test) => {
  test("send() passes `chunked` on and returns what _send does", async ({ page }) => {
    const seen = await page.run(async (lib) => {
      const { out } = await serializers.pair({ from: lib, to: lib, serialization: "custom" });
      out.send(1);
      const chunked = [out.chunked];
      out.send(2, true);
      chunked.push(out.chunked);
      out._send = () => "returned";
      return { chunked, returned: out.send(3) };
    }, OURS);
    assert.deepEqual(seen, { chunked: [false, true], returned: "returned" });
  });

  test("emitError() is an error of the connection, which lives", async ({ page }) => {
    const seen = await page.run(async (lib) => {
      const { out, in: incoming } = await serializers.pair({
        from: lib,
        to: lib,
        serialization: "custom",
      });
      const failed = e2e.next(out, "error");
      out.send("x".repeat(300_000));
      const { type, message } = await failed;
      const inbox = e2e.inbox(incoming);
      out.send("after");
      return [type, message, await inbox.take()];
    }, OURS);
    assert.deepEqual(seen, ["message-too-big", "Cut it down.", "after"]);
  });

  test("its own close() is called once, whoever closes", async ({ page }) => {
    const closings = await page.run(async (lib) => {
      const ends = { from: lib, to: lib, serialization: "custom" };
      const { out, in: incoming } = await serializers.pair(ends);
      const closed = e2e.next(incoming, "close");
      out.close();
      await closed;
      return [out.closings, incoming.closings];
    }, OURS);
    assert.deepEqual(closings, [[true], [true]]);
  });

  for (const [from, to] of BUILDS) {
    test(`more than the channel buffers, in order, ${from} → ${to}`, async ({ page }) => {
      const seen = await page.runFor(
        30_000,
        async (from, to) => {
          const ends = { from, to, serialization: "custom" };
          const { out, in: incoming } = await serializers.pair(ends);
          const inbox = e2e.inbox(incoming);
          const text = "x".repeat(100_000);
          let queued = 0;
          for (let i = 0; i < 150; i++) {
            out.send({ i, text });
            queued = Math.max(queued, out.bufferSize);
          }
          const arrived = await inbox.many(150);
          return {
            order: arrived.every(({ i }, at) => i === at),
            whole: arrived.every((each) => each.text.length === text.length),
            queued: queued > 0,
            left: out.bufferSize,
          };
        },
        from,
        to,
      );
      assert.deepEqual(seen, { order: true, whole: true, queued: true, left: 0 });
    });

    test(`close({ flush: true }) after a lot, ${from} → ${to}`, async ({ page }) => {
      const seen = await page.run(
        async (from, to) => {
          const ends = { from, to, serialization: "custom" };
          const { out, in: incoming } = await serializers.pair(ends);
          const inbox = e2e.inbox(incoming);
          const closed = [out, incoming].map((conn) => e2e.next(conn, "close"));
          for (let i = 0; i < 20; i++) out.send([i, "x".repeat(100_000)]);
          out.close({ flush: true });
          await Promise.all(closed);
          return inbox.arrived.map(([i]) => i);
        },
        from,
        to,
      );
      assert.deepEqual(seen, [...Array(20).keys()]);
    });
  }

  test("close({ flush: true }) when _send returns what is no promise", async ({ page }) => {
    const arrived = await page.run(async (lib) => {
      const ends = { from: lib, to: lib, serialization: "custom" };
      const { out, in: incoming } = await serializers.pair(ends);
      const inbox = e2e.inbox(incoming);
      const { _send } = out;
      out._send = (...args) => _send.apply(out, args) ?? true;
      const closed = e2e.next(incoming, "close");
      out.send("last");
      out.close({ flush: true });
      await closed;
      return inbox.arrived;
    }, OURS);
    assert.deepEqual(arrived, ["last"]);
  });

  test("as `default`, whose own name goes over the wire", async ({ page }) => {
    const seen = await page.run(async (lib) => {
      const { custom } = serializers.of(lib);
      const near = await e2e.openPeer(lib, undefined, { serializers: { default: custom } });
      const far = await e2e.openPeer("bundled", undefined, serializers.optionsFor("bundled"));
      const [out, incoming] = await e2e.link(near, far);
      const inbox = e2e.inbox(incoming);
      out.send(["by default"]);
      return [incoming.serialization, await inbox.take()];
    }, OURS);
    assert.deepEqual(seen, ["custom", ["by default"]]);
  });
});

inBrowsers("StreamConnection", world, (test) => {
  for (const [from, to] of BUILDS) {
    test(`cuts what is written into pieces, and waits for room, ${from} → ${to}`, async ({
      page,
    }) => {
      const seen = await page.runFor(
        30_000,
        async (from, to) => {
          const { out, in: incoming } = await serializers.pair({
            from,
            to,
            serialization: "lines",
          });
          const inbox = e2e.inbox(incoming);
          const large = "0123456789abcdef".repeat(1 << 19);
          const written = Promise.all([out.send(large), out.send("small"), out.send(large)]);
          const arrived = await inbox.many(3);
          await written;
          return {
            same: arrived.map((line, i) => line === [large, "small", large][i]),
            longest: Math.max(...incoming.pieces),
          };
        },
        from,
        to,
      );
      assert.deepEqual(seen, { same: [true, true, true], longest: 32768 });
    });
  }

  test("is reliable whatever it is told", async ({ page }) => {
    const seen = await page.run(async (lib) => {
      const options = serializers.optionsFor(lib);
      const peers = [e2e.openPeer(lib, undefined, options), e2e.openPeer(lib, undefined, options)];
      const ends = await e2e.link(...(await Promise.all(peers)), {
        serialization: "lines",
        reliable: false,
      });
      return ends.map((conn) => [conn.reliable, conn.dataChannel.ordered]);
    }, OURS);
    assert.deepEqual(seen, [
      [true, true],
      [true, true],
    ]);
  });

  test("what is written when it closes is an error for the writer, and nothing else", async ({
    page,
  }) => {
    const seen = await page.run(async (lib) => {
      const { out } = await serializers.pair({ from: lib, to: lib, serialization: "lines" });
      const large = out.send("x".repeat(30 << 20));
      out.close();
      return large.then(
        () => "written",
        (error) => error.name,
      );
    }, OURS);
    assert.equal(seen, "Error");
  });
});
