// One end of a cell of the interoperability matrix. Both ends run the same exchange in lockstep.

globalThis.matrix = (() => {
  const ends = new Map();
  const arrivals = [];
  let peer;

  function take(conn, side) {
    e2e.watchConnection(conn, side);
    const opened = conn.open ? Promise.resolve() : e2e.next(conn, "open");
    ends.set(conn.label, { conn, opened, inbox: e2e.inbox(conn), closed: e2e.next(conn, "close") });
  }

  /** What the documents promise that a connection says about itself. */
  const seen = ({
    type,
    label,
    metadata,
    reliable,
    serialization,
    open,
    peer: id,
    dataChannel,
  }) => ({
    type,
    label,
    metadata,
    reliable,
    serialization,
    open,
    peer: id,
    ordered: dataChannel.ordered,
  });

  return {
    async start(lib) {
      peer = await e2e.openPeer(lib, undefined, serializers.optionsFor(lib));
      peer.on("connection", (conn) => {
        take(conn, "far");
        for (const look of arrivals) look(conn.label);
      });
      return peer.id;
    },

    async connect(id, options) {
      take(peer.connect(id, options), "near");
      const { conn, opened } = ends.get(options.label);
      await opened;
      return seen(conn);
    },

    async accept(label) {
      if (!ends.has(label)) {
        const arrived = new Promise((resolve) => {
          arrivals.push((each) => each === label && resolve());
        });
        await e2e.awaited(`connection ${label}`, arrived);
      }
      const { conn, opened } = ends.get(label);
      await opened;
      return seen(conn);
    },

    /**
     * Sends every value that the serialization carries and gets it back, or the other way round.
     * Resolves with what went wrong, in words.
     */
    async exchange(label, serialization, { starts, large, lenient }) {
      const { conn, inbox } = ends.get(label);
      const wrong = [];
      const send = (name, value) => {
        try {
          conn.send(value);
        } catch (error) {
          wrong.push(`${name}: send throws ${error}`);
          conn.send("send threw"); // so that the other end does not wait for ever
        }
      };
      for (const [name, value] of e2e.values.of(serialization, large)) {
        const expected = await e2e.values.arriving(serialization, value);
        if (starts) send(name, value);
        const difference = e2e.values.difference(expected, await inbox.take(name), lenient);
        if (difference) wrong.push(`${name}: ${difference}`);
        if (!starts) send(name, value);
      }
      return wrong;
    },

    async finish(label, closes) {
      const { conn, closed } = ends.get(label);
      if (closes) conn.close();
      await closed;
      ends.delete(label);
      return { open: conn.open };
    },
  };
})();
