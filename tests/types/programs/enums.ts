import {
  BaseConnectionErrorType,
  ConnectionType,
  DataConnectionErrorType,
  LogLevel,
  Peer,
  PeerErrorType,
  SerializationType,
  ServerMessageType,
  SocketEventType,
} from "peerjs";

const peer = new Peer({ debug: LogLevel.All });
const connection = peer.connect("other", { serialization: SerializationType.BinaryUTF8 });
const kind: ConnectionType = connection.type;
if (kind === ConnectionType.Data) connection.send(LogLevel[LogLevel.All]);
if (connection.serialization === SerializationType.None) connection.send("text");

const texts: string[] = [
  ...Object.values(PeerErrorType),
  ...Object.values(BaseConnectionErrorType),
  ...Object.values(DataConnectionErrorType),
  ...Object.values(SocketEventType),
];
const words: Record<PeerErrorType, string> = {
  [PeerErrorType.BrowserIncompatible]: "a",
  [PeerErrorType.Disconnected]: "b",
  [PeerErrorType.InvalidID]: "c",
  [PeerErrorType.InvalidKey]: "d",
  [PeerErrorType.Network]: "e",
  [PeerErrorType.PeerUnavailable]: "f",
  [PeerErrorType.SslUnavailable]: "g",
  [PeerErrorType.ServerError]: "h",
  [PeerErrorType.SocketError]: "i",
  [PeerErrorType.SocketClosed]: "j",
  [PeerErrorType.UnavailableID]: "k",
  [PeerErrorType.WebRTC]: "l",
};
const wire: `${ServerMessageType}`[] = ["OPEN", "ERROR", "ID-TAKEN", "INVALID-KEY", "LEAVE"];
const handled: Partial<Record<ServerMessageType, true>> = {
  [ServerMessageType.Expire]: true,
  [ServerMessageType.Heartbeat]: true,
};
const level: number = LogLevel.Errors;
peer.on("error", (error) => console.log(words[error.type as PeerErrorType]));
console.log(texts, wire, handled, level);
