// node bench/load/simulate.mjs: brokers with more peers than a machine has memory for, in virtual time, from what `npm run
// load` measures of each message (docs/scaling.md).
//
// A broker is a queue before one processor. Peers register and make offers at random moments, at the rates below. A
// registration keeps one broker busy, an offer that of its receiver, an answer that of its sender; what peers do all the
// time to stay registered takes its share from each broker's processor.

/** How often a peer registers, and makes an offer, in a second: each every ten minutes. */
const RATE = 1 / 600;

/** Seconds of a processor: for a registration, for offer and answer together, for each second of each peer. */
const MEASURED = {
  PeerServer: { register: 0.82e-3, offer: 0.07e-3, idle: 14e-6, bytes: 15_500 },
  "mosquitto behind a gateway": { register: 0.36e-3, offer: 0.09e-3, idle: 1e-6, bytes: 3_300 },
  "NATS, each cluster of three": {
    register: 1.51e-3,
    offer: 0.18e-3,
    idle: 5e-6,
    bytes: 40_300,
    processors: 3,
  },
};

/** A generator of numbers from 0 to 1 that begins with this seed. */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return (state + 0.5) / 2 ** 32;
  };
}

/** How long registrations and offers take with `peers` on so many brokers, seen for `seconds`. */
function simulate({ register, offer, idle, processors = 1 }, peers, brokers, seconds, random) {
  // Every broker is like every other: a few of them tell as much as all.
  const seen = Math.min(brokers, 8);
  const share = (peers / brokers) * idle;
  const speed = processors - share;
  const load = (share + (peers / brokers) * RATE * (register + offer)) / processors;
  if (speed <= 0 || load >= 1)
    return { load, p50: Number.POSITIVE_INFINITY, p99: Number.POSITIVE_INFINITY };
  const free = new Float64Array(seen);
  const times = [];
  const serve = (now, work) => {
    const broker = Math.floor(random() * seen);
    const done = Math.max(free[broker], now) + work / speed;
    free[broker] = done;
    return done;
  };
  const rate = (2 * RATE * peers * seen) / brokers;
  for (let now = 0; now < seconds; now += -Math.log(random()) / rate) {
    if (random() < 0.5) serve(now, register);
    else times.push(serve(serve(now, offer / 2), offer / 2) - now);
  }
  times.sort((a, b) => a - b);
  return { load, p50: times[times.length >> 1], p99: times[Math.floor(times.length * 0.99)] };
}

const random = numbers(15);
for (const [name, costs] of Object.entries(MEASURED)) {
  for (const peers of [1e3, 1e5, 1e7]) {
    for (const brokers of [1, 10, 100]) {
      const { load, p50, p99 } = simulate(costs, peers, brokers, 60, random);
      const ms = (seconds) =>
        seconds === Number.POSITIVE_INFINITY ? "never" : `${(seconds * 1e3).toFixed(2)} ms`;
      const memory = ((peers / brokers) * costs.bytes) / 1e9;
      console.log(
        `${name} x ${brokers}, ${peers} peers: ${(load * 100).toFixed(1)} % busy, p50 ${ms(p50)}, p99 ${ms(p99)}, ` +
          `${memory.toFixed(2)} GB each`,
      );
    }
  }
}
