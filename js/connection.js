// The faces of connections: what an application holds and derives its own from.

import { LOG_ALL } from "./border/handles.js";
import { CLOSE_JSON, UNREAD_LIMIT } from "./border/policy.js";
import { diagnosisOf } from "./diagnosis.js";
import { alias, Emitter, HANDLE } from "./emitter.js";
import { BaseConnectionErrorType, DataConnectionErrorType } from "./enums.js";
import { PeerError } from "./errors.js";
import { readStats } from "./stats.js";

/** Asks the remote to close once everything before it has arrived. */
export const CLOSE_REQUEST = JSON.parse(CLOSE_JSON);

/** How many errors of ICE servers are kept for the diagnosis. */
const ICE_ERRORS = 16;

/** How many messages are kept that arrive while there is no `data` listener. */
const UNHEARD_MESSAGES = 1024;

const only = (value, key) =>
  typeof value === "object" && value !== null && Object.keys(value).join() === key && value[key];

/** Whether `value` is that request, and not a user's own object that looks a little like it. */
export const isCloseRequest = (value) => only(only(value, "__peerData"), "type") === "close";

export class BaseConnection extends Emitter {
  _open = false;
  /** Whether the path is lost and another one looked for. */
  _lost = false;
  _iceErrors = [];
  /** The path and its figures at the last call of `stats`. */
  _lastPair = {};

  constructor(peer, provider, options) {
    super();
    this.peer = peer;
    this.provider = provider;
    this._log = provider._log;
    this.options = options;
    this.metadata = options.metadata;
    this.dataChannel = null;
    if (!provider[HANDLE]) {
      throw new TypeError(
        "PeerJS: a connection class of peerjs-wasm needs a Peer of peerjs-wasm, not of peerjs.",
      );
    }
    const over = options[HANDLE] ?? provider[HANDLE];
    this[HANDLE] = over.connection(this, this.type === "media", peer, options);
    this.connectionId = this[HANDLE].id();
    this.label = options.label || this.connectionId;
    this._log(LOG_ALL, this.connectionId, "to", peer);
  }

  get open() {
    return this._open;
  }

  get state() {
    if (!this.provider) return "closed";
    if (!this._open) return "connecting";
    return this._lost ? "reconnecting" : "open";
  }

  /** The id of the local peer. */
  get id() {
    return this.provider?.id;
  }

  get peerConnection() {
    return this[HANDLE].peer_connection() ?? null;
  }

  connect(options) {
    return this.provider.connect(this.peer, this._over(options, "connect"));
  }

  call(stream, options) {
    return this.provider.call(this.peer, stream, this._over(options, "call"));
  }

  /** The options of a connection that shares the RTCPeerConnection, unless the remote knows no such. */
  _over(options, method) {
    this._requireOpen(method);
    const room = this[HANDLE].room();
    if (room === 0) {
      throw new PeerError("limit", `${method}: no more connections can share this one.`);
    }
    return room ? { ...options, [HANDLE]: this[HANDLE] } : options;
  }

  /** How many milliseconds it takes to the remote and back. */
  async ping() {
    this._requireControl("ping");
    return new Promise((resolve, reject) => {
      const fail = () => reject(new PeerError("timeout", `No reply of ${this.peer}.`));
      const asked = this[HANDLE].ping((ms) => (ms === undefined ? fail() : resolve(ms)));
      if (!asked) fail();
    });
  }

  /** Throws unless the connection is open, as `method` needs it. */
  _requireOpen(method) {
    if (!this.open) {
      throw new PeerError(
        DataConnectionErrorType.NotOpenYet,
        `${method}: the connection is not open.`,
      );
    }
  }

  /** Throws unless the connection is open and the remote has the control channel, as `method` needs it. */
  _requireControl(method) {
    this._requireOpen(method);
    if (!this[HANDLE].has_control()) {
      throw new PeerError(
        "unsupported",
        `${method}: ${this.peer} runs PeerJS, which does not know it.`,
      );
    }
  }

  /** What the browser counts of it, and the path that it takes. */
  async stats() {
    this._requireOpen("stats");
    return readStats(this, await this.peerConnection.getStats());
  }

  emitError(type, error) {
    const pc = this.peerConnection;
    const isOurs = Object.values(BaseConnectionErrorType).includes(type);
    // An error of the browser's own says itself what is wrong.
    const diagnosis = isOurs && pc && typeof error === "string" && diagnosisOf(this, pc, type);
    super.emitError(type, error, diagnosis && { diagnosis });
  }

  restartIce() {
    this._requireControl("restartIce");
    this[HANDLE].restart_ice();
  }

  close() {
    this[HANDLE].close();
  }

  /** Takes an answer or a candidate for this connection. */
  async handleMessage({ type, payload }) {
    const { peer: src, connectionId } = this;
    this.provider?.[HANDLE].receive({ type, src, payload: { ...payload, connectionId } });
  }

  _initializeDataChannel(channel) {
    this.dataChannel = channel;
    // A program that puts its own in its place may call it, as it may call PeerJS's, which does nothing either.
    channel.onmessage = () => {};
    this[HANDLE].attach(channel);
  }

  // Called from Rust: the path is lost or found again.
  _path(event, value) {
    this._lost = event === "reconnecting";
    this.emit(event, this._lost ? value : { after: value });
  }

  // Called from Rust: the event `track` of a call's RTCPeerConnection, or `icecandidateerror`.
  _rtcEvent(event) {
    const { url, errorCode, errorText, track } = event;
    if (track) this._trackCame(event);
    else if (this._iceErrors.length < ICE_ERRORS)
      this._iceErrors.push({ url, errorCode, errorText });
  }

  // Called from Rust: it is over.
  _closed(news) {
    this._log(LOG_ALL, this.connectionId, "is closed");
    this._open = false;
    this.provider?._removeConnection(this);
    this.provider = null;
    this.dataChannel = null;
    if (news) {
      this.emit("close");
    }
  }
}

export class DataConnection extends BaseConnection {
  static ID_PREFIX = "dc_";
  static MAX_BUFFERED_AMOUNT = 8 * 1024 * 1024;

  /** Messages that came while there was no `data` listener, and the bytes of the frames that came after the first. */
  _unheard = [];
  _unheardBytes = 0;
  /** Whether one was dropped. From then on all are, until those that are kept were delivered: no hole is in between. */
  _dropping = false;

  constructor(peer, provider, options) {
    super(peer, provider, options);
    this.reliable = Boolean(options.reliable);
    this[HANDLE].start();
  }

  get type() {
    return "data";
  }

  get bufferSize() {
    return this[HANDLE].buffer_size();
  }

  send(data, chunked = false) {
    if (this._open) {
      return this._send(data, chunked);
    }
    this.emitError(
      DataConnectionErrorType.NotOpenYet,
      "Connection is not open. You should listen for the `open` event before sending messages.",
    );
  }

  close(options) {
    if (!options?.flush || !this._open) {
      super.close();
      return;
    }
    // On an unordered channel the request could overtake what it is to follow. Closing the channel never does.
    const sent = this.dataChannel.ordered && this._sendCloseRequest();
    const finish = () => this[HANDLE].finish(sent !== false);
    if (sent?.then) {
      sent.then(finish, finish);
    } else {
      finish();
    }
  }

  on(event, listener, context) {
    super.on(event, listener, context);
    return this._hear();
  }

  addListener(event, listener, context) {
    return this.on(event, listener, context);
  }

  once(event, listener, context) {
    super.once(event, listener, context);
    return this._hear();
  }

  emit(event, ...args) {
    if (event !== "data" || (this._unheard.length === 0 && this.listenerCount("data") > 0)) {
      return super.emit(event, ...args);
    }
    if (this._dropping) {
      return false;
    }
    if (this._unheard.length < UNHEARD_MESSAGES && this._unheardBytes <= UNREAD_LIMIT) {
      this._unheard.push(args);
      return true;
    }
    this._dropping = true;
    this.emitError(
      "unread",
      "Messages are lost: there is no `data` listener, and no more are kept.",
    );
    return false;
  }

  _sendCloseRequest() {
    return this._send(CLOSE_REQUEST, false);
  }

  // Called from Rust.
  _opened() {
    this._open = true;
    this.emit("open");
  }

  /** Whether what comes is to be heard. Chromium may tell of it before it tells that the channel is open. */
  _isOpen() {
    if (!this._open && this.dataChannel) {
      this[HANDLE].opened();
    }
    return this._open;
  }

  /** Has `_handleDataMessage` take the frames of a channel. */
  _receiveFrom(channel) {
    channel.binaryType = "arraybuffer";
    channel.addEventListener("message", (event) => {
      // In Node, werift gives a Buffer in place of an ArrayBuffer.
      if (ArrayBuffer.isView(event.data)) event = { data: new Uint8Array(event.data).buffer };
      if (this._unheard.length > 0) {
        const { length, byteLength = length } = event.data;
        this._unheardBytes += byteLength;
      }
      if (this._isOpen()) {
        this._handleDataMessage(event);
      }
    });
  }

  _hear() {
    if (this._unheard.length > 0) {
      queueMicrotask(() => this._deliver());
    }
    return this;
  }

  _deliver() {
    while (this._unheard.length > 0 && this.listenerCount("data") > 0) {
      try {
        super.emit("data", ...this._unheard.shift());
      } catch (error) {
        this._hear();
        throw error;
      }
    }
    if (this._unheard.length === 0) {
      this._unheardBytes = 0;
      this._dropping = false;
    }
  }
}

alias(DataConnection, "bufferSize");

export class BufferedConnection extends DataConnection {
  _initializeDataChannel(channel) {
    super._initializeDataChannel(channel);
    this._receiveFrom(channel);
  }

  _bufferedSend(frame) {
    this[HANDLE].send_frame(frame);
  }
}
