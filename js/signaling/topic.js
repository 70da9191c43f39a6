// A Signaling over anything that publishes and subscribes: a topic for each id, to which its peer listens.
import { failure, signaling } from "./line.js";

/** How long the holder of an id has to say that it keeps it. */
const GRACE = 300;
/** How long a message to oneself may take. */
const ECHO = 5_000;
/** No id is longer, once it is encoded: brokers drop a client whose topic is too long. */
const LONGEST_TOPIC = 1024;

/**
 * `id` as one level of a topic: every byte but letters, digits, `_` and `-` as `%XX`, so without what any broker gives a
 * meaning to. Undefined if it is too long, empty or no Unicode.
 */
export function level(id) {
  try {
    const text = encodeURIComponent(id).replace(
      /[^\w%-]/g,
      (char) => `%${char.charCodeAt().toString(16).toUpperCase()}`,
    );
    if (text && text.length < LONGEST_TOPIC) return text;
  } catch {}
}

/** The id that `level` made this of; undefined if it did not. */
export function idOf(text) {
  try {
    const id = decodeURIComponent(text);
    if (level(id) === text) return id;
  } catch {}
}

/** What shows that two peers have the same token without telling it; random where the browser cannot hash. */
async function proofOf(token) {
  const hash = await crypto.subtle?.digest("SHA-256", new TextEncoder().encode(token));
  return hash ? btoa(String.fromCharCode(...new Uint8Array(hash))) : `${Math.random()}`;
}

class Topic {
  _leaves = [];

  constructor(broker) {
    this._broker = broker;
    this._nonce = `${Date.now()} ${Math.random()}`;
  }

  async open({ id, token }) {
    const topic = level(id);
    this._topic = topic;
    const deaf = failure("server-error", `The broker refuses the id "${id}"`);
    if (!topic) throw deaf;
    this._proof = await proofOf(token);
    await new Promise((resolve, reject) => {
      this._taken = () => reject(failure("unavailable-id", id));
      const heard = (text, from) => this._heard(text, from);
      const lost = (error) => {
        reject(error);
        if (this._announced) this.onclose?.();
      };
      this._broker.subscribe(topic, heard, lost).then((leave) => {
        if (!this._keep(leave)) return;
        this._publish(topic, { claim: this._nonce, proof: this._proof });
        // A broker may refuse without a word, and not bring what is meant for this id.
        const timer = setTimeout(() => reject(deaf), ECHO);
        this._claimed = () => {
          clearTimeout(timer);
          setTimeout(resolve, GRACE);
        };
      }, reject);
    });
    this._announced = true;
    this._broker.announce?.(topic, true);
    // Whoever claims the id later learns that it has gone, and this one, should it have been a tie.
    this._taken = () => this.onclose?.();
    if (!this._broker.watch) return;
    const tell = (name, state) => name && name !== id && this.onpresence?.(name, state);
    this._keep(await this._broker.watch(tell));
  }

  send(message) {
    const topic = level(message.dst);
    if (topic) this._publish(topic, message);
  }

  close() {
    this._closed = true;
    for (const leave of this._leaves) leave();
    if (this._announced) this._broker.announce?.(this._topic, false);
  }

  /** Calls `leave` at the end, which may have been already. */
  _keep(leave) {
    if (this._closed) leave();
    else return this._leaves.push(leave);
  }

  _publish(topic, message) {
    this._broker.publish(topic, this._topic, JSON.stringify(message));
  }

  /** What was published under the name `from`, by whom the broker lets publish under it. */
  _heard(text, from) {
    let message;
    try {
      message = JSON.parse(text);
      // What concerns the id itself only its holders say.
      if (from !== (typeof message.src === "string" ? level(message.src) : this._topic)) return;
    } catch {
      return;
    }
    if (message.taken === this._nonce) {
      this._taken();
    } else if (message.claim === undefined) {
      this.onmessage?.(message);
    } else if (message.claim === this._nonce) {
      this._claimed?.();
    } else if (message.proof === this._proof) {
      this.onclose?.();
    } else if (this._announced || this._nonce < message.claim) {
      // Of two that claim it at once one gets it.
      this._publish(this._topic, { taken: message.claim });
    }
  }
}

/**
 * For the option `signaling`, over a broker:
 * `subscribe(to, heard, lost)` resolves with what ends the subscription once it is in force, calls `heard` with each
 * message and the `from` that it was published under, and `lost` when the broker is, with an error of type `server-error` if
 * it refuses;
 * `publish(to, from, text)`; `announce(id, present)` and `watch(tell)`, if others can be told.
 * @param {{ peers?: () => Promise<string[]>, provesSender?: boolean }} [more]
 */
export const overTopics = (broker, more) => signaling(() => new Topic(broker), more);
