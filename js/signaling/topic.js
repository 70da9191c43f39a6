// A Signaling over anything that publishes and subscribes: a topic for each id, to which its peer listens.
import { failure, signaling } from "./line.js";

/** How long the holder of an id has to say that it keeps it. */
const GRACE = 300;
/** How long a message to oneself may take. */
const ECHO = 3_000;
/** No id is longer, once it is encoded: brokers drop a client whose topic is too long. */
const LONGEST_TOPIC = 1024;

const decoder = new TextDecoder();

/** `id` as one level of a topic: without what any broker gives a meaning to. Undefined if it is too long. */
export function level(id) {
  const bytes = new TextEncoder().encode(id.slice(0, LONGEST_TOPIC));
  const safe = (byte) => /[\w-]/.test(String.fromCharCode(byte));
  const text = Array.from(bytes, (byte) =>
    safe(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, "0")}`,
  ).join("");
  return id.length < LONGEST_TOPIC && text.length < LONGEST_TOPIC ? text : undefined;
}

/** The id that `level` made this of; undefined if it did not. */
export function idOf(text) {
  try {
    const id = decodeURIComponent(text);
    return level(id) === text ? id : undefined;
  } catch {
    return undefined;
  }
}

/** What shows that two peers have the same token without telling it; random where the browser cannot hash. */
async function proofOf(token) {
  if (!globalThis.crypto?.subtle) return String(Math.random());
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return btoa(String.fromCharCode(...new Uint8Array(hash)));
}

class Topic {
  constructor(broker) {
    this._broker = broker;
    this._nonce = `${Date.now()} ${Math.random()}`;
  }

  async open({ id, token }) {
    this._topic = level(id);
    if (!this._topic) throw failure("server-error", `ID "${id}" is too long`);
    this._proof = await proofOf(token);
    await new Promise((resolve, reject) => {
      this._taken = () => reject(failure("unavailable-id", `ID "${id}" is taken`));
      const lost = () => {
        reject(new Error("The broker is gone"));
        this.onclose?.();
      };
      const subscribed = this._broker.subscribe(this._topic, (data) => this._heard(data), lost);
      subscribed.then((leave) => {
        if (this._closed) return leave();
        this._leave = leave;
        this._publish(this._topic, { claim: this._nonce, proof: this._proof });
        // A broker may refuse without a word, and not bring what is meant for this id.
        const deaf = failure("server-error", `The broker does not let this client be "${id}"`);
        const timer = setTimeout(() => reject(deaf), ECHO);
        this._claimed = () => {
          clearTimeout(timer);
          setTimeout(resolve, GRACE);
        };
      }, reject);
    });
    this._announced = true;
    this._broker.announce?.(this._topic, true);
    // Whoever claims the id later learns that it has gone, and this one, should it have been a tie.
    this._taken = () => this.onclose?.();
  }

  send(message) {
    const topic = level(message.dst);
    if (topic) this._publish(topic, message);
  }

  close() {
    this._closed = true;
    this._leave?.();
    if (this._announced) this._broker.announce?.(this._topic, false);
  }

  _publish(topic, message) {
    this._broker.publish(topic, JSON.stringify(message));
  }

  _heard(data) {
    let message;
    try {
      message = JSON.parse(typeof data === "string" ? data : decoder.decode(data));
    } catch {
      return;
    }
    if (message?.taken === this._nonce) {
      this._taken();
    } else if (message?.claim === undefined) {
      this.onmessage?.(message);
    } else if (message.claim === this._nonce) {
      this._claimed();
    } else {
      if (message.proof === this._proof) this.onclose?.();
      // Of two that claim it at once one gets it.
      else if (this._announced || this._nonce < message.claim) {
        this._publish(this._topic, { taken: message.claim });
      }
    }
  }
}

/**
 * For the option `signaling`, over a broker:
 * `subscribe(topic, heard, lost)` resolves with what ends the subscription once it is in force, calls `heard` with each
 * message and `lost` when the broker is; `publish(topic, text)`; `announce(topic, present)`, if others can be told.
 */
export const overTopics = (broker, peers) => signaling(() => new Topic(broker), peers);
