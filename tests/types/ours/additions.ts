// What ours adds to PeerJS's types.
import DefaultPeer, {
  type BaseConnection,
  type ConnectionError,
  DataConnection,
  type DataConnectionEvents,
  LogLevel,
  MediaConnection,
  type Packable,
  Peer,
  PeerError,
  type PeerInit,
  type ReconnectOption,
  type Unpackable,
  util,
} from "peerjs-wasm";
import Slim, { init, Peer as SlimPeer } from "peerjs-wasm/slim";

const settings: PeerInit = { debug: true, host: "/" };
const peer = new Peer("id", settings);
new DefaultPeer({ debug: false });
new Peer({ debug: LogLevel.All });
new Peer({ reconnect: true });
const patience: ReconnectOption = { retries: 5, minDelay: 500, maxDelay: 60_000 };
new Peer("id", { reconnect: patience });
new Peer("id", { reconnect: {} });

const connection = peer.connect("other", {
  serialization: "none",
  ordered: true,
  maxRetransmits: 0,
  priority: "high",
  constraints: { iceRestart: true },
  sdpTransform: (sdp: string) => sdp,
});
peer.connect("other", { serialization: "my-own", maxPacketLifeTime: 500 });
const [waiting, me]: [number, string] = [connection.bufferSize, connection.id];
const roundTrip: Promise<number> = connection.ping();
roundTrip.catch((error: PeerError) => console.log(error.type));
connection.close({ flush: true });
console.log(waiting, me, connection instanceof DataConnection);

const received: MediaConnection = peer.call("other");
peer.call("other", undefined, { constraints: { offerToReceiveVideo: true } });
peer.call("other", undefined, { constraints: { mandatory: { OfferToReceiveVideo: true } } });
console.log(received.id, received instanceof MediaConnection);

peer.on("connection", (conn, metadata) => console.log(conn.peer, metadata?.name));
peer.on("open", console.log, console);
peer.on("disconnected", (id, retryIn) => console.log(id, (retryIn ?? 0) / 1000));
peer.on("presence", (id, state) => console.log(id, state === "online"));
const trusts: boolean | undefined = peer.options.signaling?.provesSender;
peer.peers().then((ids: string[]) => console.log(ids, trusts));

connection.on("error", (error: ConnectionError) => {
  if (error.type === "peer-unavailable") peer.connect(connection.peer);
  if (error.cause instanceof DOMException) console.log(error.cause.code);
});
received.on("error", (error: ConnectionError) => console.log(error.type === "peer-unavailable"));
const any: PeerError = new PeerError("x", "y");
const either: BaseConnection<DataConnectionEvents, "not-open-yet">["label"] = connection.label;
console.log(any.cause, either);

const binary: boolean = util.supports.binary;
const value: Packable = { view: new DataView(new ArrayBuffer(1)), floats: new Float32Array(2) };
const packed: ArrayBuffer | Promise<ArrayBuffer> = util.pack(value);
const unpacked: Unpackable = util.unpack(packed as ArrayBuffer);
console.log(binary, unpacked, peer.connections.other?.length);

async function main(module: WebAssembly.Module, bytes: BufferSource) {
  await init();
  await init("/assets/peerjs_wasm_bg.wasm");
  await init(new URL("peerjs_wasm_bg.wasm", "https://cdn.example/"));
  await init(fetch("/x.wasm"));
  await init(await fetch("/x.wasm"));
  await init(bytes);
  await init(module);
  const slim: Peer = new SlimPeer();
  return [slim, Slim];
}
console.log(main);
