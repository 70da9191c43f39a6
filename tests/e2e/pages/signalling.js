// Peers whose signalling is not a PeerServer.

globalThis.signalling = (() => {
  /** What makes peers on the transport that `make(module)` gives. */
  async function on(module, make) {
    const transport = make(await import(`/pkg/${module}.js`));
    return (id, options = {}) => {
      const peer = new e2e.libs.ours.Peer(id, { signaling: transport, ...options });
      e2e.atEnd(() => peer.destroy());
      return peer;
    };
  }

  /** A client of mqtt.js that is connected. */
  async function mqttClient(url, options) {
    const { default: mqttjs } = await import("/mqtt/mqtt.esm.js");
    const client = await mqttjs.connectAsync(url, { reconnectPeriod: 50, ...options });
    client.on("error", () => {});
    e2e.atEnd(() => client.end(true));
    return client;
  }

  /** A connection to the first of these NATS servers that answers, by WebSocket. */
  async function natsConnection(...servers) {
    const { wsconnect } = await import("/nats.js");
    const options = { servers, noRandomize: true, reconnectTimeWait: 50, maxReconnectAttempts: -1 };
    const connection = await wsconnect(options);
    e2e.atEnd(() => connection.close());
    return connection;
  }

  /** Resolves when the connection is on a server again. */
  async function reconnected(connection) {
    for await (const { type } of connection.status()) if (type === "reconnect") return;
  }

  /** A transport that keeps what is to be sent until `release()`. */
  function holding(factory) {
    let held = [];
    const lines = (url) => {
      const line = factory(url);
      const send = line.send.bind(line);
      line.send = (frame) => (held ? held.push(() => send(frame)) : send(frame));
      return line;
    };
    lines.release = () => {
      for (const go of held) go();
      held = undefined;
    };
    return lines;
  }

  return {
    on,
    mqttClient,
    natsConnection,
    reconnected,
    holding,
    tabs: (name, options) => on("tabs", ({ broadcastChannel }) => broadcastChannel(name, options)),
  };
})();
