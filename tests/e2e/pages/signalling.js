// Peers whose signalling is not a PeerServer.

const signalling = (() => {
  /** What makes peers on the transport that `make(module)` gives. */
  async function on(module, make) {
    const transport = make(await import(`/pkg/${module}.js`));
    return (id, options = {}) => {
      const peer = new e2e.libs.ours.Peer(id, { signaling: transport, ...options });
      e2e.atEnd(() => peer.destroy());
      return peer;
    };
  }

  return {
    on,
    tabs: (name) => on("tabs", ({ broadcastChannel }) => broadcastChannel(name)),
  };
})();
