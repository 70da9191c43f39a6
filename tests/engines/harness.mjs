// Real brokers, started for a test.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect as dial } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const HOST = "127.0.0.1";
// Debian has them there, which is not on every PATH.
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };

/** A port that nothing listens to: below those that the system gives to connections meanwhile. */
export function freePort() {
  const port = 10_000 + Math.floor(Math.random() * 20_000);
  return new Promise((resolve) => {
    const server = createServer().on("error", () => resolve(freePort()));
    server.listen(port, HOST, () => server.close(() => resolve(port)));
  });
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = dial(port, HOST, () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.end());
  });
}

/** Runs a program until it listens to `port`; resolves with {stop}. */
async function run(command, args, port) {
  const child = spawn(command, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  const ended = new Promise((resolve) => child.on("exit", resolve).on("error", resolve));
  let running = true;
  ended.then(() => {
    running = false;
  });
  while (!(await listens(port))) {
    if (!running) throw new Error(`${command} did not start: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    pid: child.pid,
    stop(signal = "SIGTERM") {
      child.kill(signal);
      return ended;
    },
  };
}

/** A mosquitto; resolves with {url, web, stop, start}. `acl` is the content of its ACL file, `longest` the longest message. */
export async function mosquitto({ acl, longest } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "mosquitto-"));
  const [port, web] = [await freePort(), await freePort()];
  const config = [
    "set_tcp_nodelay true", // or an offer waits for the acknowledgement of what was sent before
    `listener ${port} ${HOST}`,
    `listener ${web} ${HOST}`,
    "protocol websockets",
    "allow_anonymous true",
  ];
  if (longest) config.push(`message_size_limit ${longest}`);
  const file = (name, content) => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  if (acl) config.push(`acl_file ${file("acl", acl)}`);
  if (process.getuid?.() === 0) config.push("user root");
  const path = file("mosquitto.conf", `${config.join("\n")}\n`);
  const start = () => run("mosquitto", ["-c", path], port);
  let broker = await start();
  return {
    url: `mqtt://${HOST}:${port}`,
    web: `ws://${HOST}:${web}`,
    pid: () => broker.pid,
    kill: () => broker.stop("SIGKILL"),
    async start() {
      broker = await start();
    },
    async stop() {
      await broker.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * A cluster of so many NATS servers; resolves with {nodes: [{url, web, stop}], stop}. `config`, if given, is added to the
 * configuration of each.
 */
export async function natsCluster(size, { config = "" } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "nats-"));
  const ports = () => Promise.all(Array.from({ length: size }, freePort));
  const [clients, webs, routes] = [await ports(), await ports(), await ports()];
  const all = routes.map((port) => `"nats://${HOST}:${port}"`).join(", ");
  const nodes = await Promise.all(
    clients.map(async (port, n) => {
      const cluster = `cluster { name: peers, listen: "${HOST}:${routes[n]}", routes: [${all}] }`;
      const path = join(folder, `${n}.conf`);
      writeFileSync(
        path,
        `listen: "${HOST}:${port}"
websocket { listen: "${HOST}:${webs[n]}", no_tls: true }
${size > 1 ? cluster : ""}
${config}
`,
      );
      const node = await run("nats-server", ["-c", path], webs[n]);
      return {
        url: `nats://${HOST}:${port}`,
        web: `ws://${HOST}:${webs[n]}`,
        pid: node.pid,
        stop: node.stop,
      };
    }),
  );
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  return { nodes, stop };
}
