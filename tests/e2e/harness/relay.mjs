// A relay for UDP between two pages, through this process, so that a test can cut the network.

import { createSocket } from "node:dgram";

/** A candidate that a control frame carries: what is before its JSON, and the JSON. */
const CARRIED = /^(1d\d+ \d+ c[^\n]*\n)(.*)$/s;

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

  /** The candidate as it leads through the relay; undefined if it would lead around it. */
  async function through(candidate) {
    const words = candidate.candidate.split(" ");
    const [, , transport, , address, port] = words;
    if (transport.toLowerCase() !== "udp" || address.includes(":")) return;
    words[5] = (await socketOf(address, Number(port))).address().port;
    return { ...candidate, candidate: words.join(" ") };
  }

  return {
    async rule(frame, pass) {
      const { payload } = frame;
      const carried = CARRIED.exec(payload?.control ?? "");
      if (carried) {
        // Control frames are numbered, so that each must arrive: one without a candidate in place of one that leads around.
        const [, head, json] = carried;
        const candidate = JSON.parse(json);
        const changed = (candidate.candidate && (await through(candidate))) || { candidate: "" };
        return pass({ ...frame, payload: { ...payload, control: head + JSON.stringify(changed) } });
      }
      if (!payload?.candidate?.candidate) return pass(frame);
      const candidate = await through(payload.candidate);
      if (candidate) pass({ ...frame, payload: { ...payload, candidate } });
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
