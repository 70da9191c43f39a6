// The example in Leptos: a Peer that comes and goes with a component.

import assert from "node:assert/strict";
import { compiled, idOf, openExample, shows } from "./harness/examples.mjs";
import { startScriptedServer } from "./harness/servers.mjs";
import { inBrowsers } from "./harness/suite.mjs";

compiled();

inBrowsers("a component of Leptos", { libs: ["peerjs"] }, (test) => {
  const door = async (room) => {
    await room.until(() => document.querySelector("#door"));
    await room.run(() => document.querySelector("#door").click());
  };

  /** The page's door is opened; resolves with the id of the Peer behind it. */
  async function enter(room) {
    await door(room);
    return idOf(room);
  }

  /** A page with PeerJS connects. */
  const connect = (page, id) =>
    page.run(async (id) => {
      const peer = await e2e.openPeer("peerjs");
      const conn = peer.connect(id, { reliable: true });
      e2e.watchConnection(conn, "page's");
      e2e.closed = e2e.next(conn, "close");
      e2e.arriving = e2e.inbox(conn);
      await e2e.next(conn, "open");
      e2e.conn = conn;
      return peer.id;
    }, id);

  test("both talk; unmounting closes the connection and frees the id", async (world) => {
    const { page } = world;
    const room = await openExample(world, "room");
    const id = await enter(room);
    const guest = await connect(page, id);
    await page.run(() => e2e.conn.send("Hello <b>Leptos</b> 👋"));
    await shows(room, "#said li", `${guest}: Hello <b>Leptos</b> 👋`);
    await room.type("#text", "Hello page 👋\n");
    assert.equal(await page.run(() => e2e.arriving.take()), "Hello page 👋");

    await door(room);
    await page.run(() => e2e.awaited("the end of the connection", e2e.closed));
    const known = await page.run(async (id) => {
      const peer = await e2e.openPeer("peerjs", id); // nobody has the id any more
      return peer.id;
    }, id);
    assert.equal(known, id);
  });

  test("mounted again it is another Peer, with nothing of the first", async (world) => {
    const room = await openExample(world, "room");
    const first = await enter(room);
    await connect(world.page, first);
    await shows(room, "#door", "Leave");
    await door(room);
    await room.until(() => document.querySelector("#id") === null);
    const second = await enter(room);
    assert.notEqual(second, first);
    assert.equal(await room.run(() => document.querySelectorAll("#said li").length), 0);
    await connect(world.page, second);
    await world.page.run(() => e2e.conn.send("Hello again"));
    await shows(room, "#said li", "Hello again");
  });

  test("the room connects to a page with PeerJS, which leaves", async (world) => {
    const room = await openExample(world, "room");
    await enter(room);
    const far = await world.page.run(async () => {
      const peer = await e2e.openPeer("peerjs");
      peer.on("connection", (conn) => {
        conn.on("open", () => conn.send(`label ${conn.label}`));
        e2e.conn = conn;
      });
      return peer.id;
    });
    await room.type("#to", `${far}\n`);
    await shows(room, "#said li", `${far}: label room`);
    await world.page.run(() => e2e.conn.close());
    await shows(room, "#said li", `${far}: has left`);
  });

  test("unmounting while the server has not answered leaves nothing behind", async (world) => {
    // A server that takes the socket and never says that the peer is known.
    const sockets = [];
    let arrived;
    const came = new Promise((resolve) => (arrived = resolve));
    const silent = await world.keep(
      startScriptedServer({
        onSocket(socket) {
          sockets.push(new Promise((resolve) => socket.on("close", resolve)));
          arrived();
        },
        onRequest: (_, response) => response.end("made-up-by-the-server"),
      }),
    );
    const room = await openExample(world, "room", silent);
    await door(room);
    await came;
    await shows(room, "#id", "connecting");
    await door(room);
    await Promise.all(sockets);
    assert.equal(sockets.length, 1);
  });

  test("unmounting while a connection is negotiated closes it and leaves the server", async (world) => {
    const { page } = world;
    const room = await openExample(world, "room");
    const id = await enter(room);
    const far = await page.run(async () => (await e2e.openPeer("peerjs")).id);
    const states = await room.run(async (far) => {
      const made = [];
      const Real = globalThis.RTCPeerConnection;
      globalThis.RTCPeerConnection = class extends Real {
        constructor(...args) {
          super(...args);
          made.push(this);
        }
      };
      document.querySelector("#to").value = far;
      document.querySelector("#connect").requestSubmit();
      const before = made.map((pc) => pc.signalingState);
      document.querySelector("#door").click();
      // Leptos unmounts in a microtask, and cancels its tasks in another.
      await new Promise((resolve) => setTimeout(resolve));
      return [before, made.map((pc) => pc.signalingState)];
    }, far);
    assert.deepEqual(states, [["stable"], ["closed"]]);
    const known = await page.run(async (id) => (await e2e.openPeer("peerjs", id)).id, id);
    assert.equal(known, id);
  });
});
