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
  async function mqttClient(url) {
    const { default: mqttjs } = await import("/mqtt/mqtt.esm.js");
    const client = await mqttjs.connectAsync(url);
    e2e.atEnd(() => client.end(true));
    return client;
  }

  return {
    on,
    mqttClient,
    tabs: (name) => on("tabs", ({ broadcastChannel }) => broadcastChannel(name)),
  };
})();
