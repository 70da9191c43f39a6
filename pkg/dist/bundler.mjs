export { BaseConnectionErrorType, ConnectionType, DataConnectionErrorType, LogLevel, PeerErrorType, SerializationType, ServerMessageType, SocketEventType } from "./enums.mjs";
export { util } from "../util.js";
export { BufferedConnection, DataConnection, MediaConnection, MsgPack, MsgPackPeer, Peer, PeerError, StreamConnection, default } from "../index.js";
