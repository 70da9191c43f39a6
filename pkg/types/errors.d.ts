import type { BaseConnectionErrorType, DataConnectionErrorType, PeerErrorType } from "./enums.js";

/**
 * What every event `error` carries: an `Error` that says in {@link PeerError.type} what went wrong. Its `name` stays
 * `"Error"`, as in PeerJS: tell it apart by `instanceof PeerError` and by `type`.
 *
 * @typeParam T - The types that may occur, as string literals.
 */
export declare class PeerError<T extends string = string> extends Error {
  /**
   * @param type - What went wrong.
   * @param err - In words, or the error that caused this one: its message and own properties are taken over.
   * @internal
   */
  constructor(type: T, err: Error | string);

  /** What went wrong: one of the documented strings, the same in every browser and language. */
  type: T;

  /**
   * The error this one was made from, a `DOMException` of the browser's WebRTC for instance. Absent when there is none.
   * Not in PeerJS, which also loses such an error's message.
   */
  readonly cause?: unknown;
}

/**
 * All that a {@link DataConnection} or {@link MediaConnection} may emit as `error`. To PeerJS's types it adds
 * `"peer-unavailable"`: nobody with the wanted id answered the server (about 5 s), and `close` follows. PeerJS tells
 * only the {@link Peer}. So that programs written against PeerJS's types still compile, exhaustive ones included, the
 * event is declared without it: annotate the listener to see it.
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
