// Signalling over NATS, through a connection that the application hands in.
import { overTopics } from "./topic.js";

/**
 * For the option `signaling`.
 * @param {import("@nats-io/nats-core").NatsConnection} connection
 * @param {{ prefix?: string }} [options]
 */
export function nats(connection, { prefix = "peerjs" } = {}) {
  return overTopics({
    async subscribe(topic, heard, lost) {
      let left = false;
      const subscription = connection.subscribe(`${prefix}.${topic}`, {
        callback: (error, message) => (error ? lost() : heard(message.data)),
      });
      connection.closed().then(() => left || lost());
      // The server answers in the order of what it was told: after this the subscription is in force.
      await connection.flush();
      return () => {
        left = true;
        subscription.unsubscribe();
      };
    },
    publish: (topic, text) =>
      connection.publish(`${prefix}.${topic}`, new TextEncoder().encode(text)),
  });
}
