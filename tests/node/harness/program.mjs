// The program of docs/node.md, as a reader runs it: the package beside an implementation of WebRTC.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PKG, ROOT } from "../../../scripts/lib/paths.mjs";

const FOLDER = join(ROOT, "target/node");
const DOCUMENTED = "node-datachannel/polyfill";

/** What a reader's node_modules has. */
const PACKAGES = {
  "peerjs-wasm": PKG,
  "node-datachannel": join(ROOT, "tests/node/node_modules/node-datachannel"),
  werift: join(ROOT, "tests/node/node_modules/werift"),
  ws: join(ROOT, "node_modules/ws"),
};

/** By name: what the program imports. */
export const IMPLEMENTATIONS = { "node-datachannel": DOCUMENTED, werift: "werift" };

/** Writes the program once for every implementation; resolves with their paths by name. */
export function writePrograms() {
  const document = readFileSync(join(ROOT, "docs/node.md"), "utf8");
  const [, program] = /^```js\n(.*?)^```$/ms.exec(document);
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(join(FOLDER, "node_modules"), { recursive: true });
  for (const [name, path] of Object.entries(PACKAGES)) {
    symlinkSync(path, join(FOLDER, "node_modules", name));
  }
  const paths = {};
  for (const [name, specifier] of Object.entries(IMPLEMENTATIONS)) {
    paths[name] = join(FOLDER, `${name}.mjs`);
    writeFileSync(paths[name], program.replace(`"${DOCUMENTED}"`, `"${specifier}"`));
  }
  return paths;
}

/** Starts a program; resolves once its peer is open. */
export async function start(path, peerServer, ...args) {
  const env = { ...process.env, PEER_OPTIONS: JSON.stringify(peerServer.options) };
  const child = spawn(process.execPath, [path, ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "close");
  const running = new Running(child, ended);
  running.id = (await running.line(/^open (.+)$/))[1];
  return running;
}

class Running {
  #child;
  #ended;
  #lines = [];
  #look = () => {};
  #errors = "";

  constructor(child, ended) {
    this.#child = child;
    this.#ended = ended;
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.#lines.push(line);
      this.#look();
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      this.#errors += text;
    });
  }

  /** Everything it has written to stderr. */
  get errors() {
    return this.#errors;
  }

  /** The next line that matches, which is taken. */
  async line(pattern) {
    const found = new Promise((resolve) => {
      this.#look = () => {
        const at = this.#lines.findIndex((line) => pattern.test(line));
        if (at >= 0) resolve(pattern.exec(this.#lines.splice(at, 1)[0]));
      };
      this.#look();
    });
    const gone = this.#ended.then(([code, signal]) => {
      throw new Error(`the program ended (${code ?? signal}) before ${pattern}: ${this.#errors}`);
    });
    return Promise.race([found, gone]);
  }

  /** Ends as Ctrl+C does; resolves with the exit code once the process is gone. */
  async interrupt() {
    this.#child.kill("SIGINT");
    return (await this.#ended)[0];
  }

  async close() {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
