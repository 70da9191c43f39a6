import { init, Peer } from "peerjs-wasm/slim";
import { exchange } from "./exchange.js";

/** `source`: where the wasm is, if the page has to say. */
globalThis.run = async (server, source) => {
  await init(source ?? undefined);
  return exchange(Peer, server);
};
