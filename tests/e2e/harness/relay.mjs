// A relay for UDP between two pages, through this process, so that a test can cut the network or make it bad.

import { createSocket } from "node:dgram";

/** A candidate that a control frame carries: what is before its JSON, and the JSON. */
const CARRIED = /^(1d\d+ \d+ c[^\n]*\n)(.*)$/s;

/** The state of a generator of pseudo-random numbers, so that a test loses the same packets each time. */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * `rule` is for a proxy: in each UDP candidate of IPv4 that a page announces it puts a port of the relay in place of the
 * page's, and it drops all other candidates. Each address of a page has a socket of its own here: what comes to it is
 * forwarded to that address, through the socket of the sender.
 *
 * What the relay does to packets may be changed at any time by `set`:
 * @param {object} [quality]
 * @param {number} [quality.delay] milliseconds that every packet takes
 * @param {number} [quality.jitter] milliseconds that a packet takes more at most; packets keep their order
 * @param {number} [quality.loss] the part of the packets that is lost, 0 to 1
 * @param {number} [quality.reorder] the part of the packets that is held back until the next one of its way has gone
 * @param {number} [quality.seed] another number loses other packets
 */
export function startRelay({ seed = 1, ...quality } = {}) {
  /** Sockets by the address that they forward to, as promises. */
  const sockets = new Map();
  /** All that were ever bound, to be closed. */
  const all = [];
  const timers = new Set();
  const random = randomFrom(seed);
  let now = { delay: 0, jitter: 0, loss: 0, reorder: 0, ...quality };
  let isCut = false;

  /** The socket for this address, once it is bound. */
  function socketOf(address, port) {
    const name = `${address}:${port}`;
    if (!sockets.has(name)) sockets.set(name, bind(address, port));
    return sockets.get(name);
  }

  async function bind(address, port, outer = address) {
    const socket = createSocket("udp4");
    all.push(socket);
    const way = { last: 0, held: undefined, queue: [], timer: undefined };
    socket.on("message", async (packet, from) => {
      const sender = await socketOf(from.address, from.port);
      if (!isCut && random() >= now.loss) forward(way, () => sender.send(packet, port, address));
    });
    await new Promise((resolve) => socket.bind(0, outer, resolve));
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

  /** Sends a packet when its time has come. `way` is what is remembered of the packets to the same address. */
  function forward(way, send) {
    if (way.held === undefined && now.reorder > 0 && random() < now.reorder) {
      way.held = send;
      return;
    }
    const { held } = way;
    way.held = undefined;
    const due = Math.max(way.last, performance.now() + now.delay + now.jitter * random());
    way.last = due;
    way.queue.push({ due, send });
    if (held) way.queue.push({ due, send: held });
    drain(way);
  }

  /** Sends what is due. Timers of their own would not keep the order of packets. */
  function drain(way) {
    if (way.timer) return;
    while (way.queue.length > 0) {
      const wait = way.queue[0].due - performance.now();
      if (wait > 0) {
        way.timer = setTimeout(() => {
          timers.delete(way.timer);
          way.timer = undefined;
          drain(way);
        }, wait);
        timers.add(way.timer);
        return;
      }
      way.queue.shift().send();
    }
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
    /** The port of the relay that forwards to this address. */
    async portOf(address, port) {
      return (await socketOf(address, port)).address().port;
    },
    /** Changes what is done to packets from now on. */
    set(change) {
      now = { ...now, ...change };
    },
    cut() {
      isCut = true;
    },
    mend() {
      isCut = false;
    },
    /**
     * As a NAT that forgets its mapping: what comes to the port that an address had here is lost from now on, and what it
     * sends goes out of a new port. With `outer`, an address of this machine, as when its network changes.
     * @param {object} [change]
     * @param {(inner: {address: string, port: number}) => boolean} [change.which] all addresses if not given
     */
    async remap({ which = () => true, outer } = {}) {
      for (const [name, old] of [...sockets]) {
        const [address, port] = name.split(":");
        if (!which({ address, port: Number(port) })) continue;
        const bound = bind(address, Number(port), outer);
        sockets.set(name, bound);
        (await old).removeAllListeners("message");
        await bound;
      }
    },
    async close() {
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(sockets.values());
      for (const socket of all) socket.close();
    },
  };
}
