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
 * meaning to. Undefined if it is too long or no Unicode.
 */
export function level(id) {
  try {
    const text = encodeURIComponent(id).replace(
      /[^\w%-]/g,
      (char) => `%${char.charCodeAt().toString(16)}`,
    );
    if (text.length < LONGEST_TOPIC) return text;
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
  return `${hash ? new Uint8Array(hash) : Math.random()}`;
}

/** A Signaling over this broker. */
function onTopic(broker) {
  const nonce = `${Date.now()} ${Math.random()}`;
  const leaves = [];
  let own;
  let proof;
  let closed;
  let announced;
  let claimed;
  let taken;

  /** Calls `leave` at the end, which may have been already. */
  const keep = (leave) => {
    if (closed) leave();
    else return leaves.push(leave);
  };

  const publish = (topic, message) => broker.publish(topic, own, JSON.stringify(message));

  /** What was published under the name `from`, by whom the broker lets publish under it. */
  function heard(text, from) {
    let message;
    try {
      message = JSON.parse(text);
      // What concerns the id itself only its holders say.
      if (from !== (message.src ? level(message.src) : own)) return;
    } catch {
      return;
    }
    const { claim } = message;
    if (message.taken === nonce) taken();
    else if (claim === undefined) it.onmessage?.(message);
    else if (claim === nonce) claimed?.();
    else if (message.proof === proof) it.onclose?.();
    // Of two that claim it at once one gets it.
    else if (announced || nonce < claim) publish(own, { taken: claim });
  }

  const it = {
    async open({ id, token }) {
      own = level(id);
      const deaf = failure("server-error", `The broker refuses "${id}"`);
      if (!own) throw deaf;
      proof = await proofOf(token);
      await new Promise((resolve, reject) => {
        taken = () => reject(failure("unavailable-id"));
        const lost = (error) => {
          reject(error);
          if (announced) it.onclose?.();
        };
        broker.subscribe(own, heard, lost).then((leave) => {
          if (!keep(leave)) return;
          publish(own, { claim: nonce, proof });
          // A broker may refuse without a word, and not bring what is meant for this id.
          const timer = setTimeout(() => reject(deaf), ECHO);
          claimed = () => {
            clearTimeout(timer);
            setTimeout(resolve, GRACE);
          };
        }, reject);
      });
      announced = true;
      broker.announce?.(own, true);
      // Whoever claims the id later learns that it has gone, and this one, should it have been a tie.
      taken = () => it.onclose?.();
      if (!broker.watch) return;
      keep(
        await broker.watch((name, state) => name && name !== id && it.onpresence?.(name, state)),
      );
    },

    send(message) {
      const topic = level(message.dst);
      if (topic) publish(topic, message);
    },

    close() {
      closed = true;
      for (const leave of leaves) leave();
      if (announced) broker.announce?.(own, false);
    },
  };
  return it;
}

/**
 * For the option `signaling`, over a broker:
 * `subscribe(to, heard, lost)` resolves with what ends the subscription once it is in force, calls `heard` with each
 * message and the `from` that it was published under, and `lost` when the broker is, with an error of type `server-error` if
 * it refuses;
 * `publish(to, from, text)`; `announce(id, present)` and `watch(tell)`, if others can be told.
 * @param {{ peers?: () => Promise<string[]>, provesSender?: boolean }} [more]
 */
export const overTopics = (broker, more) => signaling(() => onTopic(broker), more);
