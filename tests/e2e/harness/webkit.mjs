// WebKitGTK by classic WebDriver, the only protocol of its driver, with the pages that harness/browser.mjs has.
// It needs a display: a virtual one is started with it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const DRIVER = process.env.WEBKITDRIVER ?? "WebKitWebDriver";
const RUN_TIMEOUT = Number(process.env.E2E_TIMEOUT ?? 120_000);
/** The driver ends a script after this time, so that a page that is stuck can be closed. */
const SCRIPT_TIMEOUT = 300_000;

/** Starts a virtual display; resolves with its name, as DISPLAY has it, and what ends it. */
async function startDisplay() {
  const options = { stdio: ["ignore", "ignore", "ignore", "pipe"] };
  const server = spawn("Xvfb", ["-displayfd", "3", "-nolisten", "tcp"], options);
  const kill = () => server.kill();
  process.once("exit", kill);
  const [number] = await Promise.race([
    once(server.stdio[3], "data"),
    once(server, "exit").then(() => Promise.reject(new Error("Xvfb ended at once"))),
  ]);
  return {
    display: `:${String(number).trim()}`,
    end() {
      kill();
      process.off("exit", kill);
    },
  };
}

/** @returns {Promise<WebKit>} */
export async function launchWebKit() {
  const display = await startDisplay();
  const port = await freePort();
  const driver = spawn(DRIVER, [`--port=${port}`, "--host=127.0.0.1"], {
    detached: true, // its own process group, so that nothing it started outlives it
    env: { ...process.env, DISPLAY: display.display },
    stdio: "ignore",
  });
  const kill = () => driver.pid && process.kill(-driver.pid, "SIGKILL");
  process.once("exit", kill);
  const end = () => {
    process.off("exit", kill);
    if (driver.exitCode === null) kill();
    display.end();
  };
  try {
    await Promise.race([
      accepts(port),
      once(driver, "exit").then(() => Promise.reject(new Error(`${DRIVER} ended at once`))),
    ]);
    const base = `http://127.0.0.1:${port}/session`;
    const { sessionId } = await command("POST", base, { capabilities: {} });
    const session = `${base}/${sessionId}`;
    await command("POST", `${session}/timeouts`, { script: SCRIPT_TIMEOUT });
    return new WebKit(session, await command("GET", `${session}/window`), end);
  } catch (error) {
    end();
    throw error;
  }
}

/** The driver does not say which port it has taken, so it is told one. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Nor does the driver say when it is ready. */
async function accepts(port) {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch {
      await pause(50);
    } finally {
      socket.destroy();
    }
  }
}

async function command(method, url, body) {
  const response = await fetch(url, { method, body: body && JSON.stringify(body) });
  const { value } = await response.json();
  if (value?.error) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

class WebKit {
  name = "webkit";
  #session;
  /** The browser ends with its last window, so the first one stays. */
  #first;
  #end;
  /** Commands go to the window that was chosen last, so one follows the other. */
  #last = Promise.resolve();

  constructor(session, first, end) {
    this.#session = session;
    this.#first = first;
    this.#end = end;
  }

  /** Opens `url` in a tab of its own; resolves once it has loaded. */
  async open(url) {
    const { handle } = await this.#in(this.#first, "POST", "/window/new", { type: "tab" });
    const page = new Page((method, path, body) => this.#in(handle, method, path, body));
    await page.goto(url);
    return page;
  }

  async close() {
    await command("DELETE", this.#session).catch(() => {});
    this.#end();
  }

  #in(handle, method, path, body) {
    const done = this.#last.then(async () => {
      await command("POST", `${this.#session}/window`, { handle });
      return command(method, this.#session + path, body);
    });
    this.#last = done.catch(() => {});
    return done;
  }
}

class Page {
  #command;

  constructor(command) {
    this.#command = command;
  }

  goto(url) {
    return this.#command("POST", "/url", { url });
  }

  close() {
    return this.#command("DELETE", "/window");
  }

  /** None: classic WebDriver tells nothing of a page's errors. */
  takeErrors() {
    return [];
  }

  /** Runs `fn` in the page's own realm. Arguments and result travel as JSON. */
  run(fn, ...args) {
    return this.runFor(RUN_TIMEOUT, fn, ...args);
  }

  async runFor(timeout, fn, ...args) {
    const script = `const done = arguments[1];
      (async () => (${fn})(...JSON.parse(arguments[0])))().then(
        (value) => done({ json: JSON.stringify(value) }),
        (error) => done({ error: String(error) }));`;
    const body = { script, args: [JSON.stringify(args)] };
    let timer;
    const late = new Promise((_, reject) => {
      const error = new Error(`webkit: not done after ${timeout} ms.`);
      timer = setTimeout(reject, timeout, error);
    });
    try {
      const { json, error } = await Promise.race([
        this.#command("POST", "/execute/async", body),
        late,
      ]);
      if (error) throw new Error(`webkit: ${error}`);
      return json == null ? undefined : JSON.parse(json); // nothing arrives as null
    } finally {
      clearTimeout(timer);
    }
  }
}
