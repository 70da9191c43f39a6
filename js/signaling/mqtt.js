// Signalling over any MQTT broker, through a client of mqtt.js that the application hands in.
import { failure } from "./line.js";
import { idOf, level, overTopics } from "./topic.js";

/** Made of no id: marks the end of what is retained. */
const MARK = ".";
/** More ids are not listed: anybody may retain any number. */
const MOST_PEERS = 100_000;
/** How long the list of peers may take. */
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

  /** Listens to the topics that `filter`, which ends in a wildcard, matches; resolves with what ends that. */
  async function listen(filter, heard, lost) {
    const above = filter.slice(0, -1);
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
  const watch = (wildcard, known, tell, lost) =>
    listen(
      `${prefix}/is/${wildcard}`,
      (payload, name) => {
        const id = idOf(name);
        const online = payload.length;
        if (!id) tell(id, name, payload);
        else if (!online) known.delete(id) && tell(id, "offline");
        else if (!known.has(id) && known.size < MOST_PEERS) known.add(id) && tell(id, "online");
      },
      lost,
    );

  const broker = {
    subscribe: (to, heard, lost) =>
      // What is retained is no message of a peer: it would come again each time.
      listen(
        `${prefix}/to/${to}/+`,
        (data, from, { retain }) => retain || heard(`${data}`, from),
        lost,
      ),
    publish: (to, from, text) => publish(`to/${to}/${from}`, text),
    announce: (id, present) => publish(`is/${id}`, present ? "1" : "", true),
    watch: presence && ((tell) => watch("+", new Set(), tell, () => {})),
  };

  let listing;
  /**
   * What is retained comes before what is published later. With a wildcard of its own, since mqtt.js does not subscribe anew
   * to what it listens to, and the broker only brings what is retained to who does.
   */
  const peers = () => {
    let watching;
    listing ??= new Promise((resolve, reject) => {
      const ids = new Set();
      const nonce = `${Math.random()}`;
      const lost = () => reject(new Error("offline"));
      if (!client.connected) return lost();
      watching = watch(
        "#",
        ids,
        (_, name, said) => name === MARK && `${said}` === nonce && resolve([...ids]),
        lost,
      );
      watching.then(() => {
        publish(`is/${MARK}`, nonce);
        setTimeout(lost, LISTING);
      }, reject);
    }).finally(() => {
      watching?.then(
        (leave) => leave(),
        () => {},
      );
      listing = undefined;
    });
    return listing;
  };

  return overTopics(broker, { peers, provesSender });
}
