// What the load goes over: started here, measured by what the kernel says of its processes.
import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { mosquitto, natsCluster } from "../../tests/engines/harness.mjs";

/** Clock ticks of the kernel in a second, as on every Linux. */
const TICKS = 100;

async function startPeerServer() {
  const child = fork(new URL("./peer-server.mjs", import.meta.url));
  const port = await new Promise((resolve) => child.once("message", resolve));
  return {
    urls: [`http://127.0.0.1:${port}`],
    pids: [child.pid],
    stop: () => child.kill(),
  };
}

async function startMosquitto(way) {
  // Its own limits, of connections above all, are those of the process.
  const broker = await mosquitto();
  return { urls: [broker[way]], pids: [broker.pid()], stop: broker.stop };
}

async function startNats() {
  const { nodes, stop } = await natsCluster(3);
  return { urls: nodes.map(({ web }) => web), pids: nodes.map(({ pid }) => pid), stop };
}

export const ENGINES = {
  peerserver: startPeerServer,
  mqtt: () => startMosquitto("web"),
  // No browser speaks it: to tell the broker from its WebSocket listener.
  "mqtt-tcp": () => startMosquitto("url"),
  nats: startNats,
};

/** What processes have used so far: seconds of a processor, and bytes of memory now. */
export function usage(pids) {
  let [seconds, bytes] = [0, 0];
  for (const pid of pids) {
    // Behind the name, which may hold anything, are the state and 11 more fields before these.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ");
    seconds += (Number(fields[11]) + Number(fields[12])) / TICKS;
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    bytes += Number(/VmRSS:\s+(\d+) kB/.exec(status)[1]) * 1024;
  }
  return { seconds, bytes };
}
