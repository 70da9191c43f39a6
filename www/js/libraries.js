// The scripts that can be compared; a frame loads no other.

export const LIBRARIES = {
  peerjs: { name: "PeerJS 1.5.5", url: "/peerjs/peerjs.min.js" },
  "peerjs-wasm": { name: "peerjs-wasm", url: "/pkg/peerjs.min.js" },
};
