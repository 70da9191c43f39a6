// Signalling over any MQTT broker, through a client of mqtt.js that the application hands in.
import { failure } from "./line.js";
import { idOf, level, overTopics } from "./topic.js";

/** No id of a peer: marks the end of what is retained. */
const MARK = "-";
/** More ids are not listed: anybody may retain any number. */
const MOST_PEERS = 100_000;

/**
 * What the broker is to publish when the client is gone: for the option `will` of `mqtt.connect`.
 * @param {string} id of the peer
 * @param {{ prefix?: string }} [options]
 */
export const will = (id, { prefix = "peerjs" } = {}) => ({
  topic: `${prefix}/is/${level(id)}`,
  payload: "",
  qos: 1,
  retain: true,
});

/**
 * For the option `signaling`. Messages are of QoS 1: none is lost while the line stands, and a Peer knows a second one.
 * @param {import("mqtt").MqttClient} client
 * @param {{ prefix?: string }} [options]
 */
export function mqtt(client, { prefix = "peerjs" } = {}) {
  let connecting;
  /** mqtt.js grants a known subscription at once while it is offline, and what is published then would come too late. */
  const connected = async () => {
    if (client.connected) return;
    connecting ??= new Promise((resolve) => client.once("connect", resolve));
    await connecting;
    connecting = undefined;
  };

  /** How often each filter is listened to. */
  const uses = new Map();

  /** Listens to `filter`; resolves with what ends that. */
  async function listen(filter, heard, lost) {
    const match = filter.includes("+")
      ? (topic) => topic.startsWith(filter.split("+")[0])
      : (topic) => topic === filter;
    const message = (topic, payload) => match(topic) && heard(payload, topic);
    const leave = () => {
      client.off("message", message);
      client.off("close", lost);
      uses.set(filter, uses.get(filter) - 1);
      if (uses.get(filter) === 0 && client.connected) client.unsubscribe(filter);
    };
    uses.set(filter, (uses.get(filter) ?? 0) + 1);
    client.on("message", message);
    client.on("close", lost);
    try {
      await connected();
      await new Promise((resolve, reject) => {
        client.subscribe(filter, { qos: 1 }, (error) => (error ? reject(error) : resolve()));
      });
    } catch (error) {
      leave();
      // That is what mqtt.js says of a refusal.
      throw /unspecified|not authorized/i.test(error.message)
        ? failure("server-error", error.message)
        : error;
    }
    return leave;
  }

  const publish = (topic, text, options) => {
    // What a client cannot send it would keep, and send when it was of no use any more.
    if (client.connected) client.publish(`${prefix}/${topic}`, text, { qos: 1, ...options });
  };

  const broker = {
    subscribe(topic, heard, lost) {
      return listen(`${prefix}/to/${topic}`, heard, lost);
    },
    publish: (topic, text) => publish(`to/${topic}`, text),
    announce: (topic, present) => publish(`is/${topic}`, present ? "1" : "", { retain: true }),
  };

  /** What is retained comes before what is published later. */
  async function peers() {
    const ids = new Set();
    const nonce = String(Math.random());
    let leave;
    const heard = (resolve) => (payload, topic) => {
      const name = topic.slice(prefix.length + 4);
      const id = idOf(name);
      if (name === MARK) String(payload) === nonce && resolve();
      else if (payload.length === 0) ids.delete(id);
      else if (id !== undefined && ids.size < MOST_PEERS) ids.add(id);
    };
    try {
      await new Promise((resolve, reject) => {
        listen(`${prefix}/is/+`, heard(resolve), () =>
          reject(new Error("The broker is gone")),
        ).then((end) => {
          leave = end;
          publish(`is/${MARK}`, nonce);
        }, reject);
      });
    } finally {
      leave?.();
    }
    return [...ids];
  }

  return overTopics(broker, peers);
}
