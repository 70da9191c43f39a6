// A whole life of two peers, in which every event there is happens once, and something happens in each.

globalThis.lives = (() => {
  /** The events of each kind of emitter in the order in which `live` brings them about. */
  const EVENTS = {
    peer: ["open", "connection", "call", "error", "disconnected", "close"],
    data: ["open", "data", "error", "iceStateChanged", "close"],
    media: ["stream", "willCloseOnRemote", "iceStateChanged", "error", "close"],
  };

  /** `act(name, emitter)` happens in every event, after it was noted. Resolves with the events in order. */
  async function live(act = () => {}) {
    const seen = [];
    const waiting = [];

    function heed(emitter, kind, whose) {
      for (const event of EVENTS[kind]) {
        const name = `${whose} ${kind} ${event}`;
        emitter.on(event, (value) => {
          if (event === "connection") heed(value, "data", whose);
          if (event === "call") heed(value, "media", whose);
          if (!seen.includes(name)) seen.push(name);
          for (const look of waiting) look();
          act(name, emitter);
        });
      }
      return emitter;
    }

    /** Until `name` was seen. */
    const has = (name) =>
      e2e.awaited(
        name,
        new Promise((resolve) => {
          const look = () => seen.includes(name) && resolve();
          waiting.push(look);
          look();
        }),
      );

    /** What a listener throws within a call of the page's own comes out of that. */
    const quietly = (call) => {
      try {
        call();
      } catch (error) {
        if (!error.message.startsWith("thrown")) throw error;
      }
    };

    const stream = await calls.capture("audio");
    const near = heed(e2e.makePeer("ours"), "peer", "near");
    const far = e2e.makePeer("ours");
    // Before `heed`: a listener that throws keeps those behind it from being called, as in every EventEmitter.
    far.on("connection", (conn) => conn.on("data", (data) => conn.send(data)));
    far.on("call", (call) => call.answer(stream));
    heed(far, "peer", "far");
    await Promise.all([has("near peer open"), has("far peer open")]);

    const conn = heed(near.connect(far.id), "data", "near");
    quietly(() => conn.send("too early"));
    await Promise.all([has("near data open"), has("far data open")]);
    conn.send("echo");
    await has("near data data");

    const call = heed(near.call(far.id, stream), "media", "near");
    await Promise.all([has("near media stream"), has("near media willCloseOnRemote")]);
    quietly(() => call.emitError("test", "of a call"));
    call.close();
    await has("far media close");

    near.listAllPeers();
    await has("near peer error");
    conn.close();
    await has("far data close");
    near.disconnect();
    near.destroy();
    far.destroy();
    await Promise.all([has("near peer close"), has("far peer close")]);
    return seen;
  }

  return { live };
})();
