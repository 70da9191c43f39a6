// All exports of the package.

import "./packing.js";

export { BufferedConnection, DataConnection } from "./connection.js";
export * from "./enums.js";
export { PeerError } from "./errors.js";
export { MediaConnection } from "./media.js";
export { Peer, Peer as default } from "./peer.js";
export { MsgPack, MsgPackPeer, StreamConnection } from "./stream.js";
export { util } from "./util.js";
