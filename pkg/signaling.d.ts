import type { Signaling, SignalingFactory } from "./types/signaling.js";

export type { Signaling, SignalingFactory, SignalMessage } from "./types/signaling.js";

/** For the option `signaling`: a transport of one's own. `make` makes a new one for each attempt to register. */
export function signaling(make: () => Signaling, peers?: () => Promise<string[]>): SignalingFactory;

/** An error for {@link Signaling.open}. */
export function failure(
  type: "unavailable-id" | "server-error",
  message: string,
): Error & { type: string };

/** Something that publishes and subscribes. */
export interface Broker {
  /** Resolves once `heard` is called with what is published to `topic`; with what ends that. `lost`: the broker is gone. */
  subscribe(
    topic: string,
    heard: (data: string | Uint8Array) => void,
    lost: () => void,
  ): Promise<() => void>;
  publish(topic: string, text: string): void;
  /** Tells others that the peer of this topic is there, or has gone. */
  announce?(topic: string, present: boolean): void;
}

/** For the option `signaling`: over a broker, a topic for each id. */
export function overTopics(broker: Broker, peers?: () => Promise<string[]>): SignalingFactory;

/** For the option `signaling`: all of these at once. The first that brings a message wins; losing one is not noticed. */
export function several(factories: SignalingFactory[]): SignalingFactory;

/** A PeerServer, to be one of several. */
export function peerServer(server?: {
  host?: string;
  port?: number;
  path?: string;
  key?: string;
  secure?: boolean;
}): SignalingFactory;

/** Tests for a transport: each rejects if the transport does not do what a Peer needs. */
export function conformance(factory: SignalingFactory): { name: string; run(): Promise<void> }[];
