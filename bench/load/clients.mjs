// A process with many signalling clients, each with a connection of its own, as tabs have. No WebRTC.
import { wsconnect } from "@nats-io/nats-core";
import mqttjs from "mqtt";
import WebSocket from "ws";
import { mqtt } from "../../js/signaling/mqtt.js";
import { nats } from "../../js/signaling/nats.js";
import { peerServer } from "../../js/signaling/several.js";

globalThis.WebSocket = WebSocket;

/** As long as an offer of a data connection is. */
const SDP = "a=candidate ".repeat(120);
/** After this time an offer, or a registration, has failed. */
const PATIENCE = 10_000;
/** What a Peer sends to a PeerServer, in milliseconds. */
const HEARTBEAT = 5_000;

const [, , transport, urls, first, count] = process.argv;
const where = JSON.parse(urls);

/** The transport of the client with this number, and what ends it. */
const CONNECT = {
  async peerserver() {
    const { hostname: host, port } = new URL(where[0]);
    return { factory: peerServer({ host, port, secure: false }), end() {} };
  },
  async mqtt() {
    const client = await mqttjs.connectAsync(where[0], { reconnectPeriod: 0, keepalive: 60 });
    client.on("error", () => {}).setMaxListeners(100);
    return { factory: mqtt(client), end: () => client.end(true) };
  },
  async nats(number) {
    const servers = where[number % where.length];
    const connection = await wsconnect({ servers, reconnect: false });
    return { factory: nats(connection), end: () => connection.close() };
  },
};

CONNECT["mqtt-tcp"] = CONNECT.mqtt;

const clients = [];
const pending = new Map();
let connections = 0;

const failAfter = (milliseconds, what) =>
  new Promise((_, reject) => setTimeout(() => reject(new Error(what)), milliseconds).unref());

async function register(number) {
  const id = `p${number}`;
  const began = performance.now();
  // An engine without a file descriptor left takes no connection, and says nothing.
  const late = failAfter(PATIENCE, "not registered");
  const { factory, end } = await Promise.race([CONNECT[transport](number), late]);
  const line = factory(`wss://server.example/?${new URLSearchParams({ id, token: id })}`);
  const send = (type, dst, payload) => line.send(JSON.stringify({ type, dst, payload }));
  const opened = new Promise((resolve, reject) => {
    line.addEventListener("message", ({ data }) => {
      const { type, src, payload } = JSON.parse(data);
      if (type === "OPEN") resolve();
      else if (type === "OFFER") send("ANSWER", src, payload);
      else if (type === "ANSWER") pending.get(payload.connectionId)?.();
    });
    line.addEventListener("close", () => reject(new Error("closed")));
    line.addEventListener("error", () => {});
  });
  await Promise.race([opened, late]);
  const beat = () => {
    line.send('{"type":"HEARTBEAT"}');
    send("CANDIDATE", id, { type: "data", connectionId: "probe" });
  };
  const timer =
    transport === "peerserver" && setInterval(beat, HEARTBEAT * (0.9 + Math.random() / 5));
  clients.push({
    send,
    close() {
      clearInterval(timer);
      line.close();
      end();
    },
  });
  return performance.now() - began;
}

async function offer(peers) {
  const client = clients[Math.floor(Math.random() * clients.length)];
  const connectionId = `dc_${process.pid}_${connections++}`;
  const began = performance.now();
  const answered = new Promise((resolve) => pending.set(connectionId, resolve));
  client.send("OFFER", `p${Math.floor(Math.random() * peers)}`, {
    sdp: { type: "offer", sdp: SDP },
    type: "data",
    connectionId,
  });
  try {
    await Promise.race([answered, failAfter(PATIENCE, "no answer")]);
  } finally {
    pending.delete(connectionId);
  }
  return performance.now() - began;
}

/** Begins `what` at a steady rate, whether earlier ones have ended or not. */
async function steadily(total, rate, what) {
  const began = performance.now();
  const times = [];
  const running = [];
  let failed = 0;
  for (let n = 0; n < total; n++) {
    const wait = began + (n / rate) * 1_000 - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    running.push(
      what(n).then(
        (time) => times.push(time),
        () => failed++,
      ),
    );
  }
  await Promise.all(running);
  return { times, failed, seconds: (performance.now() - began) / 1_000 };
}

const COMMANDS = {
  register: ({ rate }) => steadily(Number(count), rate, (n) => register(Number(first) + n)),
  offer: ({ rate, seconds, peers }) => steadily(rate * seconds, rate, () => offer(peers)),
  async leave() {
    for (const client of clients) client.close();
  },
};

// The command was ended: its sockets would keep this process alive.
process.on("disconnect", () => process.exit());
process.on("message", async ({ name, ...options }) =>
  process.send((await COMMANDS[name](options)) ?? {}),
);
