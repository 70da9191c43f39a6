export type { BaseConnection } from "./types/connection.js";
export {
  BufferedConnection,
  DataConnection,
  MediaConnection,
  MsgPack,
  StreamConnection,
} from "./types/connection.js";
export type {
  BaseConnectionEvents,
  DataConnectionEvents,
  MediaConnectionEvents,
} from "./types/connection-events.js";
export {
  BaseConnectionErrorType,
  ConnectionType,
  DataConnectionErrorType,
  LogLevel,
  PeerErrorType,
  SerializationType,
  ServerMessageType,
  SocketEventType,
} from "./types/enums.js";
export type { Advice, CandidateCount, ConnectionError, Diagnosis } from "./types/errors.js";
export { PeerError } from "./types/errors.js";
export type {
  AnswerOption,
  CallOption,
  PeerConnectOption,
  PeerInit,
  PeerJSOption,
  ReconnectOption,
  SerializerMapping,
} from "./types/options.js";
export { PeerOptions } from "./types/options.js";
export type { PeerEvents } from "./types/peer.js";
export { MsgPackPeer, Peer, Peer as default } from "./types/peer.js";
export type {
  PresenceState,
  Signaling,
  SignalingFactory,
  SignalMessage,
} from "./types/signaling.js";
export type { ConnectionStats, PathEnd } from "./types/stats.js";
export type { Packable, Unpackable, UtilSupportsObj } from "./types/util.js";
export { Util, util } from "./types/util.js";
