// npm run load: signalling clients without WebRTC, which register, offer, answer and leave (docs/scaling.md).
//   -- --transport mqtt   peerserver, mqtt, mqtt-tcp or nats; all in turn otherwise
//   -- --peers 1000       how many clients, each with a connection of its own; 1000,5000,10000 adds to them until it breaks
//   -- --joins 100        how many of them register in a second
//   -- --offers 100       how many offers are made in a second, doubled until it breaks with --ramp
//   -- --seconds 10       for how long
//   -- --ramp             until one in a hundred offers fails, or takes more than a second

import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { Failure, main, say } from "./lib/run.mjs";
import { brokers, npmPackages } from "./lib/setup.mjs";

const OPTIONS = {
  transport: { type: "string", default: "all" },
  peers: { type: "string", default: "1000" },
  joins: { type: "string", default: "100" },
  offers: { type: "string", default: "100" },
  seconds: { type: "string", default: "10" },
  ramp: { type: "boolean", default: false },
  json: { type: "string" },
};
/** How many clients a process has at most. */
const CLIENTS = 2_500;
/** A p99 beyond this, or more failures, is where it breaks. */
const [SLOWEST, MOST_FAILURES] = [1_000, 0.01];

const CLIENTS_MODULE = new URL("../bench/load/clients.mjs", import.meta.url);

/** Clients in processes of their own, of which there may be more and more. */
function startClients(transport, urls) {
  const processes = [];
  const ask = async (some, command, rate) => {
    const share = rate / some.length;
    const answers = await Promise.all(
      some.map(
        (child) =>
          new Promise((resolve, reject) => {
            const ended = () => reject(new Error("clients ended"));
            child.once("exit", ended).once("message", (answer) => {
              child.off("exit", ended);
              resolve(answer);
            });
            child.send({ ...command, rate: share });
          }),
      ),
    );
    const times = answers.flatMap((answer) => answer.times ?? []).sort((a, b) => a - b);
    const failed = answers.reduce((sum, answer) => sum + (answer.failed ?? 0), 0);
    const seconds = Math.max(...answers.map((answer) => answer.seconds ?? 0));
    const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
    return { done: times.length, failed, seconds, p50: at(0.5), p99: at(0.99) };
  };
  return {
    pids: () => processes.map(({ pid }) => pid),
    /** Adds clients with the numbers from `first` up to `end`, and registers them. */
    add(first, end, joins) {
      const added = [];
      for (let next = first; next < end; next += CLIENTS) {
        const count = Math.min(CLIENTS, end - next);
        added.push(fork(CLIENTS_MODULE, [transport, JSON.stringify(urls), `${next}`, `${count}`]));
      }
      processes.push(...added);
      return ask(added, { name: "register" }, joins);
    },
    ask: (command, rate) => ask(processes, command, rate),
    end() {
      for (const child of processes) child.kill();
    },
  };
}

const isBroken = ({ done, failed }) => failed > (done + failed) * MOST_FAILURES;

/** Adds clients up to `peers`, lets them rest, and has them make offers. */
async function measureLevel(level, engine, clients, usage, { joins, offers, seconds, ramp }) {
  const { first, peers } = level;
  const now = () => ({ engine: usage(engine.pids), clients: usage(clients.pids()) });
  /** Which share of a processor each side has used since `before`, in `time` seconds. */
  const busy = (before, after, time) =>
    ["engine", "clients"].map((side) => (after[side].seconds - before[side].seconds) / time);
  const empty = now();
  const joined = await clients.add(first, peers, joins);
  const full = now();
  const used = full.engine.seconds - empty.engine.seconds;
  level.register = {
    ...joined,
    perSecond: joined.done / joined.seconds,
    engineBytes: (full.engine.bytes - empty.engine.bytes) / joined.done,
    clientBytes: (full.clients.bytes - empty.clients.bytes) / joined.done,
    engineMilliseconds: (used / joined.done) * 1_000,
    busy: busy(empty, full, joined.seconds),
  };
  level.broken = isBroken(joined);
  const resting = now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const rested = now();
  level.idleBusy = busy(resting, rested, seconds);
  for (let rate = offers; !level.broken; rate *= 2) {
    const before = now();
    const offered = await clients.ask({ name: "offer", seconds, peers }, rate);
    const after = now();
    const used = after.engine.seconds - before.engine.seconds - level.idleBusy[0] * offered.seconds;
    const row = {
      ...offered,
      rate,
      engineMilliseconds: (Math.max(0, used) / offered.done) * 1_000,
      busy: busy(before, after, offered.seconds),
    };
    level.rows.push(row);
    row.broken = row.p99 > SLOWEST || isBroken(row);
    // A higher rate that breaks says nothing of the number of clients.
    level.broken = row.broken && rate === offers;
    if (!ramp || row.broken) break;
  }
}

async function measure(transport, { peers, ...options }) {
  const { ENGINES, usage } = await import("../bench/load/engines.mjs");
  const engine = await ENGINES[transport]();
  const clients = startClients(transport, engine.urls);
  let first = 0;
  try {
    for (const last of peers) {
      const level = { transport, first, peers: last, load: loadavg()[0], rows: [] };
      await measureLevel(level, engine, clients, usage, options);
      print(level);
      results.push(level);
      first = last;
      if (level.broken) break;
    }
    await clients.ask({ name: "leave" }, 0);
  } finally {
    clients.end();
    await engine.stop();
  }
}

function print({ transport, first, peers, load, register, idleBusy, rows, broken }) {
  const kb = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
  const ms = (value) => (value === undefined ? "-" : `${value.toFixed(value < 10 ? 2 : 0)} ms`);
  const busy = (shares) => {
    const [engine, clients] = shares.map((share) => `${(share * 100).toFixed(0)} %`);
    return `of a processor: engine ${engine}, clients ${clients}`;
  };
  say(`${transport}, ${peers} peers (load of the machine before: ${load.toFixed(1)})`);
  console.log(
    `  registered ${register.done} beside ${first}, failed ${register.failed}: ${register.perSecond.toFixed(0)}/s, ` +
      `p50 ${ms(register.p50)}, p99 ${ms(register.p99)}; ${busy(register.busy)}` +
      `${rows.length === 0 && broken ? ": breaks" : ""}`,
  );
  console.log(
    `  memory for each: engine ${kb(register.engineBytes)}, client ${kb(register.clientBytes)}; ` +
      `engine ${ms(register.engineMilliseconds)} of a processor to register; while nothing happens ${busy(idleBusy)}`,
  );
  for (const row of rows) {
    console.log(
      `  ${row.rate} offers/s: answered ${row.done}, failed ${row.failed}, offer -> answer p50 ${ms(row.p50)}, ` +
        `p99 ${ms(row.p99)}; engine ${ms(row.engineMilliseconds)} of a processor for each; ${busy(row.busy)}` +
        `${row.broken ? ": breaks" : ""}`,
    );
  }
}

const results = [];

main(async () => {
  const { transport, json, ramp, peers, ...numbers } = parseArgs({ options: OPTIONS }).values;
  const options = { ramp, peers: peers.split(",").map(Number) };
  if (!options.peers.every((count, i) => count > (options.peers[i - 1] ?? 0))) {
    throw new Failure(`--peers must be numbers that grow, not "${peers}".`);
  }
  for (const [name, text] of Object.entries(numbers)) {
    options[name] = Number(text);
    if (!(options[name] > 0)) throw new Failure(`--${name} must be a number, not "${text}".`);
  }
  await npmPackages();
  await brokers();
  const { ENGINES } = await import("../bench/load/engines.mjs"); // imports npm packages
  const all = Object.keys(ENGINES);
  if (transport !== "all" && !all.includes(transport)) {
    throw new Failure(`No transport is called ${transport}: ${all.join(", ")}.`);
  }
  for (const name of transport === "all" ? all : [transport]) await measure(name, options);
  if (json) writeFileSync(json, `${JSON.stringify(results, null, 1)}\n`);
});
