// Signalling between the tabs of one origin, without a server: a BroadcastChannel carries messages, a Web Lock holds an id.
import { failure, signaling } from "./line.js";

/** How long the holder of an id has to hand it over to who has the same token. */
const HANDOVER = 300;

class Tabs {
  constructor(name) {
    this._prefix = `peerjs-wasm ${name} `;
    this._channel = new BroadcastChannel(this._prefix);
  }

  async open({ id, token }) {
    this._channel.onmessage = ({ data }) => {
      if (data?.claim === id && data.token === token) this.onclose?.();
      else this.onmessage?.(data);
    };
    const own = (options) =>
      new Promise((resolve, reject) => {
        const held = (lock) => {
          resolve(lock);
          return (
            lock &&
            new Promise((release) => {
              this._release = release;
            })
          );
        };
        navigator.locks.request(this._prefix + id, options, held).catch(reject);
      });
    if (await own({ ifAvailable: true })) return;
    this._channel.postMessage({ claim: id, token });
    try {
      await own({ signal: AbortSignal.timeout(HANDOVER) });
    } catch {
      throw failure("unavailable-id", `ID "${id}" is taken`);
    }
  }

  send(message) {
    this._channel.postMessage(message);
  }

  close() {
    this._closed = true;
    this._release?.();
    this._channel.close();
  }
}

/**
 * For the option `signaling`: the peers are those of all tabs, frames and workers of this origin that say the same name.
 * @param {string} [name]
 */
export function broadcastChannel(name = "") {
  const prefix = `peerjs-wasm ${name} `;
  const peers = async () => {
    const { held } = await navigator.locks.query();
    const names = held.map((lock) => lock.name).filter((lock) => lock.startsWith(prefix));
    return names.map((lock) => lock.slice(prefix.length));
  };
  return signaling(() => new Tabs(name), peers);
}
