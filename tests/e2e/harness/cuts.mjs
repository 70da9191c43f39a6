// Two pages with a network between them that a test can cut.

import { startProxy } from "./proxy.mjs";
import { startRelay } from "./relay.mjs";

/** Browsers take half a minute to give a path up, and all tests that wait for it run at once. */
export const PATIENCE = 90_000;

/**
 * Two pages, connected by way of a relay; each number that the near one sends is kept by the far one. `wishes`: the options
 * of both Peers, `near` and `far` those of one of them, and `farLib` what the far page runs.
 */
export async function connect({ page, open, keep, site, peerServer }, wishes = {}) {
  const { farLib = "ours", near, far: far_, ...options } = wishes;
  const relay = await keep(startRelay());
  const proxy = await keep(startProxy(peerServer, relay.rule));
  const far = await open(site.blank(["ours", "peerjs"], proxy, ["faults", "calls"]));
  const id = await far.run(
    async (lib, options) => {
      const peer = await e2e.openPeer(lib, undefined, options);
      e2e.peer = peer;
      e2e.got = [];
      peer.on("connection", (conn) => {
        e2e.conn = e2e.watchConnection(conn, "far");
        e2e.events = e2e.record(conn, ["error", "close"]);
        e2e.path = e2e.record(conn, ["reconnecting", "reconnected", "close"]);
        e2e.closed = e2e.next(conn, "close");
        conn.on("data", (data) => e2e.got.push(data));
      });
      return peer.id;
    },
    farLib,
    { ...proxy.options, ...options, ...far_ },
  );
  await page.run(
    async (id, options) => {
      const peer = await e2e.openPeer("ours", undefined, options);
      e2e.peer = peer;
      const conn = e2e.watchConnection(peer.connect(id, { reliable: true }), "near");
      e2e.conn = conn;
      e2e.events = e2e.record(conn, ["error", "close"]);
      e2e.path = e2e.record(conn, ["reconnecting", "reconnected", "close"]);
      e2e.closed = e2e.next(conn, "close");
      await e2e.next(conn, "open");
      e2e.sent = 0;
    },
    id,
    { ...proxy.options, ...options, ...near },
  );
  await send(page, 100);
  await has(far, 100);
  const pages = [page, far];
  // A slow machine may take the path for lost before it is cut. A restart would lead around the relay then, since what goes
  // over the control channel is out of its reach.
  await Promise.all(
    pages.map((page) =>
      page.run(() => {
        const { restartIce } = RTCPeerConnection.prototype;
        RTCPeerConnection.prototype.restartIce = () => {};
        e2e.allowRestarts = () => {
          RTCPeerConnection.prototype.restartIce = restartIce;
        };
      }),
    ),
  );
  const allowRestarts = () => Promise.all(pages.map((page) => page.run(() => e2e.allowRestarts())));
  const cut = async () => {
    await allowRestarts();
    relay.cut();
  };
  return { relay, proxy, near: page, far, cut, allowRestarts };
}

/** The near page sends the next numbers. */
export const send = (near, count) =>
  near.run((count) => {
    for (let i = 0; i < count; i++) e2e.conn.send(e2e.sent++);
  }, count);

/** Waits until the far page has so many numbers. */
export const has = (far, count) =>
  far.runFor(
    PATIENCE,
    async (count) => {
      while (e2e.got.length < count) await e2e.next(e2e.conn, "data");
    },
    count,
  );
