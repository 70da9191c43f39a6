// Several transports at once: messages go over all of them, and the first that brings one wins.

/** How many messages are remembered, to know them again on another transport. */
const REMEMBERED = 512;
/** How many frames wait for a transport that is not open yet. */
const WAITING = 256;
const FIRST_RETRY = 1_000;
const LAST_RETRY = 30_000;

class Several extends EventTarget {
  /** @type {Set<Branch>} */
  _branches = new Set();
  /** How often each message was delivered. */
  _delivered = new Map();
  /** The transports that say that a peer is not there. */
  _absent = new Map();

  constructor(factories, url) {
    super();
    for (const factory of factories) this._branches.add(new Branch(this, () => factory(url)));
  }

  send(frame) {
    for (const branch of this._branches) branch.send(frame);
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
    if (type === "ERROR" || type === "INVALID-KEY") {
      // That one refuses us, which the others need not.
      this._branches.delete(branch);
      branch.close();
      if (this._branches.size > 0) return;
    } else if (type === "EXPIRE" || type === "LEAVE") {
      const saying = this._absent.get(src) ?? new Set();
      this._absent.set(src, saying.add(branch));
      if (![...this._branches].every((each) => !each.isOpen || saying.has(each))) return;
      this._absent.delete(src);
    } else if (type !== "OPEN" && type !== "ID-TAKEN") {
      this._absent.delete(src);
      const key = JSON.stringify([src, type, payload]);
      const times = branch.count(key);
      if (times <= (this._delivered.get(key) ?? 0)) return;
      remember(this._delivered, key, times);
    }
    this._emit("message", { data });
  }

  /** One has closed. */
  lost() {
    if (this._closed || [...this._branches].some((branch) => !branch.hasFailed)) return;
    this.close();
    this._emit("close");
  }

  _emit(name, fields) {
    this.dispatchEvent(Object.assign(new Event(name), fields));
  }
}

/** One of the transports, which is opened again when it is lost. */
class Branch {
  isOpen = false;
  hasFailed = false;
  _waiting = [];
  _received = new Map();
  _delay = FIRST_RETRY;

  constructor(owner, make) {
    this._owner = owner;
    this._make = make;
    this._begin();
  }

  _begin() {
    const line = this._make();
    this._line = line;
    const on = (name, then) =>
      line.addEventListener(name, (event) => {
        if (this._line === line) then(event);
      });
    on("open", () => {
      this.isOpen = true;
      this.hasFailed = false;
      this._delay = FIRST_RETRY;
      for (const frame of this._waiting.splice(0)) line.send(frame);
      this._owner.opened();
    });
    on("message", ({ data }) => this._owner.received(this, data));
    on("close", () => {
      this.isOpen = false;
      this.hasFailed = true;
      this._timer = setTimeout(() => this._begin(), this._delay * (0.5 + Math.random() / 2));
      this._delay = Math.min(2 * this._delay, LAST_RETRY);
      this._owner.lost();
    });
  }

  send(frame) {
    if (this.isOpen) this._line.send(frame);
    else if (this._waiting.length < WAITING && !this.hasFailed) this._waiting.push(frame);
  }

  /** How often this message has come over this transport by now. */
  count(key) {
    const times = (this._received.get(key) ?? 0) + 1;
    remember(this._received, key, times);
    return times;
  }

  close() {
    clearTimeout(this._timer);
    const line = this._line;
    this._line = undefined;
    line?.close();
  }
}

function remember(map, key, value) {
  map.delete(key);
  map.set(key, value);
  if (map.size > REMEMBERED) map.delete(map.keys().next().value);
}

/**
 * For the option `signaling`: all of these at once. Losing one, or all but one, is not noticed; a peer is unavailable when
 * all say so.
 * @param {import("../types/signaling.js").SignalingFactory[]} factories
 */
export function several(factories) {
  const peers = async () => {
    const known = factories.filter((factory) => factory.peers).map((factory) => factory.peers());
    return [...new Set((await Promise.all(known)).flat())];
  };
  return Object.assign((url) => new Several(factories, url), { peers });
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
  return (url) => {
    const query = new URL(url).searchParams;
    query.set("key", key);
    const mount = `/${path}/`.replace(/\/+/g, "/");
    return new WebSocket(`${secure ? "wss" : "ws"}://${host}:${port}${mount}peerjs?${query}`);
  };
}
