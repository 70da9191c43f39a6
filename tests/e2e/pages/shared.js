// Connections that share one RTCPeerConnection.

globalThis.shared = (() => {
  const KINDS = [
    { label: "chat", reliable: true, metadata: { a: 1 } },
    { label: "state", serialization: "json", reliable: true },
    { label: "positions", serialization: "raw", ordered: true, maxRetransmits: 3 },
    { label: "log", serialization: "binary-utf8", ordered: true, maxRetransmits: 0, metadata: [1] },
  ];

  /** A connection over another one, open at both ends: {out, in}. */
  async function connect(over, remote, options, accept) {
    const arrival = e2e.next(remote, "connection", accept);
    const out = e2e.watchConnection(over.connect(options), "near");
    const opened = out.open || e2e.next(out, "open");
    const far = e2e.watchConnection(await arrival, "far");
    await Promise.all([opened, far.open || e2e.next(far, "open")]);
    return { out, in: far };
  }

  /** One connection of each kind over that of `pair`, and what the remote was told of them. */
  async function four({ out, far }) {
    const ends = [];
    for (const options of KINDS) ends.push(await connect(out, far, options));
    const offered = ends.map(({ in: { serialization, label, metadata, reliable } }) => [
      serialization,
      label,
      metadata ?? null,
      reliable,
    ]);
    return { pc: out.peerConnection, ends, offered };
  }

  /** A message that has this number, as the serialization of `conn` can carry it; and back. */
  const value = (conn, n) => (conn.serialization === "raw" ? String(n) : { n });
  const number = (value) => (typeof value === "object" && "n" in value ? value.n : Number(value));

  /** A call over a connection, which rings at the remote: {out, in}. */
  async function ring(over, remote, stream, options) {
    const arrival = e2e.next(remote, "call");
    const out = calls.watchCall(over.call(stream, options), "near");
    return { out, in: calls.watchCall(await arrival, "far") };
  }

  /** The same, answered and open at both ends. */
  async function call(over, remote, sends, answers, options) {
    const ends = await ring(over, remote, await calls.capture(...sends), options);
    const opened = e2e.next(ends.out, "willCloseOnRemote");
    ends.in.answer(await calls.capture(...answers));
    await opened;
    return ends;
  }

  return { connect, ring, call, four, value, number };
})();
