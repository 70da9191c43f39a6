// Every snippet of the PeerJS guide and reference, as a TypeScript program.

// Every snippet of the PeerJS guide and reference, as a TypeScript program.
import DefaultPeer, { type DataConnection, Peer } from "peerjs";

const same: typeof Peer = DefaultPeer;
new same();

const peer = new Peer("pick-an-id", {
  key: "peerjs",
  host: "/",
  port: 9000,
  pingInterval: 5000,
  path: "/myapp",
  secure: true,
  token: "secret",
  config: {
    iceServers: [
      { url: "stun:stun.l.google.com:19302" },
      { url: "turn:homeo@turn.bistri.com:80", credential: "homeo" },
    ],
    sdpSemantics: "unified-plan",
  },
  debug: 2,
  referrerPolicy: "no-referrer",
});

peer.on("open", (id) => {
  console.log(`My peer ID is: ${id.toUpperCase()}`);
});
peer.on("connection", (conn) => {
  conn.on("data", (data) => console.log("Received", data));
  conn.send({ greeting: "Hello!" });
});
peer.on("call", (call) => {
  navigator.mediaDevices
    .getUserMedia({ video: true, audio: true })
    .then((stream) => call.answer(stream))
    .catch(() => call.close());
});
peer.on("close", () => {});
peer.on("disconnected", () => peer.reconnect());
peer.on("error", (error) => {
  if (error.type === "peer-unavailable") console.warn(error.message, error.stack, error.name);
});

const conn: DataConnection = peer.connect("dest-peer-id", {
  label: "chat",
  metadata: { name: "me" },
  serialization: "json",
  reliable: true,
});
conn.on("open", () => {
  conn.on("data", (data) => {
    if (typeof data === "string") console.log(data.length);
    else if (data instanceof ArrayBuffer) console.log(data.byteLength);
    else console.log((data as { andMore: { bool: boolean } }).andMore.bool);
  });
  conn.send({
    strings: "hi!",
    numbers: 150,
    arrays: [1, 2, 3],
    evenBinary: new Blob(["123"]),
    andMore: { bool: true },
  });
});
conn.on("close", () => console.log(conn.open));
conn.on("error", (error) => console.error(error.type, error.message));
conn.on("iceStateChanged", (state) => console.log(state === "connected"));
conn.close();
conn.close({ flush: true });

const about: {
  channel: RTCDataChannel;
  under: RTCPeerConnection;
  label: string;
  metadata: { name: string };
  open: boolean;
  peer: string;
  reliable: boolean;
  serialization: string;
  type: string;
  id: string;
} = {
  channel: conn.dataChannel,
  under: conn.peerConnection,
  label: conn.label,
  metadata: conn.metadata,
  open: conn.open,
  peer: conn.peer,
  reliable: conn.reliable,
  serialization: conn.serialization,
  type: conn.type,
  id: conn.connectionId,
};
console.log(about, conn.options.label, conn.provider.id);

peer.listAllPeers((ids) => ids.map((id: string) => id.length));
peer.listAllPeers();
const found = peer.getConnection("dest-peer-id", conn.connectionId);
if (found) found.close();
const states: boolean[] = [peer.open, peer.disconnected, peer.destroyed];
const id: string = peer.id;
console.log(states, id, peer.options.debug, peer.options.config.iceServers);
peer.disconnect();
peer.destroy();
