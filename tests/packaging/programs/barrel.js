// Offers the package to the rest of a program, which makes no use of it.
export { default, Peer, util } from "peerjs-wasm";
export { init } from "peerjs-wasm/slim";

export const answer = () => 42;
