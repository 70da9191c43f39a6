import Peer, { PeerError, PeerErrorType } from "peerjs-wasm";

const peer = new Peer();
const connection = peer.connect("other");
const call = peer.call("other", new MediaStream());

peer.on("opened", () => {}); // TS2345
peer.on("open", (id: number) => id); // TS2345
peer.on("open", (id) => id.nothing); // TS2339
peer.on("open", (id, more) => console.log(id, more)); // TS2345
peer.on("connection", (call: typeof import("peerjs-wasm").MediaConnection.prototype) => call); // TS2345
peer.on("call", (call) => call.send("data")); // TS2339
peer.on("error", (error) => error.type === "no-such-type"); // TS2367
peer.on("error", (error) => error.type.toFixed()); // TS2551
peer.once("data", () => {}); // TS2345
peer.off("opened"); // TS2345
peer.removeAllListeners("opened"); // TS2345
peer.listenerCount("opened"); // TS2345
peer.emit("open"); // TS2554
peer.emit("open", 5); // TS2345
peer.emit("call", connection); // TS2740
peer.emitError("made-up", "text"); // TS2345
peer.emitError(PeerErrorType.Network); // TS2554

connection.on("stream", () => {}); // TS2345
connection.on("data", (data) => data.length); // TS18046
connection.on("data", (data: string) => data.length); // TS2345
connection.on("iceStateChanged", (state) => state === "lost"); // TS2367
connection.on("close", (why) => console.log(why)); // TS2345
connection.on("error", (error: PeerError<"not-open-yet">) => error); // TS2345

call.on("data", () => {}); // TS2345
call.on("stream", (stream: MediaStreamTrack) => stream); // TS2345
call.on("error", (error) => error.type === "not-open-yet"); // TS2367

new PeerError(5, "text"); // TS2345
new PeerError("type"); // TS2554
new PeerError("type", 5); // TS2345
