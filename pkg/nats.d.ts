import type { NatsConnection, SignalingFactory } from "./types/signaling.js";

export type { NatsConnection } from "./types/signaling.js";

/** Options of {@link nats}. */
export interface NatsOptions {
  /** What all subjects begin with. Default: `"peerjs"`. */
  prefix?: string;
  /**
   * Whether permissions of the server let each client publish under its own name alone: `publish: "peerjs.*.alice"`. It
   * changes nothing but what {@link SignalingFactory.provesSender} says. Default: false.
   */
  provesSender?: boolean;
}

/** For the option `signaling`: over a NATS server or cluster. The connection is the application's, and stays so. */
export function nats(connection: NatsConnection, options?: NatsOptions): SignalingFactory;
