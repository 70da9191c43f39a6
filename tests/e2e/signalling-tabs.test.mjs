// Peers that find each other by `peerjs-wasm/tabs`: no server at all.

import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

const world = { scripts: ["signalling"] };

inBrowsers("signalling between tabs", world, (test) => {
  test("two peers of a page connect, call the roll and part", async ({ page }) => {
    const seen = await page.run(async () => {
      const make = await signalling.tabs("page");
      const [alice, bob] = [make("alice"), make("bob")];
      await Promise.all([alice, bob].map((peer) => e2e.next(peer, "open")));
      const [out, incoming] = await e2e.link(alice, bob);
      const inbox = e2e.inbox(incoming);
      out.send("hello");
      const got = await inbox.take();
      const peers = (await alice.peers()).sort();
      const listed = (await new Promise((resolve) => alice.listAllPeers(resolve))).sort();
      bob.destroy();
      await e2e.next(out, "close");
      return { got, peers, listed, left: await alice.peers() };
    });
    const both = ["alice", "bob"];
    assert.deepEqual(seen, { got: "hello", peers: both, listed: both, left: ["alice"] });
  });

  test("two tabs connect, and nobody finds one that has gone", async ({
    page,
    open,
    site,
    peerServer,
  }) => {
    const other = await open(site.blank(["ours"], peerServer, world.scripts));
    await other.run(async () => {
      const make = await signalling.tabs("two");
      const bob = make("bob");
      globalThis.bob = bob;
      bob.on("connection", (connection) => connection.on("data", (data) => connection.send(data)));
      await e2e.next(bob, "open");
    });
    const echoed = await page.run(async () => {
      const make = await signalling.tabs("two");
      const alice = make();
      globalThis.alice = alice;
      await e2e.next(alice, "open");
      const connection = alice.connect("bob");
      await e2e.next(connection, "open");
      const inbox = e2e.inbox(connection);
      connection.send({ deep: ["echo"] });
      return inbox.take();
    });
    assert.deepEqual(echoed, { deep: ["echo"] });
    await other.run(() => bob.destroy());
    const error = await page.run(async () => {
      alice.connect("bob");
      return (await e2e.next(alice, "error")).type;
    });
    assert.equal(error, "peer-unavailable");
  });

  test("presence: of peers that were there, that come, and whose tab goes away", async ({
    page,
    open,
    browser,
    site,
    peerServer,
  }) => {
    const url = site.blank(["ours"], peerServer, world.scripts);
    const here = (tab, id) =>
      tab.run(async (id) => {
        const make = await signalling.tabs("presence");
        await e2e.next(make(id), "open");
      }, id);
    const [first, second] = [await open(url), await browser.open(url)];
    await here(first, "first");
    await page.run(async () => {
      const make = await signalling.tabs("presence", { presence: true });
      const watcher = make("watcher");
      globalThis.told = [];
      globalThis.toldOf = (wanted) =>
        new Promise((resolve) => {
          const look = () => told.includes(wanted) && resolve();
          watcher.on("presence", look);
          look();
        });
      watcher.on("presence", (id, state) => told.push(`${id} ${state}`));
      await e2e.next(watcher, "open");
      await toldOf("first online");
    });
    await here(second, "second");
    await page.run(() => toldOf("second online"));
    await second.close();
    const seen = await page.run(async () => {
      await toldOf("second offline");
      return told;
    });
    assert.deepEqual(seen, ["first online", "second online", "second offline"]);
  });
});
