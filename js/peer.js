// The face of a Peer: identity, listeners, which class a connection is. What happens is decided in Rust.

import { LOG_WARNINGS, STATE_DESTROYED, STATE_DISCONNECTED, STATE_OPEN } from "./border/handles.js";
import {
  DEFAULT_KEY,
  SERIALIZATION_BINARY,
  SERIALIZATION_BINARY_UTF8,
  SERIALIZATION_JSON,
  SERIALIZATION_NONE,
  SERIALIZATION_RAW,
} from "./border/policy.js";
import { alias, Emitter, HANDLE } from "./emitter.js";
import { PeerErrorType, ServerMessageType } from "./enums.js";
import { PeerHandle } from "./glue.js";
import { modernConfig } from "./ice.js";
import { incompatibleHandle } from "./incompatible.js";
import { addLegacyApis } from "./legacy.js";
import { load } from "./loader.js";
import { createLog } from "./log.js";
import { MediaConnection } from "./media.js";
import { BinaryConnection, JsonConnection, RawConnection } from "./serializers.js";
import { Socket } from "./socket.js";
import { ownToken, util } from "./util.js";

/** So many peers are listed before those without connections are dropped. */
const LISTED_PEERS = 1024;

/** How long a new Peer waits at most for the socket of the last one of its id to close, in milliseconds. */
const LEAVING_TIME = 1000;

/** The `readyState` of a closed WebSocket. */
const CLOSED = 3;

/**
 * The closing sockets of destroyed peers by their id. The server may know the id until then, and would refuse the next Peer
 * of that id: React's StrictMode makes a component's Peer, destroys it and makes it again.
 */
const leaving = new Map();

const defined = (object) =>
  Object.fromEntries(Object.entries(object ?? {}).filter(([, value]) => value !== undefined));

export class Peer extends Emitter {
  static DEFAULT_KEY = DEFAULT_KEY;

  _socket = new Socket();

  /** Arrays of connections by the id of their peer, which stay when they are empty, as in PeerJS. */
  _connections = new Map();

  _serializers = {
    [SERIALIZATION_RAW]: RawConnection,
    [SERIALIZATION_NONE]: RawConnection,
    [SERIALIZATION_JSON]: JsonConnection,
    [SERIALIZATION_BINARY]: BinaryConnection,
    [SERIALIZATION_BINARY_UTF8]: BinaryConnection,
    default: BinaryConnection,
  };

  constructor(id, options) {
    super();
    if (typeof id === "object" && !(id instanceof String)) {
      options = id ?? options;
      id = undefined;
    }
    const merged = {
      debug: 0,
      token: ownToken(),
      config: util.defaultConfig,
      referrerPolicy: "strict-origin-when-cross-origin",
      serializers: {},
      ...defined(options),
    };
    merged.config = modernConfig(merged.config);
    this._options = merged;
    this._serializers = { ...this._serializers, ...merged.serializers };
    this._log = createLog(merged.debug, merged.logFunction);
    this._socket.on("message", (message) => this._handleMessage(message));
    this._socket.on("error", (error) => {
      this.emitError(PeerErrorType.SocketError, error);
      this[this._lastServerId ? "disconnect" : "destroy"]();
    });
    addLegacyApis();
    if (typeof globalThis.RTCPeerConnection === "function") {
      load();
      this[HANDLE] = new PeerHandle(this, merged, globalThis);
    } else {
      this[HANDLE] = incompatibleHandle(this);
    }
    const wanted = id ? String(id) : undefined;
    let started = false;
    const start = () => {
      if (!started && !this.destroyed) this[HANDLE].start(wanted, globalThis);
      started = true;
    };
    const last = leaving.get(wanted);
    if (last && last.readyState !== CLOSED && AbortSignal.timeout) {
      last.addEventListener("close", start);
      AbortSignal.timeout(LEAVING_TIME).addEventListener("abort", start);
    } else start();
  }

  // Getters of the class, as in PeerJS: a class that extends it reads `super.options`, or has a getter of its own.
  get options() {
    return this._options;
  }

  get socket() {
    return this._socket;
  }

  get id() {
    return this[HANDLE].id(false) ?? null;
  }

  get open() {
    return this._is(STATE_OPEN);
  }

  get disconnected() {
    return this._is(STATE_DISCONNECTED);
  }

  get destroyed() {
    return this._is(STATE_DESTROYED);
  }

  get connections() {
    const listed = this.destroyed ? [] : this._connections;
    return Object.assign(Object.create(null), Object.fromEntries(listed));
  }

  /** Where `reconnect` returns to; a program may choose. */
  get _lastServerId() {
    return this._wantedId ?? this[HANDLE].id(true) ?? null;
  }

  set _lastServerId(id) {
    this._wantedId = id && String(id);
  }

  getConnection(peerId, connectionId) {
    const isIt = (connection) => connection.connectionId === connectionId;
    return this._connections.get(String(peerId))?.find(isIt) ?? null;
  }

  connect(peer, options) {
    const Connection = this._serializer(options?.serialization ?? "default");
    if (!Connection) {
      const known = Object.keys(this._serializers).join(", ");
      throw new TypeError(
        `Unknown serialization "${options.serialization}": this peer has ${known}.`,
      );
    }
    return this._start(Connection, peer, { serialization: "default", ...options });
  }

  call(peer, stream, options) {
    const token = ownToken();
    const connectionId = token && MediaConnection.ID_PREFIX + token;
    return this._start(MediaConnection, peer, { connectionId, ...options, _stream: stream });
  }

  disconnect() {
    this[HANDLE].disconnect();
  }

  reconnect() {
    const wrong = this[HANDLE].reconnect(this._wantedId);
    if (wrong) throw new Error(wrong);
    this._wantedId = undefined;
  }

  destroy() {
    const { id } = this;
    const last = this._socket._socket;
    if (id && last) {
      leaving.set(id, last);
      last.addEventListener("close", () => leaving.get(id) === last && leaving.delete(id));
    }
    for (const connection of [...this._connections.values()].flat()) {
      if (!connection[HANDLE]) connection.close();
    }
    this[HANDLE].destroy();
  }

  listAllPeers(callback = () => {}) {
    if (this._options.signaling) {
      this.peers().then(callback, (error) => this.emitError(PeerErrorType.ServerError, error));
    } else {
      this[HANDLE].list_peers(callback);
    }
  }

  /** The ids of all peers, of a signalling that knows them: a TypeError otherwise. */
  async peers() {
    const { signaling } = this._options;
    if (!signaling) throw new TypeError("Without `signaling` use listAllPeers.");
    return signaling.peers();
  }

  // What follows, up to `_getMessages`, are PeerJS's own methods. A program may wrap them, and so may a connection class
  // of PeerJS's package, which has no handle of ours, call them.
  _addConnection(peer, connection) {
    const connections = this._connections;
    if (connections.size >= LISTED_PEERS) {
      for (const [id, list] of connections) {
        if (!list[0]) connections.delete(id);
      }
    }
    if (!connections.has(peer)) connections.set(peer, []);
    connections.get(peer).push(connection);
  }

  _removeConnection(connection) {
    const connections = this._connections.get(connection.peer);
    const index = connections?.indexOf(connection);
    if (index >= 0) connections.splice(index, 1);
  }

  _handleMessage(message) {
    const { type, src, payload } = message;
    if (type === "PRESENCE") return this.emit("presence", src, payload);
    const connection = this.getConnection(src, payload?.connectionId);
    if (!connection || connection[HANDLE] || type === ServerMessageType.Offer) {
      this[HANDLE].receive(message);
    } else {
      connection.handleMessage(message);
    }
  }

  /** Messages that came early are delivered without being asked for. */
  _getMessages() {
    return [];
  }

  _is(state) {
    return (this[HANDLE].state() & state) !== 0;
  }

  _start(Connection, peer, options) {
    // Over another connection no server is needed.
    const refusal = options[HANDLE] ? undefined : this[HANDLE].refusal();
    if (refusal === undefined) {
      return this._make(Connection, String(peer), options);
    }
    this._log(LOG_WARNINGS, "Call `reconnect()` first, or make a new Peer.");
    this.emitError(PeerErrorType.Disconnected, refusal);
  }

  _make(Connection, peer, options) {
    const connection = new Connection(peer, this, options);
    // A class may have closed it already.
    if (connection.provider) this._addConnection(peer, connection);
    return connection;
  }

  _serializer(name) {
    return Object.hasOwn(this._serializers, name) ? this._serializers[name] : undefined;
  }

  // Called from Rust: a peer offers a connection.
  _accept(peer, type, payload) {
    const media = type === "media";
    const Connection = media ? MediaConnection : this._serializer(payload.serialization);
    if (!Connection) {
      this._log(
        LOG_WARNINGS,
        `Offer of ${peer} with unknown serialization:`,
        payload.serialization,
      );
      return;
    }
    const { connectionId, metadata, label, serialization, reliable } = payload;
    // Classes of PeerJS's package look for `_payload`, ours do not: a program may pass on such options.
    const options = { connectionId, metadata, label, serialization, reliable, _payload: payload };
    const connection = this._make(Connection, peer, options);
    const values = metadata === undefined ? [] : [metadata];
    this.emit(media ? "call" : "connection", connection, ...values);
  }

  // Called from Rust: the socket is there or gone, has heard something, or is lost.
  _heard(event, value) {
    if (event === "socket") this._socket._socket = value;
    else this._socket.emit(event, value);
  }
}

alias(Peer, "id", "open", "disconnected", "destroyed");
