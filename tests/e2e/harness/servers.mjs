import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import WebSocket, { WebSocketServer } from "ws";

export const root = fileURLToPath(new URL("../../../", import.meta.url));

const PEERJS = join(root, "node_modules/peerjs/dist");

// E2E_OURS=peerjs puts PeerJS 1.5.5 in our place: the harness must pass with it, the tests of
// PeerJS's faults must fail.
export const impostor = process.env.E2E_OURS === "peerjs";

const FOLDERS = {
  pkg: impostor ? PEERJS : join(root, "pkg"),
  peerjs: PEERJS,
  mqtt: join(root, "node_modules/mqtt/dist"),
  pages: join(root, "tests/e2e/pages"),
  bench: join(root, "bench/pages"),
  examples: join(root, "examples"),
  matchbox: join(root, "target/matchbox"),
};

const SCRIPTS = {
  ours: "/pkg/peerjs.min.js",
  peerjs: "/peerjs/peerjs.min.js",
  bundled: "/bundled.js",
};

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".wasm": "application/wasm",
};

const script = (src) => `<script src="${src}"></script>`;

/** PeerJS's module for bundlers: its script for pages lacks the classes that serializers extend. */
async function bundlePeerJS() {
  const { outputFiles } = await build({
    entryPoints: [join(PEERJS, "bundler.mjs")],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "peerjs",
    footer: { js: "var { Peer } = peerjs;" },
  });
  return outputFiles[0].contents;
}

/** The client of NATS for browsers, as a module. */
async function bundleNats() {
  const { outputFiles } = await build({
    stdin: { contents: 'export { wsconnect } from "@nats-io/nats-core";', resolveDir: root },
    bundle: true,
    write: false,
    format: "esm",
  });
  return outputFiles[0].contents;
}

/** A page that has loaded the named builds and scripts of pages/. */
function blankPage(query) {
  const builds = query
    .getAll("lib")
    .map((lib) => `${script(SCRIPTS[lib])}<script>e2e.libs.${lib} = { ...peerjs, Peer };</script>`);
  const helpers = ["e2e", "values", ...query.getAll("script")];
  return `<!doctype html><meta charset="utf-8"><title>${query.getAll("lib")}</title>
${helpers.map((name) => script(`/pages/${name}.js`)).join("\n")}
${builds.join("\n")}
<script>Object.assign(e2e.server, ${query.get("server")});</script>`;
}

/** pages/drop-in.html with nothing but the URL of its script changed. */
async function dropInPage(query) {
  const page = await readFile(join(FOLDERS.pages, "drop-in.html"), "utf8");
  return page.replace("peerjs.min.js", SCRIPTS[query.get("lib")]);
}

const MADE = {
  blank: blankPage,
  "drop-in": dropInPage,
  "bundled.js": bundlePeerJS,
  "nats.js": bundleNats,
};

/** Serves the builds and the pages; resolves with {url, blank(libs, peerServer, scripts), dropIn, close}. */
export async function startSite() {
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://site");
    const [folder, ...rest] = normalize(decodeURIComponent(pathname)).split("/").slice(1);
    try {
      const body = MADE[folder]
        ? await MADE[folder](searchParams)
        : await readFile(join(FOLDERS[folder], ...rest));
      response.setHeader("content-type", TYPES[extname(pathname)] ?? TYPES[".html"]);
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  return {
    url,
    blank(libs, peerServer, scripts = []) {
      const named = (key, values) => values.map((value) => [key, value]);
      const query = new URLSearchParams([...named("lib", libs), ...named("script", scripts)]);
      query.set("server", JSON.stringify(peerServer.options));
      return `${url}/blank?${query}`;
    },
    dropIn(lib, peerServer) {
      const server = JSON.stringify(peerServer.options);
      return `${url}/drop-in?${new URLSearchParams({ lib, server })}`;
    },
    close: () => stop(server),
  };
}

/** A real PeerServer; resolves with {options, close}: options are what `new Peer` needs. */
export async function startPeerServer(config = {}) {
  const workerData = { host: "127.0.0.1", port: 0, path: "/", ...config };
  const { port, close } = await startWorker("peer-server", workerData);
  return { options: { host: "127.0.0.1", port, path: workerData.path }, close };
}

/** What `npm start` serves; resolves with {url, close}. */
export async function startDemo() {
  const { port, close } = await startWorker("demo");
  return { url: `http://127.0.0.1:${port}/`, close };
}

async function startWorker(name, workerData) {
  const worker = new Worker(new URL(`./${name}-worker.mjs`, import.meta.url), { workerData });
  const port = await new Promise((resolve, reject) => {
    worker.once("message", resolve).once("error", reject);
  });
  worker.unref(); // so that a set-up that failed elsewhere ends the process
  return { port, close: () => worker.terminate() };
}

/** Starts a PeerServer whose answers the test gives: `onSocket(socket, query)`, `onRequest`. */
export async function startScriptedServer({ onSocket = () => {}, onRequest }) {
  const server = createServer((request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    onRequest(request, response);
  });
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket, request) => {
    onSocket(socket, new URL(request.url, "http://server").searchParams);
  });
  const port = await listen(server);
  return {
    options: { host: "127.0.0.1", port, path: "/" },
    close() {
      for (const socket of sockets.clients) socket.terminate();
      return stop(server);
    },
  };
}

/** A client of the PeerServer without WebRTC: sends any frame, and records every frame that comes. */
export async function signalAs(peerServer, id, token = "token") {
  const { host, port, path } = peerServer.options;
  const query = new URLSearchParams({ key: "peerjs", id, token });
  const socket = new WebSocket(`ws://${host}:${port}${path}peerjs?${query}`);
  const frames = [];
  const waiting = [];
  socket.on("message", (text) => {
    frames.push(JSON.parse(text));
    for (const look of waiting) look();
  });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return {
    send: (frame) => socket.send(JSON.stringify(frame)),
    /** Resolves when everything was handed to the network. */
    drained: () => new Promise((resolve) => socket.ping("", true, resolve)),
    frames: () => frames,
    /** Resolves with the first frame of `type`, which may have come already. */
    got: (type) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          const types = frames.map((frame) => frame.type).join(" ");
          reject(new Error(`${id} waited two minutes for ${type}, has: ${types}`));
        }, 120_000);
        const look = () => {
          const frame = frames.find((each) => each.type === type);
          if (!frame) return;
          clearTimeout(timer);
          resolve(frame);
        };
        waiting.push(look);
        look();
      }),
    close: () => socket.terminate(),
  };
}

export function listen(server, host = "127.0.0.1") {
  return new Promise((resolve) => {
    server.listen(0, host, () => resolve(server.address().port)).unref();
  });
}

export function stop(server) {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
}
