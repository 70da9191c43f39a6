// A far end that keeps to no rule: a bare WebSocket and RTCDataChannel. And a look at how a page bears it.

globalThis.hostile = (() => {
  const NO_SERVERS = { iceServers: [] };

  /** A client of the PeerServer that sends what it likes. */
  async function dial(id) {
    const { host, port, path } = e2e.server;
    const query = new URLSearchParams({ key: "peerjs", id, token: Math.random() });
    const socket = new WebSocket(`ws://${host}:${port}${path}peerjs?${query}`);
    const heard = new EventTarget();
    socket.addEventListener("message", ({ data }) => {
      const frame = JSON.parse(data);
      heard.dispatchEvent(Object.assign(new Event(frame.type), { frame }));
    });
    e2e.atEnd(() => socket.close());
    await e2e.awaited("OPEN", new Promise((resolve) => heard.addEventListener("OPEN", resolve)));
    return { id, heard, send: (frame) => socket.send(JSON.stringify(frame)) };
  }

  const newId = () => `dc_${Math.random().toString(36).slice(2)}`;

  /** An offer that makes sense, but for what `changes` says. */
  async function offer(pc, changes = {}) {
    await pc.setLocalDescription(await pc.createOffer());
    const { type, sdp } = pc.localDescription;
    const about = { label: "hostile", reliable: true, serialization: "binary" };
    return { sdp: { type, sdp }, type: "data", connectionId: newId(), ...about, ...changes };
  }

  /** Connects to `dst` over the signalling `line`; resolves with the open channel. */
  async function connect(line, dst, { serialization, connectionId = newId() } = {}) {
    const pc = new RTCPeerConnection(NO_SERVERS);
    e2e.atEnd(() => pc.close());
    const channel = pc.createDataChannel("hostile");
    channel.bufferedAmountLowThreshold = 1 << 20;
    const mine = ({ frame }) => frame.payload.connectionId === connectionId;
    line.heard.addEventListener("ANSWER", (event) => {
      if (!mine(event)) return;
      const { type, sdp } = event.frame.payload.sdp;
      // What the far side says it takes is no limit for the one who ignores it.
      const free = sdp.replace(/(a=max-message-size:)\d+/, "$11073741823");
      pc.setRemoteDescription({ type, sdp: free });
    });
    line.heard.addEventListener("CANDIDATE", (event) => {
      if (mine(event) && event.frame.payload.candidate.candidate) {
        pc.addIceCandidate(event.frame.payload.candidate);
      }
    });
    pc.addEventListener("icecandidate", ({ candidate }) => {
      if (!candidate?.candidate) return;
      line.send({ type: "CANDIDATE", dst, payload: { candidate, type: "data", connectionId } });
    });
    line.send({ type: "OFFER", dst, payload: await offer(pc, { serialization, connectionId }) });
    await e2e.nextDom(channel, "open");
    return { channel, connectionId, send: (frames) => sendAll(channel, frames) };
  }

  async function sendAll(channel, frames) {
    for (const frame of frames) {
      if (channel.readyState !== "open") return;
      channel.send(frame);
      if (channel.bufferedAmount > 2 << 20) await e2e.nextDom(channel, "bufferedamountlow");
    }
  }

  const bytes = (...parts) =>
    Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...ascii(part)] : part)));
  const ascii = (text) => new TextEncoder().encode(text);
  const u32 = (number) => [
    number >>> 24,
    (number >>> 16) & 255,
    (number >>> 8) & 255,
    number & 255,
  ];
  const f64 = (number) => [0xcb, ...new Uint8Array(new Float64Array([number]).buffer).reverse()];
  const text = (value) => bytes([0xd8, value.length >> 8, value.length & 255], value);

  /** A piece of a message, as PeerJS cuts them. */
  function piece(id, n, total, data) {
    const head = bytes([0x84, 0xba], "__peerData", f64(id), [0xb1], "n", f64(n));
    const rest = bytes([0xb5], "total", f64(total), [0xb4], "data", [0xdb, ...u32(data.length)]);
    const frame = new Uint8Array(head.length + rest.length + data.length);
    frame.set(head);
    frame.set(rest, head.length);
    frame.set(data, head.length + rest.length);
    return frame;
  }

  const fill = (length, ...pattern) =>
    new Uint8Array(length).map((_, at) => pattern[at % pattern.length]);

  /** `count` frames without sense. */
  function* junk(count) {
    for (let i = 0; i < count; i++) {
      const frame = crypto.getRandomValues(new Uint8Array(1 + (i % 200)));
      // As if it were something, every other time.
      if (i % 2) frame[0] = [0x84, 0x81, 0xdd, 0xdf, 0xdb, 0xd9, 0xde, 0xca][(i >> 1) % 8];
      yield frame;
    }
  }

  /** An array of as many of these values as fit into a frame. */
  function crowd(length, ...value) {
    const count = Math.floor((length - 5) / value.length);
    const frame = fill(5 + count * value.length, 0);
    frame.set([0xdd, ...u32(count)]);
    for (let i = 0; i < count; i++) frame.set(value, 5 + i * value.length);
    return frame;
  }

  const FRAME = 256 << 10;

  /** Frames that are no value, each of them an error. */
  const WRONG = {
    binary: {
      "nothing at all": bytes(),
      "half a number": bytes([0xcb, 1, 2]),
      "two values": bytes([0xc0, 0xc0]),
      "an array of 4 billion": bytes([0xdd, 0xff, 0xff, 0xff, 0xff]),
      "a map of 4 billion": bytes([0xdf, 0xff, 0xff, 0xff, 0xff]),
      "a string of 4 GB": bytes([0xd9, 0xff, 0xff, 0xff, 0xff], "x"),
      "a binary of 4 GB": bytes([0xdb, 0xff, 0xff, 0xff, 0xff], "x"),
      "arrays 10,001 deep": fill(10_001, 0x91),
      "arrays 200,000 deep": fill(200_000, 0x91),
      "maps 50,000 deep": fill(150_000, 0x81, 0xb1, 0x61),
      "an array as a key": bytes([0x81, 0x90, 0xc0]),
      "a piece twice": [piece(1, 0, 3, [0x93]), piece(1, 0, 3, [0x93])],
      "a piece beyond the last": piece(2, 3, 3, [0]),
      "a piece of nothing": piece(3, 0, 0, [0]),
      "a piece before the first": piece(4, -1, 3, [0]),
      "a piece of too many": piece(5, 0, 2 ** 53, [0]),
      "another total": [piece(6, 0, 3, [0x93]), piece(6, 1, 4, [0])],
      "a message of no value": piece(7, 0, 1, [0x92, 0xc0]),
    },
    json: {
      "no JSON": ascii("{"),
      "half a text": ascii('"x'),
      "two values": ascii("1 2"),
      "arrays 100,000 deep": ascii("[".repeat(100_000)),
      "bytes at random": bytes([0xff, 0xfe, 0x00, 0x80]),
    },
  };

  /** A MessagePack stream does not go on behind one of these. */
  const BROKEN_STREAMS = {
    "a byte that begins nothing": bytes([0xc1]),
    "a key that cannot be": bytes([0x81, 0x90, 0xc0]),
    __proto__: bytes([0x81, 0xa9], "__proto__", [0x80]),
    "arrays 200,000 deep": fill(200_000, 0x91),
  };

  // What anybody on this page does about a message, and when a timer fires, is timed: this is loaded before the builds.
  // (Chromium tells of long tasks in a tab that is seen, Firefox of none.)
  let longest = [];
  /** How long the same work took, every now and then. */
  let paces = [];

  function timed(act) {
    return function (...args) {
      const start = performance.now();
      try {
        return act.apply(this, args);
      } finally {
        longest.push(Math.round(performance.now() - start));
        longest = longest.sort((a, b) => b - a).slice(0, 5);
      }
    };
  }

  /**
   * How long the longest task so far was, or the `nth` longest, in milliseconds; and how many times as long as at its best
   * this page took for the same work meanwhile, since others use the processor too. All are forgotten.
   */
  function takeLongest(nth = 0) {
    paces.push(e2e.pace(), e2e.pace());
    const it = { took: longest[nth] ?? 0, slowdown: Math.max(...paces) / Math.min(...paces) };
    longest = [];
    paces = [];
    return it;
  }

  const listeners = new WeakMap();
  for (const { prototype } of [RTCDataChannel, RTCPeerConnection, WebSocket]) {
    const { addEventListener, removeEventListener } = EventTarget.prototype;
    prototype.addEventListener = function (event, listener, options) {
      if (!listeners.has(listener)) listeners.set(listener, timed(listener));
      addEventListener.call(this, event, listeners.get(listener), options);
    };
    prototype.removeEventListener = function (event, listener, options) {
      removeEventListener.call(this, event, listeners.get(listener), options);
    };
  }
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (act, ...rest) => setTimeout(timed(act), ...rest);

  /**
   * A Peer that strangers may attack, with a friend at whose connection it shows if that hurts.
   * Resolves with its id. `standing` is what has become of it.
   */
  async function stand(options) {
    const standing = { strangers: [], log: {}, errors: [], living: 0, mostLiving: 0 };
    // Without what the text is about, so that equal ones can be counted.
    const logFunction = (_, what) => {
      standing.log[what] = (standing.log[what] ?? 0) + 1;
      changed.dispatchEvent(new Event("change"));
    };
    const [victim, friend] = await Promise.all([
      e2e.openPeer("ours", undefined, { debug: 2, logFunction, ...options }),
      e2e.openPeer("ours"),
    ]);
    const [out, friendly] = await e2e.link(friend, victim, { reliable: true });
    const inbox = e2e.inbox(friendly);
    victim.on("connection", (conn) => {
      standing.mostLiving = Math.max(standing.mostLiving, ++standing.living);
      conn.on("close", () => standing.living--);
      standing.strangers.push(watch(conn));
      changed.dispatchEvent(new Event("change"));
    });
    victim.on("error", (error) => standing.errors.push(error.type));
    Object.assign(standing, { victim, friend, out, friendly, inbox });
    longest = [];
    const sampling = setInterval(() => paces.push(e2e.pace()), 250);
    e2e.atEnd(() => clearInterval(sampling));
    hostile.standing = standing;
    return victim.id;
  }

  /** Something that the one who waits for it may look at again. */
  const changed = new EventTarget();

  /** Waits until `look(standing)` finds something. */
  function until(what, look) {
    const found = new Promise((resolve) => {
      const check = () => {
        if (!look(hostile.standing)) return;
        changed.removeEventListener("change", check);
        resolve();
      };
      changed.addEventListener("change", check);
      check();
    });
    return e2e.awaited(what, found);
  }

  /** What `conn` tells: `data` that is no text by its type. */
  function watch(conn) {
    const seen = { conn, data: [], errors: [], opened: false, closed: false };
    const note = (event, act) =>
      conn.on(event, (value) => {
        act(value);
        changed.dispatchEvent(new Event("change"));
      });
    note("open", () => (seen.opened = true));
    note("data", (data) => seen.data.push(typeof data === "string" ? data : typeof data));
    note("error", (error) => seen.errors.push(error.type));
    note("close", () => (seen.closed = true));
    return seen;
  }

  /** How the one who stands there is, and what a friend's word took to come. */
  async function unharmed(nth) {
    const { out, friendly, inbox, log, errors } = hostile.standing;
    out.send("still there?");
    const said = await inbox.take("a friend's word");
    const polluted = Object.keys(Object.getOwnPropertyDescriptors(Object.prototype)).length;
    return { said, polluted, longest: takeLongest(nth), friendly: friendly.open, log, errors };
  }

  return {
    ...{ dial, connect, offer, newId, piece, fill, crowd, junk, text, bytes, ascii },
    ...{ FRAME, WRONG, BROKEN_STREAMS, takeLongest, stand, until, unharmed },
  };
})();
