/** A signaling message between two peers. A transport does not read its `payload`. */
export interface SignalMessage {
  /** `OFFER`, `ANSWER` or `CANDIDATE`, or a type that the transport defines for its own messages. */
  type: string;
  /** The id of the sender. */
  src: string;
  /** The id of the receiver. */
  dst: string;
  /** Any value that JSON can represent. */
  payload?: unknown;
}

/**
 * A transport of signaling messages, for one attempt to register a peer. A new one is made for each attempt.
 *
 * It need not be reliable. It should keep the order of messages from one peer to another. Peers do not verify `src`:
 * the transport must make sure that a peer cannot send in the name of another.
 */
export interface Signaling {
  /**
   * Registers the peer. Called once, before `send`.
   * @throws An error with `type` `"unavailable-id"` if a peer with another token has the id, or `"server-error"` if
   * another attempt would fail as well. After any other error the peer may try again.
   */
  open(me: { id: string; token: string }): Promise<void>;
  /** Sends a message to the peer `message.dst`. Drops it if that peer is not registered. */
  send(message: SignalMessage): void;
  /** Set by the Peer. The transport calls it with each message for this peer; the Peer validates the message. */
  onmessage: ((message: unknown) => void) | null;
  /** Set by the Peer. The transport calls it when the peer is no longer registered. */
  onclose: (() => void) | null;
  /** May be called when another peer comes or goes: the Peer emits `presence`. Set before `open` is called. */
  onpresence?: ((id: string, state: PresenceState) => void) | null;
  /** Leaves. */
  close(): void;
}

/** Whether a peer is registered with the signalling. */
export type PresenceState = "online" | "offline";

/** What the option `signaling` of a Peer takes. */
export interface SignalingFactory {
  /** Makes an object with the interface of a WebSocket to a PeerServer, for one peer. `url` is the URL of that socket. */
  (url: string): EventTarget & { send(frame: string): void; close(): void };
  /** Returns the ids of all peers, if the transport can list them. */
  peers?(): Promise<string[]>;
  /**
   * Whether a message comes from whom it names: the transport checks it. Where this is not true, anybody who may publish may
   * name any sender.
   */
  readonly provesSender?: boolean;
}

/** The part of a client of mqtt.js (version 4 or 5) that is used. */
export interface MqttClient {
  /** Whether the broker has accepted the client. */
  readonly connected: boolean;
  /** Adds a listener. */
  on(event: any, listener: any): unknown;
  /** Removes a listener. */
  off(event: any, listener: any): unknown;
  /** Adds a listener for one event. */
  once(event: any, listener: any): unknown;
  /** Subscribes, and calls back with what was granted. */
  subscribe(topic: string, options: any, callback: any): unknown;
  /** Ends a subscription. */
  unsubscribe(topic: string): unknown;
  /** Publishes a message. */
  publish(topic: string, message: string, options: any): unknown;
}

/** The part of a NATS connection that is used. The connection must not be made with `noEcho`. */
export interface NatsConnection {
  /** Subscribes to a subject, and calls back with each message. */
  subscribe(
    subject: string,
    options: { callback: (error: any, message: any) => void },
  ): {
    /** Ends the subscription. */
    unsubscribe(): void;
  };
  /** Publishes a message. */
  publish(subject: string, data: Uint8Array): void;
  /** Resolves once the server has processed all earlier calls. */
  flush(): Promise<void>;
  /** Resolves when the connection is closed and will not reconnect. */
  closed(): Promise<unknown>;
}
