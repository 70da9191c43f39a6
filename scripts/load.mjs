// npm run load: signalling clients without WebRTC, which register, offer, answer and leave (docs/scaling.md).
//   -- --transport mqtt   peerserver, mqtt, mqtt-tcp or nats; all in turn otherwise
//   -- --peers 1000       how many clients, each with a connection of its own
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

function startClients(transport, urls, peers) {
  const processes = [];
  for (let first = 0; first < peers; first += CLIENTS) {
    const count = Math.min(CLIENTS, peers - first);
    processes.push(fork(CLIENTS_MODULE, [transport, JSON.stringify(urls), `${first}`, `${count}`]));
  }
  const ask = async (command, rate) => {
    const share = rate / processes.length;
    const answers = await Promise.all(
      processes.map(
        (child) =>
          new Promise((resolve, reject) => {
            child.once("message", resolve).once("exit", () => reject(new Error("clients ended")));
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
  const end = () => {
    for (const child of processes) child.kill();
  };
  return { pids: processes.map(({ pid }) => pid), ask, end };
}

async function measure(transport, { peers, joins, offers, seconds, ramp }) {
  const { ENGINES, usage } = await import("../bench/load/engines.mjs");
  const engine = await ENGINES[transport]();
  const clients = startClients(transport, engine.urls, peers);
  const result = { transport, peers, load: loadavg()[0], rows: [] };
  try {
    const empty = usage(engine.pids);
    const joined = await clients.ask({ name: "register" }, joins);
    const full = usage(engine.pids);
    result.register = {
      ...joined,
      perSecond: joined.done / joined.seconds,
      engineBytes: (full.bytes - empty.bytes) / joined.done,
      clientBytes: usage(clients.pids).bytes / joined.done,
      engineMilliseconds: ((full.seconds - empty.seconds) / joined.done) * 1_000,
    };
    const idle = usage(engine.pids);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    const rested = (usage(engine.pids).seconds - idle.seconds) / seconds;
    result.idleLoad = rested;
    for (let rate = offers; ; rate *= 2) {
      const before = usage(engine.pids);
      const offered = await clients.ask({ name: "offer", seconds, peers }, rate);
      const used = usage(engine.pids).seconds - before.seconds - rested * offered.seconds;
      const row = {
        ...offered,
        rate,
        engineMilliseconds: (Math.max(0, used) / offered.done) * 1_000,
      };
      result.rows.push(row);
      row.broken = row.p99 > SLOWEST || row.failed > (row.done + row.failed) * MOST_FAILURES;
      if (!ramp || row.broken) break;
    }
    await clients.ask({ name: "leave" }, 0);
  } finally {
    clients.end();
    await engine.stop();
  }
  return result;
}

function print({ transport, peers, load, register, idleLoad, rows }) {
  const kb = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
  const ms = (value) => `${value?.toFixed(value < 10 ? 2 : 0)} ms`;
  say(`${transport}, ${peers} peers (load of the machine before: ${load.toFixed(1)})`);
  console.log(
    `  registered ${register.done}, failed ${register.failed}: ${register.perSecond.toFixed(0)}/s, ` +
      `p50 ${ms(register.p50)}, p99 ${ms(register.p99)}`,
  );
  console.log(
    `  memory for each: engine ${kb(register.engineBytes)}, client ${kb(register.clientBytes)}; ` +
      `engine ${ms(register.engineMilliseconds)} of a processor to register, ` +
      `${(idleLoad * 100).toFixed(1)} % of one while nothing happens`,
  );
  for (const row of rows) {
    console.log(
      `  ${row.rate} offers/s: answered ${row.done}, failed ${row.failed}, offer -> answer p50 ${ms(row.p50)}, ` +
        `p99 ${ms(row.p99)}; engine ${ms(row.engineMilliseconds)} of a processor${row.broken ? ": breaks" : ""}`,
    );
  }
}

main(async () => {
  const { transport, json, ramp, ...numbers } = parseArgs({ options: OPTIONS }).values;
  const options = { ramp };
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
  const results = [];
  for (const name of transport === "all" ? all : [transport]) {
    results.push(await measure(name, options));
    print(results.at(-1));
  }
  if (json) writeFileSync(json, `${JSON.stringify(results, null, 1)}\n`);
});
