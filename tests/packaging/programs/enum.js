import { PeerErrorType } from "peerjs-wasm";

globalThis.run = () => PeerErrorType.Network;
