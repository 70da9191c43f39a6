import { Peer } from "peerjs-wasm";
import { exchange } from "./exchange.js";

globalThis.run = (server) => exchange(Peer, server);
