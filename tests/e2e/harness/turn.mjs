// A real TURN server: coturn, started for a test.

import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const SECRET = "a secret of server and application";
const REALM = "test";

// Debian has it there, or in /usr/sbin, which is not on every PATH.
const PATH = `${process.env.PATH}:/usr/sbin`;

/** Why the tests that need coturn are skipped, or false. */
export const noTurn =
  !PATH.split(delimiter).some((folder) => isProgram(join(folder, "turnserver"))) &&
  "coturn is not installed (apt-get install coturn)";

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** An address of this machine at which browsers use a TURN server: not all do on the loopback interface. */
const address =
  Object.values(networkInterfaces())
    .flat()
    .find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";

/** A port that nothing listens to. */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, address, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, address, () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.end());
  });
}

/**
 * Starts coturn, which also answers STUN. `udp: false` leaves browsers only TCP towards it. The credentials that it takes
 * are those of the TURN REST API: a user name that says until when it is valid, and its HMAC.
 */
export async function startTurn({ udp = true } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "coturn-"));
  const port = await freePort();
  const args = [
    ...["-n", "--no-cli", "--no-tls", "--no-dtls", "--log-file=stdout", "--simple-log"],
    ...["--allow-loopback-peers", `--listening-ip=${address}`, `--relay-ip=${address}`],
    ...[`--listening-port=${port}`, `--pidfile=${join(folder, "pid")}`, `--realm=${REALM}`],
    ...["--use-auth-secret", `--static-auth-secret=${SECRET}`, ...(udp ? [] : ["--no-udp"])],
    `--userdb=${join(folder, "db")}`,
  ];
  let running;

  async function start() {
    const child = spawn("turnserver", args, {
      env: { ...process.env, PATH },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    const hear = (text) => {
      said = (said + text).slice(-4000);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    const kill = () => child.kill("SIGKILL");
    process.once("exit", kill);
    let ended = false;
    const end = new Promise((resolve) => child.on("exit", resolve).on("error", resolve));
    end.then(() => {
      ended = true;
      process.off("exit", kill);
    });
    running = { child, end };
    while (!(await listens(port))) {
      if (ended) throw new Error(`coturn did not start: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function stop() {
    running.child.kill("SIGKILL");
    await running.end;
  }

  await start();
  return {
    /** What it answers STUN at. */
    stun: `stun:${address}:${port}`,
    /** Its URL. */
    url: (transport = udp ? "udp" : "tcp") => `turn:${address}:${port}?transport=${transport}`,
    /** A server for `iceServers`, with credentials that are valid for so many seconds. */
    server({ transport, seconds = 3600 } = {}) {
      const username = `${Math.floor(Date.now() / 1000) + seconds}:user`;
      const credential = createHmac("sha1", SECRET).update(username).digest("base64");
      return { urls: this.url(transport), username, credential };
    },
    stop,
    /** Kills it, and starts it at the same port: it knows nothing of what there was. */
    async restart() {
      await stop();
      await start();
    },
    async close() {
      await stop();
      rmSync(folder, { recursive: true });
    },
  };
}
