// A relay for UDP between two pages, through this process, so that a test can cut the network.

import { createSocket } from "node:dgram";

/**
 * `rule` is for a proxy: in each UDP candidate of IPv4 that a page announces it puts a port of the relay in place of the
 * page's, and it drops all other candidates. Each address of a page has a socket of its own here: what comes to it is
 * forwarded to that address, through the socket of the sender.
 */
export function startRelay() {
  const sockets = new Map();
  let isCut = false;

  /** The socket for this address, once it is bound. */
  function socketOf(address, port) {
    const name = `${address}:${port}`;
    if (!sockets.has(name)) sockets.set(name, bind(address, port));
    return sockets.get(name);
  }

  async function bind(address, port) {
    const socket = createSocket("udp4");
    socket.on("message", async (packet, from) => {
      const sender = await socketOf(from.address, from.port);
      if (!isCut) sender.send(packet, port, address);
    });
    await new Promise((resolve) => socket.bind(0, address, resolve));
    return socket;
  }

  return {
    async rule(frame, pass) {
      const candidate = frame.payload?.candidate;
      if (!candidate?.candidate) return pass(frame);
      const words = candidate.candidate.split(" ");
      const [, , transport, , address, port] = words;
      // A candidate that is left as it is would be a path around the relay.
      if (transport.toLowerCase() !== "udp" || address.includes(":")) return;
      words[5] = (await socketOf(address, Number(port))).address().port;
      pass({
        ...frame,
        payload: { ...frame.payload, candidate: { ...candidate, candidate: words.join(" ") } },
      });
    },
    cut() {
      isCut = true;
    },
    mend() {
      isCut = false;
    },
    async close() {
      for (const socket of await Promise.all(sockets.values())) socket.close();
    },
  };
}
