// The face of a Peer: identity, listeners, which class a connection is. What happens is decided in Rust.

import { Emitter, HANDLE } from "./emitter.js";
import { PeerErrorType } from "./enums.js";
import { PeerHandle } from "./glue.js";
import { modernConfig } from "./ice.js";
import { load } from "./loader.js";
import { createLog } from "./log.js";
import { MediaConnection } from "./media.js";
import { BinaryConnection, JsonConnection, RawConnection } from "./serializers.js";
import { util } from "./util.js";

const defined = (object) =>
  Object.fromEntries(Object.entries(object ?? {}).filter(([, value]) => value !== undefined));

export class Peer extends Emitter {
  static DEFAULT_KEY = "peerjs";

  _serializers = {
    raw: RawConnection,
    none: RawConnection,
    json: JsonConnection,
    binary: BinaryConnection,
    "binary-utf8": BinaryConnection,
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
      config: util.defaultConfig,
      referrerPolicy: "strict-origin-when-cross-origin",
      serializers: {},
      ...defined(options),
    };
    merged.config = modernConfig(merged.config);
    this.options = merged;
    this._serializers = { ...this._serializers, ...merged.serializers };
    this._log = createLog(merged.debug, merged.logFunction);
    load();
    this[HANDLE] = new PeerHandle(this, merged, globalThis);
    this[HANDLE].start(id ? String(id) : undefined, globalThis);
  }

  get id() {
    return this[HANDLE].id() ?? null;
  }

  get open() {
    return this._is(1);
  }

  get disconnected() {
    return this._is(2);
  }

  get destroyed() {
    return this._is(4);
  }

  get connections() {
    return this[HANDLE].connections();
  }

  getConnection(peerId, connectionId) {
    const connections = this.connections[peerId] ?? [];
    return connections.find((connection) => connection.connectionId === connectionId) ?? null;
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
    return this._start(MediaConnection, peer, { ...options, _stream: stream });
  }

  disconnect() {
    this[HANDLE].disconnect();
  }

  reconnect() {
    this[HANDLE].reconnect();
  }

  destroy() {
    this[HANDLE].destroy();
  }

  listAllPeers(callback = () => {}) {
    this[HANDLE].list_peers(callback);
  }

  // Two of PeerJS's own methods that its types show: whoever overrides `close` may call the first; there is nothing to
  // get with the second, since messages that came early are delivered without being asked for.
  _removeConnection(connection) {
    connection[HANDLE].close();
  }

  _getMessages() {
    return [];
  }

  _is(state) {
    return (this[HANDLE].state() & state) !== 0;
  }

  _start(Connection, peer, options) {
    const refusal = this[HANDLE].refusal();
    if (refusal === undefined) {
      return new Connection(String(peer), this, options);
    }
    this._log(2, "Call `reconnect()` first, or make a new Peer.");
    this.emitError(PeerErrorType.Disconnected, refusal);
  }

  _serializer(name) {
    return Object.hasOwn(this._serializers, name) ? this._serializers[name] : undefined;
  }

  // Called from Rust: a peer offers a connection.
  _accept(peer, type, payload) {
    const media = type === "media";
    const Connection = media ? MediaConnection : this._serializer(payload.serialization);
    if (!Connection) {
      this._log(2, `Offer of ${peer} with unknown serialization:`, payload.serialization);
      return;
    }
    const { connectionId, metadata, label, serialization, reliable } = payload;
    const options = { connectionId, metadata, label, serialization, reliable, _payload: payload };
    const connection = new Connection(peer, this, options);
    const values = metadata === undefined ? [] : [metadata];
    this.emit(media ? "call" : "connection", connection, ...values);
  }
}
