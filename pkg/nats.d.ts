import type { NatsConnection, SignalingFactory } from "./types/signaling.js";

export type { NatsConnection } from "./types/signaling.js";

/**
 * For the option `signaling`: over a NATS server or cluster. The connection is the application's, and stays so.
 * @param options - `prefix` of all subjects. Default: `"peerjs"`.
 */
export function nats(connection: NatsConnection, options?: { prefix?: string }): SignalingFactory;
