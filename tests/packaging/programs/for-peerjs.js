// A program written for PeerJS.
import Default, { Peer, PeerError, PeerErrorType, util } from "peerjs";
import { exchange } from "./exchange.js";

class Mine extends Peer {}

globalThis.run = async (server) => {
  if (Default !== Peer) throw new Error("the default export is not Peer");
  if (!util.supports.data) throw new Error("util.supports.data is false");
  const refused = await new Promise((resolve) => new Peer("not an id!").on("error", resolve));
  if (!(refused instanceof PeerError) || refused.type !== PeerErrorType.InvalidID) throw refused;
  return exchange(Mine, server);
};
