// The example of a frame loop, as a game has it: an unreliable channel, try_send and try_next in each frame.

import assert from "node:assert/strict";
import { compiled, idOf, openExample, shows } from "./harness/examples.mjs";
import { inBrowsers } from "./harness/suite.mjs";

compiled();

inBrowsers("a frame loop", { libs: ["peerjs", "ours"] }, (test) => {
  /** Waits until a game has drawn another frame. */
  async function later(game) {
    const frame = await game.run(() => Number(document.querySelector("#frame").textContent));
    await game.until(
      (frame) => Number(document.querySelector("#frame").textContent) > frame,
      frame,
    );
  }

  for (const lib of ["peerjs", "ours"]) {
    test(`positions come and go in frames, with ${lib} at the other end`, async (world) => {
      const { page } = world;
      const game = await openExample(world, "frames");
      await game.activate(); // a tab that nobody sees draws no frames
      const id = await idOf(game);
      const player = await page.run(
        async (lib, id) => {
          const peer = await e2e.openPeer(lib);
          const conn = e2e.watchConnection(peer.connect(id), "player's");
          e2e.arriving = e2e.inbox(conn);
          await e2e.next(conn, "open");
          e2e.conn = conn;
          return peer.id;
        },
        lib,
        id,
      );
      await game.until((id) => document.querySelector(`#field i[title="${id}"]`), player);
      // Each frame sends one: those that come get newer and newer.
      const frames = await page.run(async () =>
        (await e2e.arriving.many(20)).map(({ frame, x, y }) => ({
          frame,
          seen: x ** 2 + y ** 2 > 0,
        })),
      );
      assert.ok(frames.every(({ seen }) => seen));
      assert.equal(new Set(frames.map(({ frame }) => frame)).size, 20);

      // An old position that comes late does not replace a newer one.
      await game.run(() => {
        const dot = document.querySelector("#field i");
        globalThis.drawn = [];
        new MutationObserver(() => drawn.push(Number(dot.dataset.frame))).observe(dot, {
          attributeFilter: ["data-frame"],
        });
      });
      for (const frames of [[7, 9, 8], [10]]) {
        await page.run((frames) => {
          for (const frame of frames) e2e.conn.send({ frame, x: frame * 10, y: 5 });
        }, frames);
        await game.until(
          (newest) => document.querySelector("#field i").dataset.frame === String(newest),
          Math.max(...frames),
        );
      }
      const style = await game.run(() => document.querySelector("#field i").getAttribute("style"));
      assert.match(style, /translate\(100px, 5px\)/);
      const drawn = await game.run(() => drawn);
      assert.deepEqual(
        drawn,
        drawn.toSorted((a, b) => a - b),
      );

      await page.run(() => e2e.conn.close());
      await game.until(() => document.querySelector("#field i") === null);
    });
  }

  // Not two games: only one of two tabs is seen at a time, and one that is not seen draws no frames.
  test("a game that connects uses a channel that is neither ordered nor reliable", async (world) => {
    const { page } = world;
    const id = await page.run(async () => {
      const peer = await e2e.openPeer("ours");
      e2e.connected = e2e.next(peer, "connection");
      return peer.id;
    });
    const game = await openExample(world, "frames");
    await game.activate();
    await idOf(game);
    await game.type("#to", `${id}\n`);
    const seen = await page.run(async () => {
      const conn = await e2e.connected;
      const { frame } = await e2e.inbox(conn).take();
      const { label, ordered, maxRetransmits } = conn.dataChannel;
      return { label, ordered, maxRetransmits, sends: frame > 0 };
    });
    assert.deepEqual(seen, { label: "positions", ordered: false, maxRetransmits: 0, sends: true });
  });

  test("nobody under that id is said, and the loop goes on", async (world) => {
    const game = await openExample(world, "frames");
    await game.activate();
    await idOf(game);
    await game.type("#to", "nobody\n");
    await shows(game, "#lines .error", "Could not connect to peer nobody");
    await game.until(() => document.querySelector("#field i") === null);
    await later(game);
    game.takeErrors(); // the example tells them on the console
  });
});
