/**
 * How much a {@link Peer} prints, for {@link PeerOptions.debug}. Each level prints what the levels below it print.
 */
export declare enum LogLevel {
  /** Nothing is printed. The default. */
  Disabled = 0,
  /** Errors, through `console.error`. */
  Errors = 1,
  /** Errors, and warnings through `console.warn`. */
  Warnings = 2,
  /** Everything, the course of negotiation through `console.log` included. */
  All = 3,
}

/** The two kinds of connection: what {@link DataConnection.type} and {@link MediaConnection.type} say. */
export declare enum ConnectionType {
  /** A {@link DataConnection}. */
  Data = "data",
  /** A {@link MediaConnection}. */
  Media = "media",
}

/**
 * The `type` of the errors that a {@link Peer} emits (PeerJS reference, "peer.on('error')"). A *fatal* one destroys a
 * peer that has never been open, and disconnects one that has.
 */
export declare enum PeerErrorType {
  /** This browser lacks the parts of WebRTC that are needed. Fatal. */
  BrowserIncompatible = "browser-incompatible",
  /** `connect` or `call` on a peer that is disconnected from its server. The peer itself is left as it is. */
  Disconnected = "disconnected",
  /** The id given to the constructor breaks the rule of {@link Util.validateId}. Fatal. */
  InvalidID = "invalid-id",
  /** The server does not know {@link PeerOptions.key}. Fatal. */
  InvalidKey = "invalid-key",
  /** The connection to the server was lost or could not be made. The peer is disconnected and may reconnect. */
  Network = "network",
  /** Nobody with the wanted id answered the server in time (about 5 s). The peer itself is left as it is. */
  PeerUnavailable = "peer-unavailable",
  /** A secure connection was asked of a server that cannot give one. Fatal. */
  SslUnavailable = "ssl-unavailable",
  /** The server could not be reached, or answered with an error. Fatal. */
  ServerError = "server-error",
  /** The WebSocket to the server failed. Fatal. */
  SocketError = "socket-error",
  /** The WebSocket to the server closed when it should not have. Fatal. */
  SocketClosed = "socket-closed",
  /** Another peer holds the id. Fatal for a peer that has never been open: after a reconnect, connections live on. */
  UnavailableID = "unavailable-id",
  /** The browser refused a step of negotiation: the original error is the {@link PeerError.cause}. */
  WebRTC = "webrtc",
}

/** The `type` of the errors that every connection may emit. */
export declare enum BaseConnectionErrorType {
  /** No way to the other peer was found (W3C WebRTC, "RTCIceConnectionState": `failed`). `close` follows. */
  NegotiationFailed = "negotiation-failed",
  /** The way to the other peer was lost. `close` follows. */
  ConnectionClosed = "connection-closed",
}

/** The `type` of the errors that only a {@link DataConnection} may emit. */
export declare enum DataConnectionErrorType {
  /** `send` was called before the event `open`, or after `close`: nothing was sent. */
  NotOpenYet = "not-open-yet",
  /** The message does not fit into one frame of a serialization that does not cut: nothing was sent. */
  MessageToBig = "message-too-big",
}

/** The built-in values of {@link PeerConnectOption.serialization}. */
export declare enum SerializationType {
  /** BinaryPack: all JSON types, binary data and Blobs, of any size. The default. */
  Binary = "binary",
  /** The same bytes as {@link SerializationType.Binary}: kept for programs that ask for it. */
  BinaryUTF8 = "binary-utf8",
  /** JSON text, in messages of less than 16,300 bytes. */
  JSON = "json",
  /** No serialization: what `RTCDataChannel.send` takes, untouched. The documents also call it `"none"`. */
  None = "raw",
}

/** The events of the socket to the server. Of use to code that looks inside PeerJS. */
export declare enum SocketEventType {
  /** A message came from the server. */
  Message = "message",
  /** The socket was lost. */
  Disconnected = "disconnected",
  /** The socket failed. */
  Error = "error",
  /** The socket closed. */
  Close = "close",
}

/** The `type` of a message between a peer and its server, as it stands on the wire. */
export declare enum ServerMessageType {
  /** A client says that it is alive: every {@link PeerOptions.pingInterval} milliseconds. */
  Heartbeat = "HEARTBEAT",
  /** An ICE candidate for a connection. */
  Candidate = "CANDIDATE",
  /** A peer asks for a connection. */
  Offer = "OFFER",
  /** A peer accepts a connection. */
  Answer = "ANSWER",
  /** The server has registered this peer. */
  Open = "OPEN",
  /** The server refuses something. */
  Error = "ERROR",
  /** Another peer holds the wanted id. */
  IdTaken = "ID-TAKEN",
  /** The server does not know the key. */
  InvalidKey = "INVALID-KEY",
  /** Another peer has left the server. */
  Leave = "LEAVE",
  /** A message found nobody to take it in time. */
  Expire = "EXPIRE",
}
