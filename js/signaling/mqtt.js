// Signalling over any MQTT broker, through a client of mqtt.js that the application hands in.
import { failure } from "./line.js";
import { level, overTopics } from "./topic.js";

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
  const promised = (call) =>
    new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))));

  /** Listens to `filter`; resolves with what ends that. */
  async function listen(filter, heard, lost) {
    const match = filter.includes("+") ? (topic) => topic.startsWith(filter.split("+")[0]) : (topic) => topic === filter;
    const message = (topic, payload) => match(topic) && heard(payload, topic);
    const leave = () => {
      client.off("message", message);
      client.off("close", lost);
    };
    client.on("message", message);
    client.on("close", lost);
    try {
      const granted = await promised((done) => client.subscribe(filter, { qos: 1 }, done));
      if (granted?.some(({ qos }) => qos > 2)) throw failure("server-error", `The broker refuses ${filter}`);
    } catch (error) {
      leave();
      // mqtt.js says so of a refusal, too.
      throw /unspecified|not authorized/i.test(error.message) ? failure("server-error", error.message) : error;
    }
    return leave;
  }

  const publish = (topic, text, options) => client.publish(`${prefix}/${topic}`, text, { qos: 1, ...options });

  const broker = {
    async subscribe(topic, heard, lost) {
      const leave = await listen(`${prefix}/to/${topic}`, heard, lost);
      publish(`is/${topic}`, "1", { retain: true });
      return () => {
        leave();
        if (client.connected) {
          client.unsubscribe(`${prefix}/to/${topic}`);
          publish(`is/${topic}`, "", { retain: true });
        }
      };
    },
    publish: (topic, text) => publish(`to/${topic}`, text),
  };

  /** What is retained comes before what is published later. */
  async function peers() {
    const ids = new Set();
    const mark = `${prefix}/is/${level(`?${Math.random()}`)}`;
    let leave;
    const heard = (resolve) => (payload, topic) => {
      if (topic === mark) resolve();
      else if (payload.length > 0) ids.add(decodeURIComponent(topic.slice(prefix.length + 4)));
      else ids.delete(decodeURIComponent(topic.slice(prefix.length + 4)));
    };
    try {
      await new Promise((resolve, reject) => {
        listen(`${prefix}/is/+`, heard(resolve), () => reject(new Error("The broker is gone"))).then((end) => {
          leave = end;
          client.publish(mark, "", { qos: 1 });
        }, reject);
      });
    } finally {
      leave?.();
      client.unsubscribe(`${prefix}/is/+`);
    }
    return [...ids];
  }

  return overTopics(broker, peers);
}
