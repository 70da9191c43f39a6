import type * as everything from "./index.js";

declare global {
  /** The class of `peerjs.min.js`, as PeerJS's script defines it. */
  var Peer: typeof everything.Peer;
  /** Everything that `peerjs.min.js` has. */
  var peerjs: typeof everything;
}
