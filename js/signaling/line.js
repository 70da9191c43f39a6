// What a Peer sees of a Signaling: a WebSocket to a PeerServer that serves this one peer.

/** An offer that no peer has acknowledged in this time was not delivered: as long as a PeerServer keeps it. */
const EXPIRY = 5_000;
/** Longer messages are ignored: an offer has some thousand characters. */
const LONGEST = 256 * 1024;
/** How many offers may wait for their acknowledgement at once. */
const WAITING = 256;

/** What peers say to each other. Everything else only the transport itself may say. */
const FROM_PEERS = new Set(["OFFER", "ANSWER", "CANDIDATE", "LEAVE"]);
/** Acknowledges an offer. It ends here. */
const HERE = "HERE";

/** An error of a Signaling, with one of the documented types of a Peer's errors. */
export const failure = (type, message) => Object.assign(new Error(message), { type });

class Line extends EventTarget {
  /** Offers without an acknowledgement: a timer for each remote peer. */
  _waiting = new Map();

  constructor(signaling, url) {
    super();
    const query = new URL(url).searchParams;
    this._id = query.get("id");
    this._signaling = signaling;
    signaling.onmessage = (message) => this._receive(message);
    signaling.onclose = () => this.close();
    this._open(query.get("token"));
  }

  async _open(token) {
    try {
      await this._signaling.open({ id: this._id, token });
      this._emit("open");
      this._deliver({ type: "OPEN" });
    } catch (error) {
      if (error?.type === "unavailable-id") {
        this._deliver({ type: "ID-TAKEN" });
      } else if (error?.type === "server-error") {
        this._deliver({ type: "ERROR", payload: { msg: error.message } });
      }
      this.close();
    }
  }

  /** A frame of the Peer for its server. */
  send(frame) {
    const { type, dst, payload } = JSON.parse(frame);
    if (dst === this._id) {
      // A Peer asks itself whether it is registered, and the Signaling has told that with `open` and `onclose`.
      queueMicrotask(() => this._deliver({ type, src: dst, payload }));
    } else if (dst !== undefined) {
      if (type === "OFFER") this._await(dst);
      this._signaling.send({ type, src: this._id, dst, payload });
    }
  }

  close() {
    const signaling = this._signaling;
    if (!signaling) return;
    this._signaling = undefined;
    for (const timer of this._waiting.values()) clearTimeout(timer);
    signaling.onmessage = signaling.onclose = null;
    signaling.close();
    this._emit("close");
  }

  _await(dst) {
    if (this._waiting.has(dst) || this._waiting.size >= WAITING) return;
    const expire = () => {
      this._waiting.delete(dst);
      this._deliver({ type: "EXPIRE", src: dst });
    };
    this._waiting.set(dst, setTimeout(expire, EXPIRY));
  }

  /** A message of another peer, or of who says that it is one. */
  _receive(message) {
    const { type, src, dst, payload } = message ?? {};
    if (typeof src !== "string" || src === this._id || dst !== this._id) return;
    clearTimeout(this._waiting.get(src));
    this._waiting.delete(src);
    if (!FROM_PEERS.has(type)) return;
    if (type === "OFFER") this._signaling.send({ type: HERE, src: this._id, dst: src });
    this._deliver({ type, src, payload });
  }

  _deliver(message) {
    let data;
    try {
      data = JSON.stringify(message);
    } catch {
      return; // too deep
    }
    if (this._signaling && data.length <= LONGEST) this._emit("message", { data });
  }

  _emit(name, fields) {
    this.dispatchEvent(Object.assign(new Event(name), fields));
  }
}

/**
 * What the option `signaling` of a Peer takes.
 * @param {() => import("./index.js").Signaling} make a new one for each attempt to register
 * @param {() => Promise<string[]>} [peers]
 */
export const signaling = (make, peers) => Object.assign((url) => new Line(make(), url), { peers });
