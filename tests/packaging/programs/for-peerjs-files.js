// A program that imports PeerJS's files by their names.
import { Peer } from "peerjs/dist/bundler.mjs";
import "peerjs/dist/peerjs.min.js";
import { MsgPack } from "peerjs/dist/serializer.msgpack.mjs";
import { exchange } from "./exchange.js";

class Packing extends window.Peer {
  constructor(options) {
    super({ ...options, serializers: { MsgPack } });
  }

  connect(id) {
    return super.connect(id, { serialization: "MsgPack" });
  }
}

globalThis.run = async (server) => {
  if (window.Peer === Peer) throw new Error("the script has the module's class");
  await exchange(Packing, server);
  return exchange(Peer, server);
};
