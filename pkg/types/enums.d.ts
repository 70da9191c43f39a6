/**
 * How much a {@link Peer} logs, for {@link PeerOptions.debug}. Each level includes the levels below it.
 */
export declare enum LogLevel {
  /** Nothing is printed. The default. */
  Disabled = 0,
  /** Errors, through `console.error`. */
  Errors = 1,
  /** Errors, and also warnings through `console.warn`. */
  Warnings = 2,
  /** Everything: also the progress of negotiation, through `console.log`. */
  All = 3,
}

/** The two kinds of connection: the values of {@link DataConnection.type} and {@link MediaConnection.type}. */
export declare enum ConnectionType {
  /** A {@link DataConnection}. */
  Data = "data",
  /** A {@link MediaConnection}. */
  Media = "media",
}

/**
 * The `type` of the errors that a {@link Peer} emits (PeerJS reference, "peer.on('error')"). A *fatal* error destroys a
 * peer that has never been open, and disconnects any other.
 */
export declare enum PeerErrorType {
  /** The browser does not support WebRTC. Fatal. */
  BrowserIncompatible = "browser-incompatible",
  /** `connect` or `call` on a peer that is disconnected from its server. Does not change the state of the peer. */
  Disconnected = "disconnected",
  /** The id given to the constructor is not valid: see {@link Util.validateId}. Fatal. */
  InvalidID = "invalid-id",
  /** The server does not accept {@link PeerOptions.key}. Fatal. */
  InvalidKey = "invalid-key",
  /** The connection to the server is lost or could not be made. The peer is disconnected and may reconnect. */
  Network = "network",
  /** No peer with the requested id took the offer in time (about 5 s). Does not change the state of the peer. */
  PeerUnavailable = "peer-unavailable",
  /** The server does not support the secure connection that was requested. Fatal. */
  SslUnavailable = "ssl-unavailable",
  /** The server could not be reached, or has answered with an error. Fatal. */
  ServerError = "server-error",
  /** The browser refused to make the WebSocket to the server. Fatal. */
  SocketError = "socket-error",
  /** The WebSocket to the server closed unexpectedly. Fatal. */
  SocketClosed = "socket-closed",
  /** Another peer has the id. Destroys a peer that has never been open; otherwise existing connections stay open. */
  UnavailableID = "unavailable-id",
  /** A WebRTC operation of the browser failed. The original error is the {@link PeerError.cause}. */
  WebRTC = "webrtc",
}

/** The `type` of the errors that all connections may emit. */
export declare enum BaseConnectionErrorType {
  /** ICE found no path to the remote peer (W3C WebRTC, "RTCIceConnectionState": `failed`). `close` follows. */
  NegotiationFailed = "negotiation-failed",
  /** The connection to the remote peer is lost. `close` follows. */
  ConnectionClosed = "connection-closed",
}

/** The `type` of the errors that only a {@link DataConnection} may emit. */
export declare enum DataConnectionErrorType {
  /** `send` was called before the event `open` or after `close`. Nothing was sent. */
  NotOpenYet = "not-open-yet",
  /** The message is too long for one frame, and its serialization does not cut messages. Nothing was sent. */
  MessageToBig = "message-too-big",
}

/** The built-in values of {@link PeerConnectOption.serialization}. */
export declare enum SerializationType {
  /** BinaryPack: all JSON types, binary data and Blobs, of any size. The default. */
  Binary = "binary",
  /** Another name for {@link SerializationType.Binary}, with the same bytes. For compatibility. */
  BinaryUTF8 = "binary-utf8",
  /** JSON text, in messages of less than 16,300 bytes. */
  JSON = "json",
  /** No serialization: the arguments of `RTCDataChannel.send`, unchanged. The PeerJS reference calls it `"none"`. */
  None = "raw",
}

/** The events of the socket to the server, for programs that use PeerJS internals. */
export declare enum SocketEventType {
  /** A message from the server. */
  Message = "message",
  /** The connection to the server is lost. */
  Disconnected = "disconnected",
  /** The socket failed. */
  Error = "error",
  /** The socket closed. */
  Close = "close",
}

/** The `type` of a message between a peer and its server, as on the wire. */
export declare enum ServerMessageType {
  /** The client is alive: sent every {@link PeerOptions.pingInterval} milliseconds. */
  Heartbeat = "HEARTBEAT",
  /** An ICE candidate for a connection. */
  Candidate = "CANDIDATE",
  /** An SDP offer for a connection. */
  Offer = "OFFER",
  /** An SDP answer to an offer. */
  Answer = "ANSWER",
  /** The server has registered this peer. */
  Open = "OPEN",
  /** The server reports an error. */
  Error = "ERROR",
  /** Another peer has the requested id. */
  IdTaken = "ID-TAKEN",
  /** The server does not accept the key. */
  InvalidKey = "INVALID-KEY",
  /** Another peer has left the server. */
  Leave = "LEAVE",
  /** The receiver of a message did not connect in time, so the message was dropped. */
  Expire = "EXPIRE",
}
