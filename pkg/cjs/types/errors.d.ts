import type { BaseConnectionErrorType, DataConnectionErrorType, PeerErrorType } from "./enums.js";

/**
 * The error of every event `error`: an `Error` with the kind of the error in {@link PeerError.type}. Its `name` is
 * `"Error"`, as in PeerJS: distinguish it by `instanceof PeerError` and by `type`.
 *
 * @typeParam T - The types that may occur, as string literals.
 */
export declare class PeerError<T extends string = string> extends Error {
  /**
   * @param type - The kind of the error.
   * @param err - The message, or the error that caused this one: its message and own properties are copied.
   * @internal
   */
  constructor(type: T, err: Error | string);

  /** The kind of the error: one of the documented strings, equal in all browsers and languages. */
  type: T;

  /**
   * The error that caused this one, for instance a `DOMException` of WebRTC. Absent if there is none. Not in PeerJS,
   * which also loses the message of such an error.
   */
  readonly cause?: unknown;

  /** Of `negotiation-failed` and `connection-closed`: what is known of the reason. Not in PeerJS. */
  readonly diagnosis?: Diagnosis;
}

/** How many candidates there were, by their type (W3C WebRTC, "RTCIceCandidateType"). */
export type CandidateCount = Record<"host" | "srflx" | "prflx" | "relay", number>;

/**
 * What is to be done about a connection that has failed. `explain` of `peerjs-wasm/diagnose` says it in words.
 *
 * - `turn-needed`: no direct path was found, and no TURN server is configured.
 * - `turn-unreachable`: a TURN server is configured, and gave no relay.
 * - `turn-refused`: the TURN server refuses the credentials.
 * - `relay-failed`: there was a relay, and no path even so.
 * - `no-answer`: the remote has not answered.
 * - `no-candidates`: the remote has answered, and named no address.
 * - `path-lost`: the connection was open, and its path is lost.
 * - `signalling-lost`: this peer is not at its server, so that nothing could be agreed on.
 */
export type Advice =
  | "turn-needed"
  | "turn-unreachable"
  | "turn-refused"
  | "relay-failed"
  | "no-answer"
  | "no-candidates"
  | "path-lost"
  | "signalling-lost";

/** What is known of why a connection has failed, on this end. */
export interface Diagnosis {
  /** The candidates of this end. */
  local: CandidateCount;
  /** The candidates that the remote has told. */
  remote: CandidateCount;
  /** What the browser said of ICE servers (W3C WebRTC, "RTCPeerConnectionIceErrorEvent"), 16 at most. Not in Firefox. */
  servers: { url: string; errorCode: number; errorText: string }[];
  /** What is to be done. */
  advice: Advice;
}

/**
 * All errors that a {@link DataConnection} or {@link MediaConnection} may emit. In addition to the types of PeerJS,
 * these include `"peer-unavailable"`: no peer with the requested id took the offer (about 5 s), which PeerJS emits only
 * on the {@link Peer}, and `"config-failed"`: the function {@link PeerOptions.config} gave no configuration. `close`
 * follows both. The event `error` is declared without them, so that programs with an exhaustive check of PeerJS's types
 * still compile: annotate the listener, as below, to check for them.
 *
 * @example
 * ```ts
 * connection.on("error", (error: ConnectionError) => {
 *   if (error.type === "peer-unavailable") retryLater();
 * });
 * ```
 */
export type ConnectionError = PeerError<
  | `${BaseConnectionErrorType}`
  | `${DataConnectionErrorType}`
  | `${PeerErrorType.PeerUnavailable}`
  | "config-failed"
>;
