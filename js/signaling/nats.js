// Signalling over NATS, through a connection that the application hands in.
import { failure } from "./line.js";
import { overTopics } from "./topic.js";

/**
 * For the option `signaling`.
 * @param {import("@nats-io/nats-core").NatsConnection} connection
 * @param {{ prefix?: string, provesSender?: boolean }} [options]
 */
export function nats(connection, { prefix = "peerjs", provesSender } = {}) {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const broker = {
    async subscribe(to, heard, lost) {
      let left = false;
      const above = `${prefix}.${to}.`;
      const subscription = connection.subscribe(`${above}*`, {
        callback: (error, message) =>
          error
            ? lost(failure("server-error", error.message))
            : heard(decoder.decode(message.data), message.subject.slice(above.length)),
      });
      connection.closed().then(() => left || lost());
      // The server answers in the order of what it was told: after this the subscription is in force.
      await connection.flush();
      return () => {
        left = true;
        subscription.unsubscribe();
      };
    },
    publish: (to, from, text) =>
      connection.publish(`${prefix}.${to}.${from}`, encoder.encode(text)),
  };
  return overTopics(broker, { provesSender });
}
