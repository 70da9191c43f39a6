import type * as everything from "./index.js";

declare global {
  /** The class `Peer`, as the script of PeerJS defines it. */
  var Peer: typeof everything.Peer;
  /** All exports of `peerjs.min.js`. */
  var peerjs: typeof everything;
}
