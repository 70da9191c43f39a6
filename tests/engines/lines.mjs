// Lines of peers over real brokers, and ways to wait for what comes.
import { after } from "node:test";
import mqttjs from "mqtt";
import WebSocket from "ws";
import { mosquitto } from "./harness.mjs";

globalThis.WebSocket ??= WebSocket;

const ends = [];
/** Runs `end` when the tests of this file have ended, the latest first. */
export const atEnd = (end) => ends.unshift(end);
after(async () => {
  for (const end of ends) await end();
});

/** One peer's line: what comes, and a way to wait for it. */
export function dial(factory, id, token = id) {
  const line = factory(`wss://server.example/?${new URLSearchParams({ id, token })}`);
  const frames = [];
  const looks = new Set();
  const add = (frame) => {
    frames.push(frame);
    for (const look of looks) look();
  };
  line.addEventListener("message", ({ data }) => add(JSON.parse(data)));
  line.addEventListener("close", () => add({ type: "closed" }));
  atEnd(() => line.close());
  return {
    frames,
    close: () => line.close(),
    send: (type, dst, payload) => line.send(JSON.stringify({ type, dst, payload })),
    got: (...types) =>
      new Promise((resolve) => {
        const look = () => {
          const index = frames.findIndex(({ type }) => types.includes(type));
          if (index < 0) return;
          looks.delete(look);
          resolve(frames.splice(index, 1)[0]);
        };
        looks.add(look);
        look();
      }),
  };
}

/** A mosquitto, and what connects clients to it. */
export async function broker(options) {
  const engine = await mosquitto(options);
  atEnd(() => engine.stop());
  const connect = async (more) => {
    const client = await mqttjs.connectAsync(engine.url, { reconnectPeriod: 50, ...more });
    client.on("error", () => {});
    atEnd(() => client.endAsync(true));
    return client;
  };
  return { engine, connect };
}

/** Sends until it arrives: a broker that was away may lose the first. */
export async function reaches(from, to, id) {
  const arrived = to.got("CANDIDATE");
  const timer = setInterval(() => from.send("CANDIDATE", id, {}), 50);
  try {
    return await arrived;
  } finally {
    clearInterval(timer);
  }
}
