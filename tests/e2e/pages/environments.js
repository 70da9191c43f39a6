// What programs written for PeerJS do that its documents do not promise: each function runs on a build by its name.

globalThis.environments = {
  /** The tracks that a form of `getUserMedia` gives. */
  media: {
    method: (ok, no) => navigator.getUserMedia({ video: true, audio: true }, ok, no),
    chain(ok, no) {
      const getUserMedia =
        navigator.getUserMedia || navigator.webkitGetUserMedia || navigator.mozGetUserMedia;
      getUserMedia({ video: true, audio: true }, ok, no);
    },
    assigned(ok, no) {
      navigator.getUserMedia =
        navigator.getUserMedia || navigator.webkitGetUserMedia || navigator.mozGetUserMedia;
      navigator.getUserMedia({ video: true, audio: true }, ok, no);
    },
    unfailing: (ok) => navigator.getUserMedia({ video: true, audio: true }, ok),
  },

  async getUserMedia(form) {
    const stream = await new Promise((ok, no) => this.media[form](ok, no));
    const kinds = stream.getTracks().map((track) => track.kind);
    for (const track of stream.getTracks()) track.stop();
    return kinds.sort().join();
  },

  async refusedMedia() {
    const impossible = { video: { deviceId: { exact: "none such" } } };
    const refused = (no) => navigator.getUserMedia(impossible, () => no({ name: "none" }), no);
    const { name } = await new Promise(refused);
    return name;
  },

  /** What is left of a call's stream once it is removed and another added, as programs switch cameras. */
  async switchStream(lib) {
    const [near, far] = [await e2e.openPeer(lib), await e2e.openPeer(lib)];
    const audio = () => new AudioContext().createMediaStreamDestination().stream;
    const [first, second] = [audio(), audio()];
    far.on("call", (call) => call.answer());
    const call = near.call(far.id, first);
    const { peerConnection } = call;
    peerConnection.removeStream(first);
    peerConnection.addStream(second);
    const sent = peerConnection.getSenders().map(({ track }) => track);
    return [sent.includes(first.getTracks()[0]), sent.includes(second.getTracks()[0])];
  },

  /** A message to and fro between two peers made by `wrap`, each connection wrapped too. */
  async talk(lib, wrap, options) {
    const [near, far] = [wrap(await e2e.openPeer(lib)), wrap(await e2e.openPeer(lib))];
    const answered = new Promise((resolve) => {
      far.on("connection", (connection) => {
        const store = wrap(connection);
        store.on("data", (data) => store.send(["heard", data]));
      });
      const connection = wrap(near.connect(far.id, options));
      connection.on("open", () => connection.send({ hello: 1 }));
      connection.on("data", resolve);
    });
    const answer = await answered;
    const known = [near.id === far.id, near.open, Object.keys(near.connections).length];
    near.destroy();
    far.destroy();
    return { answer, known, destroyed: near.destroyed };
  },

  wraps: {
    /** As Vue 2 and a Vuex store do. */
    observed(value, seen = new Set()) {
      const kind = Object.prototype.toString.call(value);
      if (kind !== "[object Object]" && kind !== "[object Array]") return value;
      if (seen.has(value) || !Object.isExtensible(value)) return value;
      seen.add(value);
      for (const key of Object.keys(value)) {
        const property = Object.getOwnPropertyDescriptor(value, key);
        if (!property.configurable) continue;
        let current = value[key];
        Object.defineProperty(value, key, {
          enumerable: true,
          configurable: true,
          get: () => (property.get ? property.get.call(value) : current),
          set(next) {
            if (property.set) property.set.call(value, next);
            else current = next;
            environments.wraps.observed(next, seen);
          },
        });
        environments.wraps.observed(current, seen);
      }
      return value;
    },
    /** As Vue 3 and MobX do. */
    proxied: (value) =>
      new Proxy(value, {
        get: (target, key, receiver) => Reflect.get(target, key, receiver),
        set: (target, key, next, receiver) => Reflect.set(target, key, next, receiver),
      }),
  },

  /**
   * What comes of values through a class of another copy, at `url`, or one derived from it, between a peer of `from` and one
   * of `to`, in both directions, beside what should come.
   */
  async copies([from, to], url, name) {
    const { MsgPack, BufferedConnection } = await import(url);
    const options = { serializers: { MsgPack } };
    if (name === "Text") {
      options.serializers.Text = class extends BufferedConnection {
        serialization = "Text";
        _send(text) {
          this._bufferedSend(new TextEncoder().encode(text));
        }
        _handleDataMessage({ data }) {
          this.emit("data", new TextDecoder().decode(data));
        }
      };
    }
    const near = await e2e.openPeer(from, undefined, options);
    const far = await e2e.openPeer(to, undefined, options);
    const ends = await e2e.link(near, far, { serialization: name });
    const values = this.copied(name === "Text");
    const arrived = [];
    for (const [out, incoming] of [ends, ends.toReversed()]) {
      const arriving = e2e.inbox(incoming);
      for (const value of values) {
        out.send(value);
        arrived.push(this.described(await arriving.take()));
      }
    }
    const closed = e2e.next(ends[1], "close");
    ends[0].close();
    await closed;
    const wanted = values.map((value) => this.described(value, "Uint8Array"));
    return { arrived, wanted: [...wanted, ...wanted] };
  },

  /** What MsgPack carries, or texts. */
  copied(textOnly) {
    const bytes = Uint8Array.from({ length: 40 }, (_, i) => i * 7);
    const texts = ["", "hello", "Grüße, 你好 👋", "broccoli🥦𨋢\u{10ffff}"];
    if (textOnly) return texts;
    const numbers = [0, 1, -1, -2.5, Math.PI, 0x7f, 0x7fff, 0x7fffffff, Number.MAX_SAFE_INTEGER];
    return [
      ...texts,
      "Grüße, 你好 ".repeat(100_000),
      ...numbers,
      true,
      [1, [2, "three"], numbers],
      { hello: { world: [1] }, nothing: null },
      new Date(0),
      new Date(-1),
      new Date("2999-12-31T23:59:59.999Z"),
      new Uint8Array(),
      bytes,
      new Uint8Array(bytes.buffer, 4),
      new Int32Array(bytes.buffer),
      { parts: [bytes, new Date(1)] },
    ];
  },

  /** A value as JSON has it; bytes with the name of their class, or of `kind`. */
  described(value, kind) {
    if (value instanceof Date) return { date: value.getTime() };
    if (ArrayBuffer.isView(value)) {
      const { buffer, byteOffset, byteLength } = value;
      return {
        kind: kind ?? value.constructor.name,
        bytes: [...new Uint8Array(buffer, byteOffset, byteLength)],
      };
    }
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([key, inner]) => [key, this.described(inner, kind)]);
    return Object.fromEntries(entries);
  },

  clonedOptions(lib) {
    const peer = new e2e.libs[lib].Peer(e2e.server);
    const { token, ...options } = structuredClone(peer.options);
    peer.destroy();
    return { token: typeof token, ...options };
  },

  /** What React's StrictMode does to a component that makes a Peer: makes it, destroys it, makes it. */
  async mountTwice(known) {
    const id = `strict-${Math.random().toString(36).slice(2)}`;
    const first = e2e.makePeer("ours", id);
    if (known) await e2e.next(first, "open");
    first.destroy();
    return (await e2e.openPeer("ours", id)).id === id;
  },

  /** The first error of `connect` or `call` where RTCPeerConnection is a test suite's stand-in. */
  async standIn(kind, what) {
    const peer = await e2e.openPeer("ours");
    const real = globalThis.RTCPeerConnection;
    globalThis.RTCPeerConnection = this.standIns[kind];
    try {
      const failed = e2e.next(peer, "error");
      if (what === "call") peer.call("nobody", new MediaStream());
      else peer.connect("nobody");
      return (await failed).type;
    } catch (error) {
      return error.name;
    } finally {
      globalThis.RTCPeerConnection = real;
    }
  },

  standIns: {
    empty: class {},
    "without events": class {
      createDataChannel = () => ({});
      createOffer = async () => ({ type: "offer", sdp: "" });
      setLocalDescription = async () => {};
      close() {}
    },
    "without promises": class extends EventTarget {
      createDataChannel = () => new EventTarget();
      createOffer = () => ({ type: "offer", sdp: "" });
      setLocalDescription() {}
      close() {}
    },
    "that throws": class {
      constructor() {
        throw new Error("no RTCPeerConnection in this test");
      }
    },
  },

  /** A trap, made by taking from a Peer what it holds of Rust. */
  trap() {
    const { Peer } = e2e.libs.ours;
    const peer = new Peer(e2e.server);
    peer[Symbol.for("peerjs-wasm")].__wbg_ptr = 0;
    const outcome = (act) => {
      try {
        act();
        return "works";
      } catch (error) {
        return error instanceof WebAssembly.RuntimeError ? "trap" : error.message;
      }
    };
    return [outcome(() => peer.id), outcome(() => new Peer(e2e.server)), outcome(() => peer.open)];
  },
};
