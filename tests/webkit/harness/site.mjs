// Serves the tests of tests/js, and the modules under test, to a browser: as they are, but for where imports lead.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";
import { build } from "esbuild";
import { ROOT } from "../../../scripts/lib/paths.mjs";
import { listen, stop } from "../../e2e/harness/servers.mjs";

const PAGE = join(ROOT, "tests/webkit/page");

const REPLACED = {
  "node:test": "/page/node-test.js",
  "node:assert/strict": "/page/node-assert.js",
  "node:fs": "/page/node.js",
  "node:vm": "/page/node.js",
  "fast-check": "/page/fast-check.js",
  "#wasm": "/target/wasm/peerjs_wasm.js",
};

const TYPES = { ".html": "text/html; charset=utf-8", ".wasm": "application/wasm" };

/** What Node finds by this name: PeerJS's other modules have other exports. */
const found = (name) =>
  name === "peerjs" ? createRequire(import.meta.url).resolve("peerjs") : name;

async function bundle(name) {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [found(name)],
    bundle: true,
    write: false,
    format: "esm",
  });
  return outputFiles[0].text;
}

const redirected = (source) =>
  source.replace(
    /((?:from|import) ")([^"./][^"]*)"/g,
    (_, before, name) => `${before}${REPLACED[name] ?? `/npm/${name}`}"`,
  );

async function content(pathname) {
  if (pathname === "/") return "<!doctype html><title>tests/js</title><body></body>";
  if (pathname.startsWith("/npm/")) return bundle(decodeURIComponent(pathname.slice(5)));
  const path = normalize(pathname);
  const file = path.startsWith("/page/") ? join(PAGE, path.slice(5)) : join(ROOT, path);
  const bytes = await readFile(file);
  return /\.m?js$/.test(file) ? redirected(bytes.toString()) : bytes;
}

/** @returns {Promise<{ url: string, close: () => Promise<void> }>} */
export async function startSite() {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://site");
    // Only an isolated page has SharedArrayBuffer.
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
    try {
      const body = await content(pathname);
      const type = pathname === "/" ? TYPES[".html"] : TYPES[extname(pathname)];
      response.setHeader("content-type", type ?? "text/javascript; charset=utf-8");
      response.end(body);
    } catch (error) {
      response.writeHead(404).end(error.message);
    }
  });
  const url = `http://127.0.0.1:${await listen(server)}/`;
  return { url, close: () => stop(server) };
}
