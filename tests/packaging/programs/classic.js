// The next script after peerjs.min.js: everything is there by now.
if (typeof Peer !== "function" || window.Peer !== window.peerjs.Peer) throw new Error("no Peer");

window.run = async (server) => {
  const { exchange } = await import("./exchange.js");
  return exchange(window.Peer, server);
};
