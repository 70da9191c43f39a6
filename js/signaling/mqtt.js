// Signalling over any MQTT broker, through a client of mqtt.js that the application hands in.
import { failure } from "./line.js";
import { idOf, level, overTopics } from "./topic.js";

/** Made of no id: marks the end of what is retained. */
const MARK = ".";
/** More ids are not listed: anybody may retain any number. */
const MOST_PEERS = 100_000;
/** How long the list of peers may take, where the broker does not bring the mark. */
const LISTING = 5_000;

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
 * @param {{ prefix?: string, presence?: boolean, provesSender?: boolean }} [options]
 */
export function mqtt(client, { prefix = "peerjs", presence, provesSender } = {}) {
  /** How often each filter is listened to. */
  const uses = {};

  /** Listens to the topics below `topic` that `wildcard` matches; resolves with what ends that. */
  async function listen(topic, heard, lost, wildcard = "+") {
    const above = `${prefix}/${topic}/`;
    const filter = above + wildcard;
    const message = (topic, payload, packet) =>
      topic.startsWith(above) && heard(payload, topic.slice(above.length), packet);
    const leave = () => {
      client.off("message", message);
      client.off("close", lost);
      if (!--uses[filter] && client.connected) client.unsubscribe(filter);
    };
    uses[filter] = (uses[filter] ?? 0) + 1;
    client.on("message", message);
    client.on("close", lost);
    try {
      // mqtt.js grants a known subscription at once while it is offline, and what is published then would come too late.
      if (!client.connected) await new Promise((resolve) => client.once("connect", resolve));
      await new Promise((resolve, reject) => {
        client.subscribe(filter, { qos: 1 }, (error) => (error ? reject(error) : resolve()));
      });
    } catch (error) {
      leave();
      // A broker that is there has refused.
      throw client.connected ? failure("server-error", error.message) : error;
    }
    return leave;
  }

  const publish = (topic, text, retain = false) => {
    // What a client cannot send it would keep, and send when it was of no use any more.
    if (client.connected) client.publish(`${prefix}/${topic}`, text, { qos: 1, retain });
  };

  /** Tells of the peers in `known` as they come and go, and of what is no peer: without an id. */
  const watch = (known, tell, lost, wildcard) =>
    listen(
      "is",
      (payload, name) => {
        const id = idOf(name);
        const online = payload.length > 0;
        if (!id) tell(id, name, payload);
        else if (online ? !known.has(id) && known.size < MOST_PEERS : known.delete(id)) {
          if (online) known.add(id);
          tell(id, online ? "online" : "offline");
        }
      },
      lost,
      wildcard,
    );

  const broker = {
    subscribe: (to, heard, lost) =>
      // What is retained is no message of a peer: it would come again each time.
      listen(`to/${to}`, (data, from, { retain }) => retain || heard(`${data}`, from), lost),
    publish: (to, from, text) => publish(`to/${to}/${from}`, text),
    announce: (id, present) => publish(`is/${id}`, present ? "1" : "", true),
    watch: presence && ((tell) => watch(new Set(), tell, () => {})),
  };

  let listing;
  const peers = () => {
    listing ??= list().finally(() => {
      listing = undefined;
    });
    return listing;
  };

  /**
   * What is retained comes before what is published later. With a wildcard of its own, since mqtt.js does not subscribe anew
   * to what it listens to, and the broker only brings what is retained to who does.
   */
  async function list() {
    const ids = new Set();
    const nonce = `${Math.random()}`;
    let leave;
    try {
      await new Promise((resolve, reject) => {
        const lost = () => reject(new Error("The broker is gone"));
        if (!client.connected) return lost();
        const mark = (_, name, said) => name === MARK && `${said}` === nonce && resolve();
        watch(ids, mark, lost, "#").then((end) => {
          leave = end;
          publish(`is/${MARK}`, nonce);
          setTimeout(resolve, LISTING);
        }, reject);
      });
    } finally {
      leave?.();
    }
    return [...ids];
  }

  return overTopics(broker, { peers, provesSender });
}
