import type { BaseConnectionErrorType, DataConnectionErrorType } from "./enums.js";
import type { PeerError } from "./errors.js";
import type { EventsWithError } from "./events.js";

/**
 * How far a connection has come: not open yet (a call rings), open, open but without a path to the remote, closed. Not in
 * PeerJS.
 */
export type ConnectionState = "connecting" | "open" | "reconnecting" | "closed";

/**
 * Why a path counts as lost: nothing came over it (`silence`), the browser says so (`ice`), or the machine has another
 * network (`network`).
 */
export type ReconnectReason = "silence" | "ice" | "network";

/** How a path was found again. */
export interface Reconnected {
  /** For how many milliseconds there was none. */
  after: number;
}

/**
 * The events of every connection.
 *
 * @typeParam ErrorType - The `type`s of its errors.
 */
export interface BaseConnectionEvents<ErrorType extends string = BaseConnectionErrorType>
  extends EventsWithError<ErrorType> {
  /** The connection is closed, by whichever side. Nothing is sent or received any more. */
  close: () => void;

  /**
   * Something went wrong.
   *
   * @param error - What: its `type` may also be `"peer-unavailable"`, see {@link ConnectionError}.
   */
  error: (error: PeerError<`${ErrorType}`>) => void;

  /**
   * The state of the network path changed (W3C WebRTC, "RTCIceConnectionState").
   *
   * @param state - The new state.
   */
  iceStateChanged: (state: RTCIceConnectionState) => void;

  /**
   * The path to the remote is lost, and another one is looked for: {@link PeerOptions.resume}. What is sent meanwhile
   * waits. Either `reconnected` follows, or `close`. Not in PeerJS.
   *
   * @param reason - How it was noticed.
   */
  reconnecting: (reason: ReconnectReason) => void;

  /**
   * There is a path again. On a reliable, ordered connection nothing was lost meanwhile. Not in PeerJS.
   *
   * @param how - How long it took.
   */
  reconnected: (how: Reconnected) => void;
}

/** The events of a {@link DataConnection} (PeerJS reference, "dataConnection.on"). */
export interface DataConnectionEvents
  extends BaseConnectionEvents<DataConnectionErrorType | BaseConnectionErrorType> {
  /**
   * A message came. What comes before the first listener is kept for it: 1,024 messages, some 64 MB. If more comes, an
   * `error` of type `"unread"` says once that messages are lost, whole ones and the last ones.
   *
   * @param data - The value, as far as the serialization carries it. With `binary`, binary data of every kind arrives
   *   as an `ArrayBuffer`, a `Date` as text, `undefined` as `null`; with MsgPack, binary data as a `Uint8Array`.
   */
  data: (data: unknown) => void;

  /** The connection is ready to send and receive. */
  open: () => void;
}

/** The events of a {@link MediaConnection} (PeerJS reference, "mediaConnection.on"). */
export interface MediaConnectionEvents extends BaseConnectionEvents {
  /**
   * The remote sends a stream: once for each, and again if it was removed and added again.
   *
   * @param stream - What to show or play.
   * @param metadata - What the remote passed to {@link MediaConnection.addStream}; not passed to the listener if it was
   *   nothing.
   */
  stream: (stream: MediaStream, metadata?: any) => void;

  /**
   * The remote sends a track, behind the event `stream` if its stream is new. Not in PeerJS.
   *
   * @param track - The track.
   * @param stream - The stream that it belongs to.
   */
  track: (track: MediaStreamTrack, stream: MediaStream) => void;

  /**
   * The remote sends no track of a stream any longer. Not in PeerJS.
   *
   * @param stream - What event `stream` gave.
   */
  streamremoved: (stream: MediaStream) => void;

  /** From now on the other side learns at once when this side hangs up. */
  willCloseOnRemote: () => void;
}
