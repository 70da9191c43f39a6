// WebDriver BiDi: the one protocol both browsers speak, so that one driver serves both.

import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import WebSocket from "ws";

const CHROMIUM_FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  // Without this a host candidate is an mDNS name, which nothing resolves in a container.
  "--disable-features=WebRtcHideLocalIpsWithMdns",
];

const FIREFOX_PREFS = {
  "media.navigator.streams.fake": true,
  "media.navigator.permission.disabled": true,
  "media.peerconnection.ice.loopback": true,
  "media.peerconnection.ice.obfuscate_host_addresses": false,
  // Otherwise the clock goes in steps of a millisecond, too coarse for benchmarks.
  "privacy.reduceTimerPrecision": false,
};

const KINDS = {
  chromium: {
    driver: process.env.CHROMEDRIVER ?? "chromedriver",
    args: ["--port=0"],
    port: /started successfully on port (\d+)/,
    pid: "goog:processID",
    capabilities: { browserName: "chrome", "goog:chromeOptions": { args: CHROMIUM_FLAGS } },
  },
  firefox: {
    driver: process.env.GECKODRIVER ?? "geckodriver",
    args: ["--port=0", "--websocket-port=0"],
    port: /Listening on 127\.0\.0\.1:(\d+)/,
    pid: "moz:processID",
    capabilities: {
      browserName: "firefox",
      "moz:firefoxOptions": { args: ["-headless"], prefs: FIREFOX_PREFS },
    },
  },
};

export const browserNames = (process.env.E2E_BROWSERS ?? Object.keys(KINDS).join()).split(",");

// Ends the browsers of a run that is interrupted: "exit" is not emitted by itself then.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** ChromeDriver takes a free port of IPv6 and fails if the same port of IPv4 is taken. */
const PORT_TAKEN = /port not available/;
const TRIES = 5;

/** Starts a browser; resolves with its BiDi connection. */
export async function startSession(name) {
  for (let tries = 1; ; tries++) {
    try {
      return await start(KINDS[name]);
    } catch (error) {
      if (tries === TRIES || !PORT_TAKEN.test(error.message)) throw error;
    }
  }
}

async function start(kind) {
  const driver = spawn(kind.driver, kind.args, {
    detached: true, // its own process group, so that nothing it started outlives it
    stdio: ["ignore", "pipe", "ignore"],
  });
  const pids = driver.pid ? [-driver.pid] : []; // none: it could not be started
  const killAll = () => pids.forEach(kill);
  process.once("exit", killAll);
  try {
    const base = `http://127.0.0.1:${await portOf(driver, kind)}`;
    const { sessionId, capabilities } = await post(`${base}/session`, {
      capabilities: {
        alwaysMatch: {
          ...kind.capabilities,
          webSocketUrl: true,
          acceptInsecureCerts: true, // servers of tests sign their own
          unhandledPromptBehavior: { default: "ignore" },
        },
      },
    });
    const pid = capabilities[kind.pid];
    pids.push(pid);
    const bidi = await Bidi.open(capabilities.webSocketUrl);
    bidi.kill = () => [...family(pid)].forEach(kill);
    bidi.crash = () => {
      const renderers = [...family(pid)].filter(isRenderer);
      if (!renderers.length) throw new Error(`no process of ${kind.driver} runs pages`);
      renderers.forEach(kill);
    };
    bidi.end = async () => {
      bidi.socket.close();
      await fetch(`${base}/session/${sessionId}`, { method: "DELETE" }).catch(() => {});
      killAll();
      process.off("exit", killAll);
    };
    return bidi;
  } catch (error) {
    killAll();
    throw error;
  }
}

function portOf(driver, kind) {
  return new Promise((resolve, reject) => {
    let said = "";
    driver.on("error", (error) => {
      reject(new Error(`cannot start ${kind.driver}: ${error.message}`, { cause: error }));
    });
    driver.on("exit", () => reject(new Error(`${kind.driver} ended at once: ${said}`)));
    driver.stdout.on("data", (text) => {
      said += text;
      const port = kind.port.exec(said)?.[1];
      if (port) resolve(port);
    });
  });
}

async function post(url, body) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const { value } = await response.json();
  if (value.error) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error; // ESRCH: it has ended by itself
  }
}

/** A process and all its descendants. Children that are given a moment close their connections themselves. */
function family(pid) {
  const members = new Set([pid]);
  const parents = readdirSync("/proc")
    .filter(Number)
    .map((child) => [Number(child), parentOf(child)]);
  // A Set that grows while it is iterated gives the new members, too.
  for (const member of members)
    for (const [child, parent] of parents) if (parent === member) members.add(child);
  return members;
}

/** Whether pages run in this process. */
function isRenderer(pid) {
  try {
    return /--type=renderer|-contentproc.* tab$/.test(
      readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim(),
    );
  } catch {
    return false; // it has ended
  }
}

function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")")).split(" ")[2]);
  } catch {
    return undefined; // it has ended
  }
}

class Bidi {
  #id = 0;
  #waiting = new Map();

  static async open(url) {
    const socket = new WebSocket(url, { maxPayload: 0 });
    await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
    return new Bidi(socket);
  }

  constructor(socket) {
    this.socket = socket;
    /** Called with every event: (method, params). */
    this.onEvent = () => {};
    socket.on("message", (text) => {
      const message = JSON.parse(text);
      if (message.type === "event") return this.onEvent(message.method, message.params);
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.type === "success") waiting?.resolve(message.result);
      else waiting?.reject(new Error(`${waiting.method}: ${message.error}: ${message.message}`));
    });
    socket.on("close", () => {
      for (const { method, reject } of this.#waiting.values()) {
        reject(new Error(`${method}: the browser has gone`));
      }
    });
  }

  call(method, params = {}) {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { method, resolve, reject });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }
}
