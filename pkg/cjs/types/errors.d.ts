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
}

/**
 * All errors that a {@link DataConnection} or {@link MediaConnection} may emit. In addition to the types of PeerJS,
 * these include `"peer-unavailable"`: no peer with the requested id took the offer (about 5 s). `close` follows. PeerJS
 * emits this error only on the {@link Peer}. The event `error` is declared without it, so that programs with an
 * exhaustive check of PeerJS's types still compile: annotate the listener, as below, to check for it.
 *
 * @example
 * ```ts
 * connection.on("error", (error: ConnectionError) => {
 *   if (error.type === "peer-unavailable") retryLater();
 * });
 * ```
 */
export type ConnectionError = PeerError<
  `${BaseConnectionErrorType}` | `${DataConnectionErrorType}` | `${PeerErrorType.PeerUnavailable}`
>;
