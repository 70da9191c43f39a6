// One end of a call in the interoperability matrix.

globalThis.matrix = (() => {
  let peer;
  let ringing;
  let call;
  let closed;

  /** Resolves with the kinds of tracks that were seen, of those that are to come. */
  async function talk(comes) {
    closed = e2e.next(call, "close");
    const connected = e2e.next(call, "willCloseOnRemote");
    const seen = comes.length > 0 ? await calls.seen(call, ...comes) : [];
    await connected;
    return seen;
  }

  async function ended() {
    await closed;
    e2e.end();
    return call.open;
  }

  return {
    async start(lib) {
      peer = await e2e.openPeer(lib);
      ringing = e2e.next(peer, "call");
      return peer.id;
    },

    async call(id, sends, comes) {
      call = calls.watchCall(peer.call(id, await calls.capture(...sends)), "near");
      return talk(comes);
    },

    async answer(sends, comes) {
      call = calls.watchCall(await ringing, "far");
      ringing = e2e.next(peer, "call");
      const talking = talk(comes);
      call.answer(await calls.capture(...sends));
      return talking;
    },

    hangUp() {
      call.close();
      return ended();
    },

    ended,
  };
})();
