// The handle of a Peer where there is no WebRTC: on a server that renders a page, in a test runner. It needs no wasm, which
// such a place may forbid.

import { PeerErrorType } from "./enums.js";

const NO_WEBRTC = "The current browser does not support WebRTC";

/** A Peer's state as bits: it is disconnected, and it is that and destroyed. */
const DISCONNECTED = 2;
const OVER = 6;

/**
 * @param {import("./peer.js").Peer} peer is told of the error in a task of its own, and destroyed
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
  // Every other method does nothing, and has nothing to say.
  return new Proxy(handle, { get: (_, name) => handle[name] ?? (() => {}) });
}
