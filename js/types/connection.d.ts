import type {
  ConnectionState,
  DataConnectionEvents,
  MediaConnectionEvents,
} from "./connection-events.js";
import type {
  BaseConnectionErrorType,
  ConnectionType,
  DataConnectionErrorType,
  ServerMessageType,
} from "./enums.js";
import type { EventEmitterWithError, EventsWithError, Listeners } from "./events.js";
import type { AnswerOption, CallOption, PeerConnectOption } from "./options.js";
import type { Peer } from "./peer.js";
import type { ConnectionStats } from "./stats.js";

/** A message of the server, as {@link BaseConnection.handleMessage} takes it. */
export interface ServerMessage {
  /** What it is. */
  type: ServerMessageType;
  /** What it says. */
  payload: any;
  /** Id of the peer it comes from. */
  src: string;
}

/** Of the class below, declared apart so that a subclass may have its own: as a property or an accessor. */
export interface BaseConnection<
  Events extends Listeners<Events> & EventsWithError<ErrorType>,
  ErrorType extends string,
> {
  /** Id of this side's peer, null until it has one. The 2013 PeerJS reference has it, 1.5.5 has not. */
  readonly id: string;
}

/**
 * What data and media connections have in common. It is a type only: extend {@link BufferedConnection},
 * {@link StreamConnection} or {@link DataConnection}.
 */
export declare abstract class BaseConnection<
  Events extends Listeners<Events> & EventsWithError<ErrorType>,
  ErrorType extends string,
> extends EventEmitterWithError<ErrorType, Events> {
  /** Id of the peer on the other side. */
  readonly peer: string;

  /** This side's peer. Null once closed. */
  provider: Peer;

  /** What the connection was made with. */
  readonly options: any;

  /** Behind {@link BaseConnection.open}. */
  protected _open: boolean;

  /** What the side that asked for the connection passed as `metadata`. */
  readonly metadata: any;

  /** Id of the connection, the same on both sides: `dc_` or `mc_` and a random token. */
  connectionId: string;

  /** The browser's connection under it (W3C WebRTC, "RTCPeerConnection"). Not there until negotiation starts. */
  peerConnection: RTCPeerConnection;

  /** The browser's channel under it (W3C WebRTC, "RTCDataChannel"). Null before it is there and once closed. */
  dataChannel: RTCDataChannel;

  /** Data or media. */
  abstract get type(): ConnectionType;

  /** Name of the connection. */
  label: string;

  /** Whether the connection stands: a data connection can send, a call has been answered. */
  get open(): boolean;

  /** How far the connection has come. Not in PeerJS. */
  get state(): ConnectionState;

  /**
   * @param peer - Id of the peer on the other side.
   * @param provider - This side's peer.
   * @param options - What the connection is made with.
   */
  protected constructor(peer: string, provider: Peer, options: any);

  /**
   * Makes another connection to the same peer over the browser's connection that there is: no server is needed, and it is
   * open after one round trip. It has its own serialization, order, queue and end, and the remote's event is `connection`, as
   * for any other. It goes on when this one is closed; the last connection or call of all closes the browser's
   * connection. Not in PeerJS. To a peer that runs PeerJS it is one of its own, as of {@link Peer.connect}.
   *
   * @param options - What kind of connection, as for {@link Peer.connect}; its label, metadata and channel options may have
   *   16 KiB as JSON together, otherwise `error` of type `negotiation-failed` and `close` follow. `sdpTransform` and
   *   `constraints` are those of the browser's connection.
   * @returns The connection. It is open, or has failed with `negotiation-failed`, within 30 s.
   * @throws {@link PeerError} of type `"not-open-yet"` when this one is not open, of type `"limit"` when this side has opened
   *   32 connections and calls over the same one that are not closed.
   */
  connect(options?: PeerConnectOption): DataConnection;

  /**
   * Calls the same peer over the browser's connection that there is. The remote's event is `call`, and it answers or closes
   * as any other. Nothing is sent before the remote has answered. As for {@link BaseConnection.connect}, it goes on when this
   * connection is closed, and is one of its own to a peer that runs PeerJS.
   *
   * @param stream - What to send. Without it the call only receives.
   * @param options - `metadata`, as for {@link Peer.call}.
   * @returns The call.
   * @throws As {@link BaseConnection.connect}.
   */
  call(stream?: MediaStream, options?: CallOption): MediaConnection;

  /**
   * Measures how long a message takes to the remote and back, over the connection's own path. Not in PeerJS.
   *
   * @returns Milliseconds. The promise is rejected with a {@link PeerError} whose `type` is `"not-open-yet"` when the
   *   connection is not open, `"unsupported"` when the remote runs PeerJS, and `"timeout"` when no reply came within 10 s
   *   or before the connection closed.
   */
  ping(): Promise<number>;

  /**
   * What the browser counts of the connection, and the path that it takes. Also when the remote runs PeerJS. The promise is
   * rejected with a {@link PeerError} of the type `"not-open-yet"` while the connection is not open. Not in PeerJS.
   */
  stats(): Promise<ConnectionStats>;

  /**
   * Looks for another path by an ICE restart, which both sides negotiate by themselves, with a fresh configuration if
   * {@link PeerOptions.config} is a function: begins when that has answered; if it fails, with the configuration that there
   * is. Not needed when a path is lost: {@link PeerOptions.resume}. Not in PeerJS.
   *
   * @throws {@link PeerError} of type `"unsupported"` when the remote runs PeerJS, of type `"not-open-yet"` before the
   * connection is open.
   */
  restartIce(): void;

  /** Closes the connection on both sides. Event: `close`. Does nothing when it is closed already. */
  abstract close(): void;

  /**
   * Takes a message of the server.
   *
   * @param message - An answer or a candidate.
   * @internal
   */
  abstract handleMessage(message: ServerMessage): void;

  /**
   * Called when the data channel is there. A serializer of your own may extend it.
   *
   * @param dc - The channel, not yet open.
   */
  abstract _initializeDataChannel(dc: RTCDataChannel): void;
}

/** Of the class below, declared apart so that a subclass may have its own: as a property or an accessor. */
export interface DataConnection {
  /** How many messages wait until the browser's own buffer has room. 0 for serializers that do not queue. */
  readonly bufferSize: number;
}

/**
 * A connection for data (PeerJS reference, "DataConnection"). Get one from {@link Peer.connect} or the peer's event
 * `connection`. Which subclass it is depends on the serialization; extend one to write a serializer of your own.
 */
export declare abstract class DataConnection extends BaseConnection<
  DataConnectionEvents,
  DataConnectionErrorType | BaseConnectionErrorType
> {
  /** What {@link BaseConnection.connectionId} begins with. */
  protected static readonly ID_PREFIX = "dc_";

  /** Bytes in the browser's own buffer above which messages wait: 8 MiB. */
  protected static readonly MAX_BUFFERED_AMOUNT: number;

  /** How messages become bytes: what was asked for in {@link PeerConnectOption.serialization}. */
  abstract readonly serialization: string;

  /** What was asked for in {@link PeerConnectOption.reliable}. */
  readonly reliable: boolean;

  /** Always {@link ConnectionType.Data}. */
  get type(): ConnectionType;

  /**
   * Starts a connection, or accepts one when `options` carry an offer. Of use to subclasses: programs call
   * {@link Peer.connect}.
   *
   * @param peerId - Id of the peer on the other side.
   * @param provider - This side's peer.
   * @param options - What the connection is made with.
   */
  constructor(peerId: string, provider: Peer, options: any);

  /**
   * Called when the data channel is there. An override calls `super._initializeDataChannel(dc)` first.
   *
   * @param dc - The channel, not yet open.
   */
  _initializeDataChannel(dc: RTCDataChannel): void;

  /**
   * Closes the connection on both sides. Event: `close`, at once on this one. The browser's own connection closes when
   * the other side has agreed, or has not for 10 s.
   *
   * @param options - With `flush`, all that was handed to `send` arrives first. Default: what waits is dropped.
   */
  close(options?: { flush?: boolean }): void;

  /**
   * Serializes one message and sends it. A serializer of your own implements it.
   *
   * @param data - What `send` was called with.
   * @param chunked - Whether `data` is a piece of a message that was cut already.
   */
  protected abstract _send(data: any, chunked: boolean): void | Promise<void>;

  /**
   * Sends a message. Messages leave in the order of the calls, Blobs included.
   *
   * Events: `error` of type `not-open-yet` when the connection is not open, `message-too-big` when the serialization
   * does not cut messages (`json`: 16,300 bytes; `raw`: what the other side's browser takes) and this one is too long;
   * the connection lives on.
   *
   * @param data - Any value that the serialization can carry.
   * @param chunked - Of use to serializers only. Default: false.
   * @returns A promise where the serialization sends asynchronously.
   * @throws TypeError when a part of `data` cannot be carried; the message names the path to it. Nothing was sent.
   */
  send(data: any, chunked?: boolean): void | Promise<void>;

  /** @internal */
  handleMessage(message: ServerMessage): Promise<void>;
}

/** A data connection that queues its frames while the browser's buffer is full: the base of most serializers. */
export declare abstract class BufferedConnection extends DataConnection {
  /** How many frames wait until the browser's own buffer has room. */
  get bufferSize(): number;

  /**
   * Called when the data channel is there: frames arrive as `ArrayBuffer`s from now on. An override calls
   * `super._initializeDataChannel(dc)` first.
   *
   * @param dc - The channel, not yet open.
   */
  _initializeDataChannel(dc: RTCDataChannel): void;

  /**
   * Takes one frame from the other side: unpack it and emit `data`. A serializer of your own implements it.
   *
   * @param e - The channel's event: its `data` is an `ArrayBuffer`, or a string when the other side sent one.
   */
  protected abstract _handleDataMessage(e: MessageEvent): void;

  /**
   * Sends one frame, or queues it while the browser's buffer is full.
   *
   * @param msg - The frame, at most as long as the other side's browser takes.
   */
  protected _bufferedSend(msg: ArrayBuffer | ArrayBufferView | Blob | string): void;

  /**
   * Closes the connection on both sides. Event: `close`, at once on this one. The browser's own connection closes when
   * the other side has agreed, or has not for 10 s.
   *
   * @param options - With `flush`, all that was handed to `send` arrives first. Default: what waits is dropped.
   */
  close(options?: { flush?: boolean }): void;
}

/** A data connection over a stream of bytes without message borders: the base of serializers that make such streams. */
export declare abstract class StreamConnection extends DataConnection {
  /** Takes the bytes to send; they are cut at any place into frames of at most 32,768 bytes. */
  protected writer: WritableStreamDefaultWriter<Uint8Array>;

  /** Gives the bytes received, frame by frame. */
  protected _rawReadStream: ReadableStream<ArrayBuffer>;

  /**
   * @param peerId - Id of the peer on the other side.
   * @param provider - This side's peer.
   * @param options - What the connection is made with; `reliable` is always true.
   */
  protected constructor(peerId: string, provider: Peer, options: any);

  /**
   * Called when the data channel is there. An override calls `super._initializeDataChannel(dc)` first.
   *
   * @param dc - The channel, not yet open.
   */
  _initializeDataChannel(dc: any): void;
}

/** A data connection that carries MessagePack: what {@link MsgPackPeer} uses, or to be put into `serializers`. */
export declare class MsgPack extends StreamConnection {
  /** Always `"MsgPack"`. */
  readonly serialization = "MsgPack";

  /**
   * @param peerId - Id of the peer on the other side.
   * @param provider - This side's peer.
   * @param options - What the connection is made with; `reliable` is always true.
   */
  constructor(peerId: string, provider: Peer, options: any);

  /**
   * Serializes one message and sends it.
   *
   * @param data - Any value MessagePack can carry.
   * @returns Settles when the message has been taken.
   */
  protected _send(data: any): Promise<void>;
}

/** How tracks of one kind are sent: see {@link MediaConnection.configure}. */
export interface TrackSettings {
  /** The most that is sent, in bits per second. */
  maxBitrate?: number;
  /** The most frames that are sent, per second. Of use to video only. */
  maxFramerate?: number;
  /** The width and height that are sent are divided by this, 1 or more. Of use to video only. */
  scaleResolutionDownBy?: number;
  /** Names of codecs as in `video/VP9`, without what is before the slash, the best first. All others remain allowed. */
  codecs?: string[];
}

/**
 * A call (PeerJS reference, "MediaConnection"). Get one from {@link Peer.call} or the peer's event `call`.
 */
export declare class MediaConnection extends BaseConnection<
  MediaConnectionEvents,
  BaseConnectionErrorType
> {
  /** Name of the call. */
  readonly label: string;

  /** Always {@link ConnectionType.Media}. */
  get type(): ConnectionType;

  /** What this side sends, the first stream of several. Absent when it sends nothing, null once closed. */
  get localStream(): MediaStream;

  /** What the remote sends, the newest stream of several. Absent before the event `stream`, null once closed. */
  get remoteStream(): MediaStream;

  /** The streams of which this side sends at least one track. Not in PeerJS. */
  get localStreams(): MediaStream[];

  /** The streams of which the remote sends at least one track. Not in PeerJS. */
  get remoteStreams(): MediaStream[];

  /**
   * Starts a call, or represents an incoming one. Programs use {@link Peer.call}.
   *
   * @param peerId - Id of the peer on the other side.
   * @param provider - This side's peer.
   * @param options - What the call is made with.
   */
  constructor(peerId: string, provider: Peer, options: any);

  /**
   * Called when the call's auxiliary data channel is there.
   *
   * @param dc - The channel, not yet open.
   */
  _initializeDataChannel(dc: RTCDataChannel): void;

  /**
   * Sends all tracks of another stream. The remote's event: `stream`. In PeerJS 1.5.5 a method of this name is internal,
   * and takes the remote's stream.
   *
   * @param stream - What to send: a screen, a second camera.
   * @param options - `metadata`: any value that JSON can carry, up to 16 KiB, for the remote's event `stream`.
   * @throws PeerError of type `"not-open-yet"` before the call is answered and after it is closed; `"unsupported"` when
   *   the remote runs PeerJS.
   * @throws RangeError when the metadata is too long.
   * @throws DOMException "InvalidAccessError" when a track is sent already.
   */
  addStream(stream: MediaStream, options?: { metadata?: any }): void;

  /**
   * Sends no track of a stream any longer. The remote's event: `streamremoved`. Does not stop the tracks.
   *
   * @param stream - One of {@link MediaConnection.localStreams}.
   * @throws As {@link MediaConnection.removeTrack}.
   */
  removeStream(stream: MediaStream): void;

  /**
   * Sends another track: video in a call that had only audio, say. The remote's event: `track`.
   *
   * @param track - What to send.
   * @param stream - The stream that it belongs to for the remote; it need not contain the track.
   * @returns The browser's sender (W3C WebRTC, "RTCRtpSender").
   * @throws As {@link MediaConnection.addStream}.
   */
  addTrack(track: MediaStreamTrack, stream: MediaStream): RTCRtpSender;

  /**
   * Sends a track no longer. Does not stop it.
   *
   * @param track - A track that is sent.
   * @throws TypeError when it is not sent; PeerError of type `"not-open-yet"` or `"unsupported"` as
   *   {@link MediaConnection.addStream}.
   */
  removeTrack(track: MediaStreamTrack): void;

  /**
   * Sends a track in the place of another: the other camera, the screen. Also towards PeerJS, since the remote need not
   * agree: for it, it is the same track.
   *
   * @param oldTrack - A track that is sent.
   * @param newTrack - A track of the same kind, or null to send nothing for now.
   * @returns Settles when the new track is sent. Rejected with a TypeError when `oldTrack` is not sent or `newTrack` is of
   *   another kind.
   */
  replaceTrack(oldTrack: MediaStreamTrack, newTrack: MediaStreamTrack | null): Promise<void>;

  /**
   * Changes how this side sends while the call runs, tracks included that are added later. What is left out stays as it
   * is.
   *
   * @param settings - For each kind of track; see {@link TrackSettings}.
   * @returns Settles when the browser has taken the settings; other codecs are negotiated then. Rejected with a PeerError
   *   of type `"not-open-yet"` while the call is not open, `"unsupported"` for `codecs` when the remote runs PeerJS, and
   *   with the browser's error for a value that it does not take.
   */
  configure(settings: { audio?: TrackSettings; video?: TrackSettings }): Promise<void>;

  /** @internal */
  handleMessage(message: ServerMessage): void;

  /**
   * Accepts an incoming call. A second answer, and one after `close`, do nothing but log a warning.
   *
   * @param stream - What to send. Without it the call is one-way: this side only receives.
   * @param options - How to answer.
   */
  answer(stream?: MediaStream, options?: AnswerOption): void;

  /** Hangs up, or declines an incoming call that has not been answered. Event: `close`, on both sides. */
  close(): void;
}
