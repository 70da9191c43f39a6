// What carries the signalling of this page, if not the PeerServer: `?signaling=mqtt&broker=ws://…`, of `npm run demo:mqtt`.

const query = new URLSearchParams(location.search);
const brokers = query.getAll("broker");

const TRANSPORTS = {
  async mqtt() {
    const [{ default: mqttjs }, { mqtt, will }] = await Promise.all([
      import("/clients/mqtt.js"),
      import("/pkg/mqtt.js"),
    ]);
    // The id is needed now: the broker tells the others when this client is gone.
    const id = crypto.randomUUID();
    // The page's policy lets no script run that is not the site's own, as the worker in which mqtt.js would count time.
    const options = { will: will(id), timerVariant: "native" };
    return { id, signaling: mqtt(mqttjs.connect(brokers[0], options)) };
  },
  async nats() {
    const [{ wsconnect }, { nats }] = await Promise.all([
      import("/clients/nats.js"),
      import("/pkg/nats.js"),
    ]);
    return { signaling: nats(await wsconnect({ servers: brokers, maxReconnectAttempts: -1 })) };
  },
};

/** Resolves with the id and the option `signaling` of this page's Peer, as far as its address says. */
export async function ownSignaling() {
  const name = query.get("signaling");
  return Object.hasOwn(TRANSPORTS, name) ? TRANSPORTS[name]() : {};
}
