// The network between two pages, as far as a test wants there to be one: UDP through this process.

import { createSocket } from "node:dgram";

/**
 * `rule` is for a proxy: it makes every candidate that a page announces lead here. Everyone has a door
 * of their own: what comes to it goes on to them, out of the door of whoever has sent it.
 */
export function startRelay() {
  const doors = new Map();
  let isCut = false;

  /** The door of whoever is at this address, once it is open. */
  function door(address, port) {
    const name = `${address}:${port}`;
    if (!doors.has(name)) doors.set(name, openDoor(address, port));
    return doors.get(name);
  }

  async function openDoor(address, port) {
    const socket = createSocket("udp4");
    socket.on("message", async (packet, from) => {
      const sender = await door(from.address, from.port);
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
      // What does not lead here would lead around the relay.
      if (transport.toLowerCase() !== "udp" || address.includes(":")) return;
      words[5] = (await door(address, Number(port))).address().port;
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
      for (const socket of await Promise.all(doors.values())) socket.close();
    },
  };
}
