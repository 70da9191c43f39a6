// Serializers as people write them for PeerJS: the same text extends its classes and ours.

globalThis.serializers = (() => {
  function classesOf({ BufferedConnection, StreamConnection, MsgPack }) {
    // PeerJS does not export it.
    const DataConnection = Object.getPrototypeOf(BufferedConnection);

    /** Frames. */
    class Custom extends BufferedConnection {
      serialization = "custom";
      encoder = new TextEncoder();
      decoder = new TextDecoder();
      closings = [];

      _handleDataMessage({ data }) {
        const value = JSON.parse(this.decoder.decode(data));
        // PeerJS leaves the request of close({ flush: true }) to the serializer.
        if (value?.__peerData?.type === "close") super.close();
        else this.emit("data", value);
      }

      _send(data, chunked) {
        this.chunked = chunked;
        const bytes = this.encoder.encode(JSON.stringify(data) ?? "null");
        if (bytes.byteLength > 200_000) {
          this.emitError("message-too-big", "Cut it down.");
          return;
        }
        this._bufferedSend(bytes);
      }

      close(options) {
        this.closings.push(this.open);
        super.close(options);
      }
    }

    /** A stream of bytes. */
    class Lines extends StreamConnection {
      serialization = "lines";

      constructor(peerId, provider, options) {
        super(peerId, provider, options);
        this.pieces = [];
        this.read(this._rawReadStream.getReader());
      }

      async read(reader) {
        const decoder = new TextDecoder();
        let rest = "";
        for (;;) {
          const { value, done } = await reader.read();
          if (done) return;
          this.pieces.push(value.byteLength);
          const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
          rest = lines.pop();
          for (const line of lines) this.emit("data", line);
        }
      }

      _send(data) {
        return this.writer.write(new TextEncoder().encode(`${data}\n`));
      }
    }

    /** The channel and nothing else. */
    class Direct extends DataConnection {
      serialization = "direct";
      // Names that PeerJS leaves to those who extend its class.
      id = crypto.randomUUID();
      get bufferSize() {
        return this.dataChannel.bufferedAmount;
      }

      _initializeDataChannel(channel) {
        super._initializeDataChannel(channel);
        channel.binaryType = "arraybuffer";
        channel.addEventListener("message", (event) => this.emit("data", event.data));
      }

      _send(data) {
        this.dataChannel.send(data);
      }
    }

    /** On top of one that is there. */
    class Wrapped extends MsgPack {
      serialization = "wrapped";

      _send(data) {
        return super._send({ wrapped: data });
      }
    }

    return { MsgPack, custom: Custom, lines: Lines, direct: Direct, wrapped: Wrapped };
  }

  const made = new Map();

  /** The classes for a build, the same each time; none for PeerJS's script for pages, which has none. */
  function of(lib) {
    const build = e2e.libs[lib];
    if (!made.has(lib)) made.set(lib, build.BufferedConnection ? classesOf(build) : {});
    return made.get(lib);
  }

  const optionsFor = (lib) => ({ serializers: of(lib) });

  /** Two connected peers of this page that have all of the serializers. */
  async function pair({ from, to, serialization }) {
    const [near, far] = await Promise.all(
      [from, to].map((lib) => e2e.openPeer(lib, undefined, optionsFor(lib))),
    );
    const [out, incoming] = await e2e.link(near, far, { serialization, reliable: true });
    return { near, far, out, in: incoming };
  }

  return { of, optionsFor, pair };
})();
