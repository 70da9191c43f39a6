// The example in Rust, at both ends and with the real PeerJS 1.5.5 at the other one.

import assert from "node:assert/strict";
import { compiled, shows as has, idOf, openExample } from "./harness/examples.mjs";
import { inBrowsers } from "./harness/suite.mjs";

compiled();

inBrowsers("the chat in Rust", { libs: ["peerjs", "bundled", "ours"] }, (test) => {
  /** A page with the example; its id. */
  async function openChat(world) {
    const chat = await openExample(world, "chat");
    return [chat, await idOf(chat)];
  }

  const shows = (chat, kind, text) => has(chat, `#lines .${kind}`, text);

  /** A page connects to the example, with PeerJS unless told otherwise. */
  const connect = (page, id, options, lib = "peerjs") =>
    page.run(
      async (id, options, lib) => {
        const { MsgPack } = e2e.libs[lib];
        const peer = await e2e.openPeer(lib, undefined, { serializers: { MsgPack } });
        const conn = e2e.watchConnection(peer.connect(id, options), "page's");
        e2e.closed = e2e.next(conn, "close");
        await e2e.next(conn, "open");
        Object.assign(e2e, { conn, arriving: e2e.inbox(conn) });
      },
      id,
      options,
      lib,
    );

  const receive = (page) => page.run(() => e2e.arriving.take());

  test("a page with PeerJS connects; both talk; binary comes and goes", async (world) => {
    const [chat, id] = await openChat(world);
    const { page } = world;
    await connect(page, id, { metadata: { name: "Ada" } });
    await shows(chat, "note", "Ada is here");
    await page.run(() => e2e.conn.send({ kind: "say", text: "Hello <b>Rust</b> 👋" }));
    await shows(chat, "theirs", "Hello <b>Rust</b> 👋");
    await chat.type("#text", "Hello page 👋\n");
    assert.deepEqual(await receive(page), { kind: "say", text: "Hello page 👋" });

    // Long enough to travel in pieces, both ways.
    const back = await page.run(async () => {
      const bytes = new Uint8Array(300_000).map((_, i) => i * i);
      e2e.conn.send({ kind: "file", name: "squares", bytes });
      const file = await e2e.arriving.take();
      const came = new Uint8Array(file.bytes);
      return { ...file, bytes: came.length, same: came.every((byte, i) => byte === bytes[i]) };
    });
    assert.deepEqual(back, { kind: "file", name: "squares", bytes: 300_000, same: true });
    await shows(chat, "theirs", "squares, 300000 bytes");
  });

  for (const [serialization, lib] of [
    ["json", "peerjs"],
    ["binary-utf8", "peerjs"],
    ["MsgPack", "bundled"], // only bundlers get PeerJS's class for it
    ["MsgPack", "ours"],
  ]) {
    test(`${lib} chooses ${serialization}`, async (world) => {
      const [chat, id] = await openChat(world);
      await connect(world.page, id, { serialization, reliable: true }, lib);
      await world.page.run(() => e2e.conn.send({ kind: "say", text: "ä€" }));
      await shows(chat, "theirs", "ä€");
      await chat.type("#text", "€ä\n");
      assert.deepEqual(await receive(world.page), { kind: "say", text: "€ä" });
    });
  }

  test("the example connects to a page with PeerJS, which leaves", async (world) => {
    const [chat, id] = await openChat(world);
    const far = await world.page.run(async () => {
      const peer = await e2e.openPeer("peerjs");
      e2e.arrival = e2e.next(peer, "connection");
      return peer.id;
    });
    await chat.type("#to", `${far}\n`);
    await shows(chat, "note", "is here");
    const seen = await world.page.run(async () => {
      const conn = await e2e.arrival;
      const { label, metadata, reliable, serialization } = conn;
      e2e.arriving = e2e.inbox(conn);
      if (!conn.open) await e2e.next(conn, "open");
      conn.send({ kind: "say", text: "Welcome" });
      e2e.conn = conn;
      return { label, metadata, reliable, serialization };
    });
    assert.deepEqual(seen, {
      label: "chat",
      metadata: { name: id },
      reliable: true,
      serialization: "binary",
    });
    await shows(chat, "theirs", "Welcome");
    await world.page.run(() => e2e.conn.close());
    await shows(chat, "note", "has left");
  });

  test("what is no message of the chat is an error, and the chat goes on", async (world) => {
    const [chat, id] = await openChat(world);
    await connect(world.page, id);
    await world.page.run(() => {
      for (const odd of [7, null, { kind: "shout" }, { kind: "say", text: 7 }]) e2e.conn.send(odd);
      e2e.conn.send({ kind: "say", text: "Sorry" });
    });
    await shows(chat, "theirs", "Sorry");
    const errors = await chat.run(() => document.querySelectorAll("#lines .error").length);
    assert.equal(errors, 4);
  });

  test("nobody under that id is said in words", async (world) => {
    const [chat] = await openChat(world);
    await chat.type("#to", "nobody\n");
    await shows(chat, "error", "Could not connect to peer nobody");
    chat.takeErrors(); // the example tells them on the console
  });

  test("our own page sends a burst, whose messages share frames", async (world) => {
    const [chat, id] = await openChat(world);
    await connect(world.page, id, { reliable: true }, "ours");
    await world.page.run(() => {
      for (let n = 0; n < 300; n++) e2e.conn.send({ kind: "say", text: `number ${n}` });
    });
    await shows(chat, "theirs", "number 299");
    const lines = await chat.run(() =>
      [...document.querySelectorAll("#lines .theirs")].map((line) => line.textContent),
    );
    assert.deepEqual(
      lines,
      Array.from({ length: 300 }, (_, n) => `number ${n}`),
    );
  });

  test("two examples talk; one that is closed has left", async (world) => {
    const [near] = await openChat(world);
    const [far, id] = await openChat(world);
    await near.type("#to", `${id}\n`);
    await shows(far, "note", "is here");
    await shows(near, "note", "is here");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      await from.type("#text", "Ahoy\n");
      await shows(to, "theirs", "Ahoy");
    }
    await far.goto("about:blank");
    await shows(near, "note", "has left");
  });
});
