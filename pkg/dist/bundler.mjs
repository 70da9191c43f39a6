export { BaseConnectionErrorType, ConnectionType, DataConnectionErrorType, LogLevel, PeerErrorType, SerializationType, ServerMessageType, SocketEventType } from "./enums.mjs";
export { BufferedConnection, DataConnection, MediaConnection, MsgPack, MsgPackPeer, Peer, PeerError, StreamConnection, default, util } from "../index.js";
