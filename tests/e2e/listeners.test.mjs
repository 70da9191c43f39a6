// Listeners that throw, remove themselves, call everything there is or destroy the peer, in every event of
// every emitter: all stays usable, and what is destroyed leaves nothing behind.

import assert from "node:assert/strict";
import { startScriptedServer } from "./harness/servers.mjs";
import { inBrowsers } from "./harness/suite.mjs";

const world = { scripts: ["faults", "calls", "listeners"] };

/** What `lives.live` brings about, whoever listens. */
const LIFE = [
  ...["open", "error", "disconnected", "close"].map((event) => `near peer ${event}`),
  ...["open", "connection", "call", "disconnected", "close"].map((event) => `far peer ${event}`),
  ...["open", "data", "error", "iceStateChanged", "close"].map((event) => `near data ${event}`),
  ...["open", "data", "iceStateChanged", "close"].map((event) => `far data ${event}`),
  ...["stream", "willCloseOnRemote", "iceStateChanged", "error", "close"].map(
    (event) => `near media ${event}`,
  ),
  ...["stream", "willCloseOnRemote", "iceStateChanged", "close"].map(
    (event) => `far media ${event}`,
  ),
].sort();

inBrowsers("listeners", world, (test) => {
  test("that do nothing see every event", async ({ page }) => {
    assert.deepEqual((await page.run(() => lives.live())).sort(), LIFE);
  });

  // PeerJS: the first one that throws ends it.
  test("that throw in every event change nothing", async ({ page }) => {
    const seen = await page.run(async () => {
      const seen = await lives.live((name) => {
        throw new Error(`thrown in ${name}`);
      });
      return { seen, left: faults.left() };
    });
    assert.deepEqual(seen.seen.sort(), LIFE);
    assert.equal(seen.left, "");
    // Browsers tell of errors when they get round to it.
    while (!page.errors.some((text) => text.includes("thrown in far peer close"))) {
      await page.run(() => {});
    }
    const thrown = new Set(page.takeErrors().map((text) => /thrown in ([\w ]+\w)/.exec(text)?.[1]));
    for (const name of [
      "near peer open",
      "far peer connection",
      "far data data",
      "near media stream",
    ]) {
      assert.ok(thrown.has(name), `${name} told nobody`);
    }
  });

  test("of `error` all run before `disconnected`, though one of them connects", async ({
    page,
    keep,
  }) => {
    const server = await keep(
      startScriptedServer({
        onSocket(socket) {
          socket.send('{"type":"OPEN"}');
          socket.once("message", () => socket.send('{"type":"ERROR","payload":{"msg":"no"}}'));
        },
      }),
    );
    const seen = await page.run(async (options) => {
      const peer = new e2e.libs.ours.Peer("me", options);
      const seen = [];
      peer.on("error", () => {
        const connection = peer.connect("another");
        seen.push(`error, connects: ${connection !== undefined}`);
      });
      peer.on("error", () => seen.push(`error, disconnected: ${peer.disconnected}`));
      peer.on("disconnected", () => seen.push("disconnected"));
      await e2e.next(peer, "disconnected");
      peer.destroy();
      return seen;
    }, server.options);
    assert.deepEqual(seen, ["error, connects: true", "error, disconnected: false", "disconnected"]);
  });

  test("that remove themselves and all others change nothing", async ({ page }) => {
    const seen = await page.run(() => {
      const heard = new Set();
      return lives.live((name, emitter) => {
        if (heard.has(name)) return;
        heard.add(name);
        const event = name.split(" ").at(-1);
        const self = () => emitter.off(event, self);
        emitter.on(event, self);
        emitter.once(event, () => {});
        emitter.off(event, self);
        emitter.off(event, () => {});
      });
    });
    assert.deepEqual(seen.sort(), LIFE);
  });

  test("that call whatever there is change nothing for others", async ({ page }) => {
    const seen = await page.run(async () => {
      const done = new Set();
      const seen = await lives.live((name, emitter) => {
        // Else a program that answers each message and each error with another would never end.
        if (done.has(name)) return;
        done.add(name);
        try {
          if (name.includes(" peer ")) {
            if (emitter.open) emitter.connect(emitter.id);
            if (emitter.open) emitter.connect("nobody")?.close();
            if (!emitter.disconnected) emitter.reconnect();
          } else {
            emitter.send?.({ from: name });
            if (name.endsWith("close")) emitter.close();
          }
        } catch (error) {
          // reconnect() on a peer that is open says so.
          if (!/cannot reconnect/.test(error.message)) throw error;
        }
      });
      return { seen, left: faults.left() };
    });
    for (const name of LIFE) assert.ok(seen.seen.includes(name), `no ${name}`);
    assert.equal(seen.left, "");
  });
});

inBrowsers("a peer that is destroyed in a listener of", world, (test) => {
  for (const name of LIFE.filter((name) => !/ (close|disconnected)$/.test(name))) {
    test(`${name} is gone, and the other one lives`, async ({ page }) => {
      const seen = await page.run(async (name) => {
        const destroyed = new Promise((resolve) => {
          lives
            .live((event, emitter) => {
              if (event !== name) return;
              const peer = emitter.provider ?? emitter;
              const events = e2e.record(peer, ["close", "open", "connection", "call"]);
              peer.destroy();
              peer.destroy();
              resolve({ events, destroyed: peer.destroyed, connections: peer.connections });
            })
            .catch(() => {});
        });
        const seen = await e2e.awaited(name, destroyed);
        // What was on its way has had its time.
        const pair = await e2e.pair();
        const { events } = seen;
        pair.near.destroy();
        pair.far.destroy();
        e2e.clear();
        return { ...seen, events, left: faults.left() };
      }, name);
      assert.deepEqual(seen, { events: ["close"], destroyed: true, connections: {}, left: "" });
    });
  }
});
