import type { PresenceState, Signaling, SignalingFactory } from "./types/signaling.js";

export type {
  PresenceState,
  Signaling,
  SignalingFactory,
  SignalMessage,
} from "./types/signaling.js";

/** For the option `signaling`: a transport of one's own. `make` makes a new one for each attempt to register. */
export function signaling(
  make: () => Signaling,
  more?: Pick<SignalingFactory, "peers" | "provesSender">,
): SignalingFactory;

/** Makes an error for {@link Signaling.open} to throw. */
export function failure(
  type: "unavailable-id" | "server-error",
  message: string,
): Error & { type: string };

/** Something that publishes and subscribes. Ids come as one level of a topic: letters, digits, `_`, `-` and `%XX`. */
export interface Broker {
  /**
   * Resolves once `heard` is called with what is published to the peer `to`, with what ends that. `from` is the name that
   * it was published under; what names another sender is ignored. `lost`: the broker is gone, or refuses with an error of
   * type `server-error`.
   */
  subscribe(
    to: string,
    heard: (text: string, from: string) => void,
    lost: (error?: Error) => void,
  ): Promise<() => void>;
  /** Publishes a message for the peer `to` under the name of the peer `from`. */
  publish(to: string, from: string, text: string): void;
  /** Tells others that this peer is there, or has gone. */
  announce?(id: string, present: boolean): void;
  /** Tells of other peers as they come and go, by their own ids; resolves with what ends that. */
  watch?(tell: (id: string, state: PresenceState) => void): Promise<() => void>;
}

/** For the option `signaling`: over a broker, a topic for each id. */
export function overTopics(
  broker: Broker,
  more?: Pick<SignalingFactory, "peers" | "provesSender">,
): SignalingFactory;

/**
 * Makes a transport that uses several others at once, for the option `signaling`. Of the copies of a message, the first
 * one counts. The peer stays registered if one of the transports is lost.
 */
export function several(factories: SignalingFactory[]): SignalingFactory;

/** Where a PeerServer is: as the options of a Peer of these names. */
export interface ServerOptions {
  /** Default: `"0.peerjs.com"`. */
  host?: string;
  /** Default: 443. */
  port?: number;
  /** Default: `"/"`. */
  path?: string;
  /** Default: `"peerjs"`. */
  key?: string;
  /** Default: whether the port is 443. */
  secure?: boolean;
}

/** A PeerServer, to be one of several. */
export function peerServer(server?: ServerOptions): SignalingFactory;

/**
 * For the option `signaling`: several PeerServers, registered with at once. Losing one, or all but one, is not noticed; a
 * peer is unavailable when all say so, and an id that is taken on one is taken.
 */
export function servers(list: ServerOptions[]): SignalingFactory;

/** Returns tests for a transport. `run` rejects if the transport does not do what a Peer needs. */
export function conformance(factory: SignalingFactory): { name: string; run(): Promise<void> }[];
