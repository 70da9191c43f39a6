import Peer, {
  LogLevel,
  type PeerConnectOption,
  type PeerJSOption,
  PeerOptions,
  type SerializerMapping,
} from "peerjs";

const plain: PeerJSOption = { host: "localhost", port: 9000, debug: 3, config: { iceServers: [] } };
const full: PeerOptions = { ...plain, debug: LogLevel.Warnings, pingInterval: 1000 };

export const peers: Peer[] = [
  new Peer(),
  new Peer({}),
  new Peer("id"),
  new Peer(plain),
  new Peer("id", plain),
  new Peer("id", full),
  new Peer({ debug: LogLevel.All, logFunction: (level, ...rest) => console.log(level > 1, rest) }),
];

class Deployment implements PeerOptions {
  host = "peers.example";
  secure = true;
}
new Peer(new Deployment());

class Defaults extends PeerOptions {
  override path = "/signal";
}
new Peer("id", new Defaults());

const verbose: boolean = (full.debug ?? 0) >= LogLevel.Warnings;
const merged: PeerOptions = peers[0].options;
if (merged.debug && merged.debug > LogLevel.Errors) merged.logFunction?.(LogLevel.All, verbose);
const mapping: SerializerMapping | undefined = merged.serializers;
console.log(mapping?.raw);

const wish: PeerConnectOption = { serialization: "raw" };
const name: string | undefined = wish.serialization;
console.log(name);
function connectWith(peer: Peer, serialization: string) {
  return peer.connect("other", { ...wish, serialization });
}
connectWith(peers[0], "custom").send("x");

// A peer of one's own, as applications wrap it.
export class RoomPeer extends Peer {
  readonly room: string;

  constructor(room: string, options?: PeerOptions) {
    super(`${room}-host`, options);
    this.room = room;
  }

  override call(peer: string, stream: MediaStream, options?: { metadata?: unknown }) {
    return super.call(peer, stream, { ...options, metadata: { room: this.room } });
  }

  override connect(peer: string, options?: PeerConnectOption) {
    return super.connect(peer, { reliable: true, ...options });
  }

  override destroy(): void {
    this.removeAllListeners();
    super.destroy();
  }
}
const hosted = new RoomPeer("lobby").on("open", (id) => console.log(id));
console.log(hosted.room);
type Arguments = ConstructorParameters<typeof Peer>;
const args: Arguments = ["id", full];
new Peer(...args);
