import { exchange } from "./exchange.js";
import { init, Peer } from "./node_modules/peerjs-wasm/slim.js";

/** `source`: where the wasm is, if the page has to say. */
globalThis.run = async (server, source) => {
  await init(source ?? undefined);
  return exchange(Peer, server);
};
