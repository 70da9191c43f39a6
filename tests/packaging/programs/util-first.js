// A program that looks at `util` first and brings the rest when it is needed.
import { util } from "peerjs-wasm";

globalThis.run = async () => {
  const { Peer, util: same } = await import("peerjs-wasm");
  util.randomToken = () => "a token of the program";
  const { token } = new Peer({ host: "127.0.0.1", port: 9 }).on("error", () => {}).options;
  return [same === util, token, util.unpack(util.pack("text")), util.validateId("-")];
};
