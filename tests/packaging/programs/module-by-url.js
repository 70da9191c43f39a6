import { exchange } from "./exchange.js";
import { Peer } from "./node_modules/peerjs-wasm/index.js";

globalThis.run = (server) => exchange(Peer, server);
