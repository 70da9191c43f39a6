import "peerjs-wasm/peerjs.min.js";

const peer = new Peer("me");
peer.on("open", (id: string) => id);
export const supported: boolean = peerjs.util.supports.data;
