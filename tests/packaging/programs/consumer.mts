import Default, { type DataConnection, Peer } from "peerjs-wasm";
import { init } from "peerjs-wasm/slim";

const peer: Peer = new Default("me", { debug: 2 });
const connection: DataConnection = new Peer().connect(peer.id, { reliable: true });
connection.on("data", (data: unknown) => data);
// @ts-expect-error: a peer has no such event
peer.on("opened", () => {});
export const ready: Promise<void> = init();
