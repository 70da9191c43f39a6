import "peerjs-wasm/peerjs.min.js";
import { exchange } from "./exchange.js";

globalThis.run = (server) => exchange(window.Peer, server);
