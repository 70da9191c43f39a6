// The handle of a Peer without WebRTC: on a server that renders a page, or in a test runner. It needs no wasm, which
// may be forbidden there.

import { PeerErrorType } from "./enums.js";

const NO_WEBRTC = "The current browser does not support WebRTC";

/** State bits of a Peer (border/handles.js): disconnected. */
const DISCONNECTED = 2;
/** State bits of a Peer: disconnected and destroyed. */
const OVER = 6;

/**
 * Makes a handle that emits `browser-incompatible` in a new task and destroys the peer.
 *
 * @param {import("./peer.js").Peer} peer
 */
export function incompatibleHandle(peer) {
  let state = 0;
  const disconnect = () => {
    if (state !== 0) return;
    state = DISCONNECTED;
    peer.emit("disconnected", null);
  };
  const destroy = () => {
    if (state === OVER) return;
    disconnect();
    state = OVER;
    peer.emit("close");
  };
  setTimeout(() => {
    if (state === OVER) return;
    peer.emitError(PeerErrorType.BrowserIncompatible, NO_WEBRTC);
    destroy();
  });
  const handle = {
    state: () => state,
    connections: () => ({}),
    refusal: () => NO_WEBRTC,
    disconnect,
    destroy,
  };
  // All other methods do nothing and return undefined.
  return new Proxy(handle, { get: (_, name) => handle[name] ?? (() => {}) });
}
