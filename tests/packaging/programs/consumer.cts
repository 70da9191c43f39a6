import peerjs = require("peerjs-wasm");

const peer: peerjs.Peer = new peerjs.Peer("me", { debug: 2 });
peer.on("connection", (connection: peerjs.DataConnection) => connection.send({ hello: 1 }));
// @ts-expect-error: a peer has no such event
peer.on("opened", () => {});
