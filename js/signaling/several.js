// Several transports at once: messages go over all of them, and the first that brings one wins.
import { Counts } from "./counts.js";

/** How many frames wait for a transport that is not open yet. */
const WAITING = 256;
/** How many peers are remembered of whom some transports say that they are not there. */
const ABSENT = 512;
/** How many peers are known to be online. */
const PRESENT = 100_000;
const FIRST_RETRY = 1_000;
const LAST_RETRY = 30_000;
/** A transport that does not open in this time has failed. */
const OPENING = 10_000;
/** A transport that has answered the Peer's probes, and then this many not, has failed. */
const UNANSWERED = 4;

class Several extends EventTarget {
  /** @type {Set<Branch>} */
  _branches = new Set();
  /** How often each message was delivered. */
  _delivered = new Counts();
  /** The transports that say that a peer is not there. */
  _absent = new Map();
  /** The transports that say that a peer is online. */
  _present = new Map();

  constructor(factories, url) {
    super();
    this._id = new URL(url).searchParams.get("id");
    for (const factory of factories) this._branches.add(new Branch(this, () => factory(url)));
  }

  send(frame) {
    const { type, dst } = JSON.parse(frame);
    // What was said before does not count for this one.
    if (type === "OFFER") this._absent.delete(dst);
    for (const branch of this._branches) branch.send(frame, dst === this._id);
  }

  close() {
    this._closed = true;
    for (const branch of this._branches) branch.close();
    this._branches.clear();
  }

  opened() {
    this._emit("open");
  }

  received(branch, data) {
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    const { type, src, payload } = message ?? {};
    if (src === this._id || type === "OPEN") branch.answers(type !== "OPEN");
    if (type === "ERROR" || type === "INVALID-KEY") {
      // That one refuses us, which the others need not.
      this._branches.delete(branch);
      branch.close();
      this._without(branch);
      if (this._branches.size > 0) return;
    } else if (type === "ID-TAKEN") {
      // One that was away may have given the id to another: that does not end what goes over the others.
      const others = [...this._branches].some((each) => each !== branch && each.isOpen);
      if (branch.wasLost && others) return branch.restart();
    } else if (type === "EXPIRE" || type === "LEAVE") {
      if (this._absent.size >= ABSENT) this._absent.delete(this._absent.keys().next().value);
      const { saying } = this._absent.get(src) ?? { saying: new Set() };
      this._absent.set(src, { saying: saying.add(branch), data });
      return this._settle();
    } else if (type === "PRESENCE") {
      return this._tell(branch, src, payload === "online");
    } else if (type !== "OPEN") {
      this._absent.delete(src);
      const key = JSON.stringify([src, type, payload]);
      if (branch.received.add(key) <= this._delivered.get(key)) return;
      this._delivered.add(key);
    }
    this._emit("message", { data });
  }

  /** One has closed. */
  lost(branch) {
    if (this._closed) return;
    if ([...this._branches].every((each) => each.hasFailed)) {
      this.close();
      this._emit("close");
    } else {
      this._without(branch);
    }
  }

  /** What a transport has said of who is there is void. */
  _without(branch) {
    for (const id of this._present.keys()) this._tell(branch, id, false);
    this._settle();
  }

  /** A peer is not there when all say so, but for those that are away. */
  _settle() {
    for (const [src, { saying, data }] of this._absent) {
      if ([...this._branches].every((each) => each.hasFailed || saying.has(each))) {
        this._absent.delete(src);
        this._emit("message", { data });
      }
    }
  }

  /** A peer is online when one says so. */
  _tell(branch, src, online) {
    const saying = this._present.get(src) ?? new Set();
    const before = saying.size;
    saying[online ? "add" : "delete"](branch);
    if (saying.size === 0) this._present.delete(src);
    else if (this._present.has(src) || this._present.size < PRESENT) this._present.set(src, saying);
    else return;
    if (before > 0 === saying.size > 0) return;
    const payload = online ? "online" : "offline";
    this._emit("message", { data: JSON.stringify({ type: "PRESENCE", src, payload }) });
  }

  _emit(name, fields) {
    this.dispatchEvent(Object.assign(new Event(name), fields));
  }
}

/** One of the transports, which is opened again when it is lost. */
class Branch {
  isOpen = false;
  hasFailed = false;
  wasLost = false;
  /** How often each message has come over this transport. */
  received = new Counts();
  _waiting = [];
  _delay = FIRST_RETRY;

  constructor(owner, make) {
    this._owner = owner;
    this._make = make;
    this._begin();
  }

  _begin() {
    const line = this._make();
    this._line = line;
    this._unanswered = undefined;
    this._timer = setTimeout(() => this.restart(), OPENING);
    const on = (name, then) =>
      line.addEventListener(name, (event) => {
        if (this._line === line) then(event);
      });
    on("open", () => {
      clearTimeout(this._timer);
      this.isOpen = true;
      this.hasFailed = false;
      for (const frame of this._waiting.splice(0)) line.send(frame);
      this._owner.opened();
    });
    on("message", ({ data }) => this._owner.received(this, data));
    on("close", () => this.restart());
    // `close` follows. In Node `ws` throws an error that nobody listens to.
    line.addEventListener("error", () => {});
  }

  /** Is lost, and comes back. */
  restart() {
    this.close();
    this.isOpen = false;
    this.hasFailed = true;
    this.wasLost = true;
    this._waiting = [];
    this._timer = setTimeout(() => this._begin(), this._delay * (0.5 + Math.random() / 2));
    this._delay = Math.min(2 * this._delay, LAST_RETRY);
    this._owner.lost(this);
  }

  /** @param {boolean} probe whether it has brought a probe back; it has registered the Peer otherwise */
  answers(probe) {
    this._delay = FIRST_RETRY;
    if (probe) this._unanswered = 0;
  }

  /** @param {boolean} probes whether this is for the Peer itself, so that it comes back */
  send(frame, probes) {
    if (this.isOpen) {
      this._line.send(frame);
      // A server may bring nothing back to its sender, but then it never does.
      if (probes && ++this._unanswered > UNANSWERED) this.restart();
    } else if (this._waiting.length < WAITING && !this.hasFailed) {
      this._waiting.push(frame);
    }
  }

  close() {
    clearTimeout(this._timer);
    const line = this._line;
    this._line = undefined;
    line?.close();
  }
}

/**
 * For the option `signaling`: all of these at once. Losing one, or all but one, is not noticed; a peer is unavailable when
 * all say so.
 * @param {import("../types/signaling.js").SignalingFactory[]} factories
 */
export function several(factories) {
  /** Of those that know: one that is lost is not noticed here either. */
  const peers = async () => {
    const asked = factories.filter((factory) => factory.peers).map((factory) => factory.peers());
    const answers = await Promise.allSettled(asked);
    const known = answers.filter(({ status }) => status === "fulfilled");
    if (known.length === 0) {
      throw answers[0]?.reason ?? new TypeError("No transport knows who is there");
    }
    return [...new Set(known.flatMap(({ value }) => value))];
  };
  const provesSender = factories.every((factory) => factory.provesSender);
  return Object.assign((url) => new Several(factories, url), { peers, provesSender });
}

/**
 * A PeerServer, to be one of several.
 * @param {{ host?: string, port?: number, path?: string, key?: string, secure?: boolean }} [server]
 */
export function peerServer({
  host = "0.peerjs.com",
  port = 443,
  path = "/",
  key = "peerjs",
  secure = port === 443,
} = {}) {
  const mount = `${host}:${port}${`/${path}/`.replace(/\/+/g, "/")}`;
  const make = (url) => {
    const query = new URL(url).searchParams;
    query.set("key", key);
    return new WebSocket(`${secure ? "wss" : "ws"}://${mount}peerjs?${query}`);
  };
  /** Where the server lists them: PeerServer does with `allow_discovery`. */
  const peers = async () => {
    const response = await fetch(`${secure ? "https" : "http"}://${mount}${key}/peers`);
    if (!response.ok) throw new Error(`The server does not list its peers: ${response.status}`);
    return response.json();
  };
  return Object.assign(make, { peers, provesSender: true });
}

/**
 * For the option `signaling`: several PeerServers, registered with at once.
 * @param {Parameters<typeof peerServer>[0][]} list
 */
export const servers = (list) => several(list.map(peerServer));
