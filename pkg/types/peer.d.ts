import type { DataConnection, MediaConnection, ServerMessage } from "./connection.js";
import type { PeerErrorType } from "./enums.js";
import type { PeerError } from "./errors.js";
import type { EventEmitter, EventEmitterWithError } from "./events.js";
import type {
  CallOption,
  PeerConnectOption,
  PeerInit,
  PeerOptions,
  SerializerMapping,
} from "./options.js";
import type { PresenceState } from "./signaling.js";

/** The events of a {@link Peer} (PeerJS reference, "peer.on"). */
export interface PeerEvents {
  /**
   * The server has registered this peer. `connect` and `call` need not wait for it: what they send to the server waits.
   *
   * @param id - This peer's id.
   */
  open: (id: string) => void;

  /**
   * Another peer has connected. The connection is not open yet: wait for its event `open`.
   *
   * @param dataConnection - The connection.
   * @param metadata - Its `metadata` once more, as in the 2013 PeerJS reference. PeerJS 1.5.5 does not pass it.
   */
  connection: (dataConnection: DataConnection, metadata?: any) => void;

  /**
   * Another peer is calling. Accept with {@link MediaConnection.answer}, decline with {@link MediaConnection.close}.
   *
   * @param mediaConnection - The call.
   */
  call: (mediaConnection: MediaConnection) => void;

  /** The peer is destroyed, and all of its connections are closed. */
  close: () => void;

  /**
   * The peer has lost or left its server. Its connections live on; {@link Peer.reconnect} may bring it back, and so
   * does {@link PeerOptions.reconnect}.
   *
   * @param currentId - The id it had.
   * @param retryIn - In how many milliseconds it comes back by itself; undefined if it does not. Not in PeerJS.
   */
  disconnected: (currentId: string, retryIn?: number) => void;

  /**
   * Something went wrong: with the server, or on the way to a connection. See {@link PeerErrorType} for what is fatal.
   *
   * @param error - What.
   */
  error: (error: PeerError<`${PeerErrorType}`>) => void;

  /**
   * Another peer has registered with the signalling, or has gone. Only with a {@link PeerOptions.signaling} that was asked
   * for it: `mqtt(client, { presence: true })`, `broadcastChannel(name, { presence: true })`, or several with one of these.
   * After `open` it comes once for each peer that is there, never for this one. What it has said is void when the Peer is
   * disconnected, and said anew when it is back. Not in PeerJS.
   *
   * @param id - The other peer's id.
   * @param state - `"online"` or `"offline"`.
   */
  presence: (id: string, state: PresenceState) => void;
}

/**
 * One end of peer-to-peer connections (PeerJS reference, "Peer"): registers with a PeerServer under an id, connects to
 * other ids, and is connected to.
 *
 * @example
 * ```ts
 * const peer = new Peer();
 * peer.on("open", (id) => console.log("I am", id));
 * peer.on("connection", (connection) => connection.on("data", (data) => console.log(data)));
 * ```
 */
export declare class Peer extends EventEmitterWithError<PeerErrorType, PeerEvents> {
  /** The serializers in use: the built-in ones and those of {@link PeerOptions.serializers}. */
  protected readonly _serializers: SerializerMapping;

  /** This peer's id on its server. Null before the server has given one, and while disconnected. */
  get id(): string;

  /** The options in use, defaults filled in. */
  get options(): PeerOptions;

  /** Whether the peer is registered with its server. */
  get open(): boolean;

  /**
   * The connection to the server.
   *
   * @internal
   */
  get socket(): Socket;

  /** The connections in hand: arrays of them under the ids of the peers on the other side. A new object each time. */
  get connections(): Record<string, any>;

  /** Whether the peer was destroyed. It can then no longer be used. */
  get destroyed(): boolean;

  /** Whether the peer has lost or left its server. */
  get disconnected(): boolean;

  /** Makes a peer with an id chosen by the public cloud server. See the last form for events and errors. */
  constructor();

  /**
   * Makes a peer with an id chosen by the server. See the last form for events and errors.
   *
   * @param options - Which server, and how.
   */
  constructor(options: PeerInit);

  /**
   * Makes a peer. Returns at once: `open` or `error` follow. Nothing is thrown for a bad id or a browser without
   * WebRTC: those are errors of type `invalid-id` and `browser-incompatible`, and the peer is destroyed.
   *
   * @param id - The wanted id: letters and digits, in the middle also spaces, dashes and underscores.
   * @param options - Which server, and how.
   */
  constructor(id: string, options?: PeerInit);

  /** @internal */
  _getMessages(connectionId: string): ServerMessage[];

  /**
   * Connects to another peer. Returns at once, whether the peer is open yet or not.
   *
   * Events: `open` on the connection when it stands. When nobody with that id is there, `error` of type
   * `peer-unavailable` on this peer, and `error` and `close` on the connection. When it does not stand 30 s after the
   * server took the offer, `error` of type `negotiation-failed` and `close` on the connection, at both ends.
   *
   * @param peer - The other peer's id.
   * @param options - What kind of connection.
   * @returns The connection. Undefined, with an error of type `disconnected`, while this peer is disconnected.
   */
  connect(peer: string, options?: PeerConnectOption): DataConnection;

  /**
   * Calls another peer. Returns at once, whether the peer is open yet or not.
   *
   * Events: `stream` on the call when the other side has answered with media. When nobody with that id is there,
   * `error` of type `peer-unavailable` on this peer, and `error` and `close` on the call. It rings for as long as it
   * likes; when no path is found within 30 s of the answer, `error` of type `negotiation-failed` and `close`.
   *
   * @param peer - The other peer's id.
   * @param stream - What to send, from `navigator.mediaDevices.getUserMedia` for instance. Without it the call only
   *   receives, which PeerJS refuses.
   * @param options - What kind of call.
   * @returns The call. Undefined, with an error of type `disconnected`, while this peer is disconnected.
   */
  call(peer: string, stream?: MediaStream, options?: CallOption): MediaConnection;

  /** @internal */
  _removeConnection(connection: DataConnection | MediaConnection): void;

  /**
   * Finds a connection.
   *
   * @param peerId - Id of the peer on the other side.
   * @param connectionId - Its {@link DataConnection.connectionId}.
   * @returns The connection, or null.
   */
  getConnection(peerId: string, connectionId: string): null | DataConnection | MediaConnection;

  /** Leaves the server and closes every connection, for good. Events: `disconnected`, `close`. */
  destroy(): void;

  /** Leaves the server; connections live on. Event: `disconnected`. Does nothing when disconnected already. */
  disconnect(): void;

  /**
   * Returns to the server under the same id. Events: `open`, or `error`: of type `unavailable-id` when another peer has
   * taken the id since. Does nothing while the first connection to the server is still being made.
   *
   * @throws Error when the peer is destroyed, or not disconnected.
   */
  reconnect(): void;

  /**
   * Asks the server who is there. A server says so only when told to (`allow_discovery`): otherwise, `error` of type
   * `server-error`. With {@link PeerOptions.signaling} it asks that, as {@link peers} does.
   *
   * @param cb - Called with the ids, strings.
   */
  listAllPeers(cb?: (ids: any[]) => void): void;

  /**
   * The ids of all peers, of a {@link PeerOptions.signaling} that knows them: not in PeerJS.
   * @throws TypeError where it does not; a PeerServer is asked with {@link listAllPeers}.
   */
  peers(): Promise<string[]>;
}

/** A {@link Peer} whose connections carry MessagePack: see {@link MsgPack}. Both sides have to be one. */
export declare class MsgPackPeer extends Peer {
  /** The serializers in use. */
  _serializers: SerializerMapping;
}

/**
 * The connection to the server, as far as PeerJS's types show it. Its events are `message`, with a message of the server,
 * `disconnected`, when the server is lost, and `error`, when {@link Socket.send} is called without a type.
 */
export interface Socket extends EventEmitter<Record<string, (...args: any[]) => void>> {
  /** Does nothing: the peer has started it. */
  start(id: string, token: string): void;
  /** Sends a message to the server, if it is connected. */
  send(data: any): void;
  /** Closes the WebSocket: the peer loses its server. */
  close(): void;
}
