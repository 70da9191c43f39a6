// Signalling between the tabs of one origin, without a server: a BroadcastChannel carries messages, a Web Lock holds an id.
import { failure, signaling } from "./line.js";

/** How long the holder of an id has to hand it over to who has the same token. */
const HANDOVER = 300;

/** The ids of the locks that are held. */
async function held(prefix) {
  const { held } = await navigator.locks.query();
  const names = held.map((lock) => lock.name).filter((name) => name.startsWith(prefix));
  return names.map((name) => name.slice(prefix.length));
}

class Tabs {
  _known = new Set();
  _end = new AbortController();

  constructor(prefix, presence) {
    this._prefix = prefix;
    this._presence = presence;
    this._channel = new BroadcastChannel(prefix);
  }

  async open({ id, token }) {
    this._id = id;
    this._channel.onmessage = ({ data }) => {
      if (data?.claim === id && data.token === token) this.onclose?.();
      else if (typeof data?.here === "string") this._watch(data.here);
      else this.onmessage?.(data);
    };
    const own = (options) =>
      new Promise((resolve, reject) => {
        const taken = (lock) => {
          resolve(lock);
          return (
            lock &&
            new Promise((release) => {
              this._release = release;
            })
          );
        };
        navigator.locks.request(this._prefix + id, options, taken).catch(reject);
      });
    if (!(await own({ ifAvailable: true }))) {
      this._channel.postMessage({ claim: id, token });
      try {
        await own({ signal: AbortSignal.timeout(HANDOVER) });
      } catch {
        throw failure("unavailable-id", `ID "${id}" is taken`);
      }
    }
    if (this._closed) return this._release();
    this._channel.postMessage({ here: id });
    if (this._presence) for (const other of await held(this._prefix)) this._watch(other);
  }

  /** Tells of a peer until it has gone: until its lock is free, which it is when its tab crashes, too. */
  async _watch(id) {
    if (!this._presence || this._closed || id === this._id || this._known.has(id)) return;
    const lock = { mode: "shared", ifAvailable: true };
    // Who says that a peer is here may lie.
    if (await navigator.locks.request(this._prefix + id, lock, (free) => free)) return;
    if (this._closed || this._known.has(id)) return;
    this._known.add(id);
    this.onpresence?.(id, "online");
    try {
      const { signal } = this._end;
      await navigator.locks.request(this._prefix + id, { mode: "shared", signal }, () => {});
      this.onpresence?.(id, "offline");
    } catch {
      // This peer has left.
    }
    this._known.delete(id);
    // Another one may have taken the id over meanwhile.
    this._watch(id);
  }

  send(message) {
    this._channel.postMessage(message);
  }

  close() {
    this._closed = true;
    this._release?.();
    this._end.abort();
    this._channel.close();
  }
}

/**
 * For the option `signaling`: the peers are those of all tabs, frames and workers of this origin that say the same name.
 * @param {string} [name]
 * @param {{ presence?: boolean }} [options]
 */
export function broadcastChannel(name = "", { presence } = {}) {
  const prefix = `peerjs-wasm ${name} `;
  return signaling(() => new Tabs(prefix, presence), { peers: () => held(prefix) });
}
