// Serializers as people write them for PeerJS.
import {
  BufferedConnection,
  DataConnection,
  DataConnectionErrorType,
  MsgPack,
  MsgPackPeer,
  Peer,
  type SerializerMapping,
  StreamConnection,
} from "peerjs";

class Reversed extends BufferedConnection {
  readonly serialization = "reversed";
  private readonly encoder = new TextEncoder();
  private readonly decoder = new TextDecoder();

  protected override _handleDataMessage({ data }: { data: ArrayBuffer }): void {
    const text = this.decoder.decode(data);
    this.emit("data", [...text].reverse().join(""));
  }

  protected override _send(data: any, _chunked: boolean): void | Promise<void> {
    const bytes = this.encoder.encode([...String(data)].reverse().join(""));
    if (bytes.byteLength > 1000) {
      this.emitError(DataConnectionErrorType.MessageToBig, "too long");
      return;
    }
    this._bufferedSend(bytes.buffer as ArrayBuffer);
  }

  override close(options?: { flush?: boolean }): void {
    console.log(this.bufferSize, DataConnection.MAX_BUFFERED_AMOUNT, DataConnection.ID_PREFIX);
    super.close(options);
  }
}

class Lines extends StreamConnection {
  readonly serialization = "lines";

  constructor(peerId: string, provider: Peer, options: any) {
    super(peerId, provider, options);
    this.read();
  }

  private async read() {
    const reader = this._rawReadStream.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      this.emit("data", new TextDecoder().decode(value));
    }
  }

  protected override _send(data: string): Promise<void> {
    return this.writer.write(new TextEncoder().encode(`${data}\n`));
  }
}

class Direct extends DataConnection {
  readonly serialization: string = "direct";
  // Names that PeerJS leaves to its subclasses.
  id = crypto.randomUUID();
  get bufferSize() {
    return this.dataChannel.bufferedAmount;
  }

  override _initializeDataChannel(dc: RTCDataChannel): void {
    super._initializeDataChannel(dc);
    dc.binaryType = "arraybuffer";
    dc.addEventListener("message", (event) => this.emit("data", event.data));
    console.log(this._open, this.reliable);
  }

  protected _send(data: any, chunked: boolean): void {
    if (!chunked) this.dataChannel.send(data);
  }
}

class Compact extends MsgPack {
  protected override async _send(data: any): Promise<void> {
    await super._send({ data });
  }
}

const serializers: SerializerMapping = {
  reversed: Reversed,
  lines: Lines,
  direct: Direct,
  MsgPack,
  compact: Compact,
  default: Reversed,
};
const peer = new Peer({ serializers });
const connection = peer.connect("other", { serialization: "reversed" });
if (connection instanceof Reversed) console.log(connection.bufferSize);
connection.send("x", false);

const packed = new MsgPackPeer("id");
const stream = packed.connect("other");
stream.send({ when: new Date(), bytes: new Uint8Array(3) })?.then(() => console.log("taken"));
const table: SerializerMapping = packed._serializers;
packed._serializers = { ...table, lines: Lines };
const name: "MsgPack" = new MsgPack("other", packed, {}).serialization;
const asPeer: Peer = packed;
console.log(name, asPeer);
