import Peer, {
  BufferedConnection,
  DataConnection,
  type LogLevel,
  type PeerConnectOption,
  type PeerErrorType,
  SerializationType,
  util,
} from "peerjs-wasm";
import { init } from "peerjs-wasm/slim";

new Peer(5); // TS2769
new Peer({ hots: "localhost" }); // TS2769
new Peer({ port: "9000" }); // TS2769
new Peer({ debug: "all" }); // TS2769
new Peer({ referrerPolicy: "whatever" }); // TS2769
new Peer({ serializers: { mine: class {} } }); // TS2769
new Peer({ logFunction: (level: string) => level }); // TS2769
new Peer({ reconnect: "yes" }); // TS2769
new Peer({ reconnect: { retries: "3" } }); // TS2769
new Peer({ reconnect: { delay: 5 } }); // TS2769
new Peer("id", "options"); // TS2559
const peer = new Peer();
peer.id = "other"; // TS2540
peer.open = true; // TS2540
peer.connect(); // TS2554
peer.connect(5); // TS2345
peer.connect("other", { reliable: "yes" }); // TS2322
peer.connect("other", { ordered: 1 }); // TS2322
peer.connect("other", { maxRetransmits: "3" }); // TS2322
peer.connect("other", { priority: "urgent" }); // TS2322
peer.connect("other", { serialization: 5 }); // TS2322
peer.connect("other", { sdpTransform: "sdp" }); // TS2322
peer.connect("other", { lable: "chat" }); // TS2561
peer.call("other", "camera"); // TS2345
peer.call("other", new MediaStream(), { sdpTransform: 5 }); // TS2322
peer.getConnection("other"); // TS2554
peer.getConnection("other", "id").close(); // TS2531
peer.listAllPeers("all"); // TS2345
peer.reconnect("id"); // TS2554

const connection = peer.connect("other");
connection.send(); // TS2554
connection.close(true); // TS2559
connection.close({ flush: 1 }); // TS2322
connection.peer = "another"; // TS2540
connection.bufferSize = 0; // TS2540
connection.id = "me"; // TS2540
connection._open; // TS2445
connection._send("x", false); // TS2445
new DataConnection("other", peer, {}); // TS2511
peer.call("other").answer("stream"); // TS2345

class Unfinished extends BufferedConnection {} // TS2654
class Mistyped extends DataConnection {
  readonly serialization = 5; // TS2416
  protected _send = (data: any): string => data; // TS2416
}
console.log(Unfinished, Mistyped);

const level: LogLevel = "All"; // TS2322
const type: PeerErrorType = "network"; // TS2322
SerializationType.Json; // TS2551
const options: PeerConnectOption = { metadata: 5, reliable: 5 }; // TS2322
console.log(level, type, options);

util.validateId(5); // TS2345
util.pack(Symbol("x")); // TS2345
util.pack({ big: 5n }); // TS2345
util.unpack("text"); // TS2345
util.CLOUD_PORT = 80; // TS2540
util.supports.everything; // TS2339
util.blobToArrayBuffer(new Blob(), (text: string) => text); // TS2345
init(null); // TS2345
