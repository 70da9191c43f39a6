// What a program can reach of a Peer, its two kinds of connections and `util`, as types and simple values.

globalThis.surface = async (lib) => {
  const TOLD = ["boolean", "number", "string"];
  // Different from one run, or one build, to the next.
  const OWN = /^(id|peer|label|connectionId|token|port|key|browserVersion)$/;

  function describe(object) {
    const seen = {};
    for (let it = object; it && it !== Object.prototype; it = Object.getPrototypeOf(it)) {
      for (const name of Object.getOwnPropertyNames(it)) {
        const value = object[name];
        const type = value === null ? "null" : typeof value;
        seen[name] ??= TOLD.includes(type) && !OWN.test(name) ? `${type} ${value}` : type;
      }
    }
    return seen;
  }

  const ends = { from: lib, to: lib, label: "a label", metadata: { some: "metadata" } };
  const { near, far, out } = await e2e.pair(ends);
  const stream = await calls.capture("audio");
  const ringing = e2e.next(far, "call");
  const call = near.call(far.id, stream, { metadata: "more" });
  const heard = e2e.next(call, "stream");
  const incoming = await ringing;
  // PeerJS stumbles over a peer that is destroyed before the channel of a call is there.
  const settled = [call, incoming].map((end) => e2e.next(end, "willCloseOnRemote"));
  incoming.answer(stream);
  await Promise.all([heard, ...settled]);
  const { util } = e2e.libs[lib];
  return {
    peer: describe(near),
    dataConnection: describe(out),
    mediaConnection: describe(call),
    util: describe(util),
    "util.supports": describe(util.supports),
  };
};
