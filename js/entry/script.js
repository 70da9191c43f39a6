// pkg/peerjs.min.js: the classic script with the embedded wasm.
import "./inline.js";
import * as peerjs from "../index.js";
import { addLegacyApis } from "../legacy.js";

globalThis.peerjs = { ...peerjs };
globalThis.Peer = peerjs.Peer;
addLegacyApis();
