// What a Peer sees of a Signaling: a WebSocket to a PeerServer that serves this one peer.

/** An offer that no peer has acknowledged in this time was not delivered: as long as a PeerServer keeps it. */
const EXPIRY = 5_000;
/** Longer messages are ignored: an offer has some thousand characters. */
const LONGEST = 256 * 1024;
/** So many timers leave no place for one that an offer of a remote peer sets. */
const WAITING = 512;

/** What peers say to each other. Everything else only the transport itself may say. */
const FROM_PEERS = new Set(["OFFER", "ANSWER", "CANDIDATE", "LEAVE"]);
/** Acknowledges an offer that nothing else has answered in `QUIET`. It ends here. */
const HERE = "HERE";
const QUIET = 1_000;

/** An error of a Signaling, with one of the documented types of a Peer's errors. */
export const failure = (type, message) => Object.assign(new Error(message), { type });

class Line extends EventTarget {
  /** Timers: "to" and the id for an offer without an acknowledgement, "of" and the id for one that waits for ours. */
  _timers = new Map();

  constructor(signaling, url) {
    super();
    const query = new URL(url).searchParams;
    this._id = query.get("id");
    this._signaling = signaling;
    signaling.onmessage = (message) => this._receive(message);
    signaling.onclose = () => this.close();
    signaling.onpresence = (src, state) => this._deliver({ type: "PRESENCE", src, payload: state });
    this._open(query.get("token"));
  }

  async _open(token) {
    try {
      await this._signaling.open({ id: this._id, token });
      this._emit("open");
      this._deliver({ type: "OPEN" });
    } catch (error) {
      const type = { "unavailable-id": "ID-TAKEN", "server-error": "ERROR" }[error?.type];
      if (type) this._deliver({ type, payload: { msg: error.message } });
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
      if (type === "OFFER") {
        this._after(EXPIRY, `to${dst}`, () => this._deliver({ type: "EXPIRE", src: dst }));
      }
      this._send({ type, dst, payload });
    }
  }

  close() {
    const signaling = this._signaling;
    if (!signaling) return;
    this._signaling = undefined;
    this._timers.forEach(clearTimeout);
    signaling.onmessage = signaling.onclose = signaling.onpresence = null;
    signaling.close();
    this._emit("close");
  }

  /** Sets a timer, unless it is set. */
  _after(wait, name, then) {
    if (this._timers.has(name)) return;
    const fire = () => {
      this._timers.delete(name);
      then();
    };
    this._timers.set(name, setTimeout(fire, wait));
  }

  _cancel(name) {
    clearTimeout(this._timers.get(name));
    this._timers.delete(name);
  }

  _send(message) {
    this._cancel(`of${message.dst}`);
    this._signaling.send({ src: this._id, ...message });
  }

  /** A message of another peer, or of who says that it is one. */
  _receive(message) {
    const { type, src, dst, payload } = message ?? {};
    if (typeof src !== "string" || src === this._id || dst !== this._id) return;
    this._cancel(`to${src}`);
    if (!FROM_PEERS.has(type)) return;
    if (type === "OFFER") {
      const here = () => this._send({ type: HERE, dst: src });
      // A call rings until somebody takes it. What else is offered is answered in a moment, and the answer says it all.
      if (payload?.type === "media" || this._timers.size > WAITING) here();
      else this._after(QUIET, `of${src}`, here);
    }
    this._deliver({ type, src, payload });
  }

  _deliver(message) {
    let data;
    try {
      data = JSON.stringify(message);
    } catch {
      return; // too deep
    }
    if (this._signaling && data.length <= LONGEST) this._emit("message", data);
  }

  _emit(name, data) {
    this.dispatchEvent(new MessageEvent(name, { data }));
  }
}

/**
 * What the option `signaling` of a Peer takes.
 * @param {() => import("./index.js").Signaling} make a new one for each attempt to register
 * @param {{ peers?: () => Promise<string[]>, provesSender?: boolean }} [more]
 */
export const signaling = (make, more) => Object.assign((url) => new Line(make(), url), more);
