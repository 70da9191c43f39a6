/** A message between two peers. What `payload` says is the Peers' own affair. */
export interface SignalMessage {
  /** `OFFER`, `ANSWER`, `CANDIDATE`, or a word of the transport's own. */
  type: string;
  /** The id of the sender. */
  src: string;
  /** The id of the receiver. */
  dst: string;
  /** Any value that JSON can say. */
  payload?: unknown;
}

/**
 * One attempt to register a peer with something that carries messages. It need not be reliable; it should keep the order
 * of messages from one peer to another. Peers believe what it says of a message's sender.
 */
export interface Signaling {
  /**
   * Registers the peer. Called once, before anything else.
   * @throws an error whose `type` is `"unavailable-id"` when a peer with another token has the id, `"server-error"` when
   * trying again would not help, and any other error otherwise.
   */
  open(me: { id: string; token: string }): Promise<void>;
  /** Sends a message to the peer `message.dst`, or drops it when that is not there. */
  send(message: SignalMessage): void;
  /** To be called with every message for this peer. Anything may be passed: it is validated. */
  onmessage: ((message: unknown) => void) | null;
  /** To be called when the peer is not registered any longer. */
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
  /** Something like a WebSocket to a PeerServer at this URL, which serves this one peer. */
  (url: string): EventTarget & { send(frame: string): void; close(): void };
  /** The ids of all peers, where that is known. */
  peers?(): Promise<string[]>;
  /**
   * Whether a message comes from whom it names: the transport checks it. Where this is not true, anybody who may publish may
   * name any sender.
   */
  readonly provesSender?: boolean;
}

/** What is used of a client of mqtt.js, 4 or 5. */
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

/** What is used of a NATS connection. It must not be made with `noEcho`. */
export interface NatsConnection {
  /** Calls back with every message of a subject. */
  subscribe(
    subject: string,
    options: { callback: (error: any, message: any) => void },
  ): {
    /** Ends the subscription. */
    unsubscribe(): void;
  };
  /** Publishes a message. */
  publish(subject: string, data: Uint8Array): void;
  /** Resolves once the server has done what it was told before. */
  flush(): Promise<void>;
  /** Resolves when the connection is closed for good. */
  closed(): Promise<unknown>;
}
