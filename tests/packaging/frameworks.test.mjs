// Programs in a framework, the same text on PeerJS and on ours: React's StrictMode, Vue 2 with Vuex.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { build } from "esbuild";
import { PKG, ROOT } from "../../scripts/lib/paths.mjs";
import { browserNames } from "../e2e/harness/browser.mjs";
import { startPeerServer } from "../e2e/harness/servers.mjs";
import { makeWorld } from "./harness/world.mjs";

const { project, site, visit, browsers, runProgram } = await makeWorld(browserNames);
const secure = await startSecureServer();
after(secure.close);

const LIBRARIES = {
  peerjs: join(ROOT, "node_modules/peerjs"),
  ours: join(PKG, "dist/bundler.mjs"),
};

async function startSecureServer() {
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => join(project.folder, name));
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  const subject = ["-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"];
  const names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert];
  execFileSync("openssl", [...request, ...subject, ...names], { stdio: "pipe" });
  const ssl = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  const { options, close } = await startPeerServer({ ssl });
  return { options: { ...options, secure: true }, close };
}

let count = 0;

/** The URL of a page with a program of programs/frameworks/, in the development mode of its framework. */
async function page(program, lib) {
  const file = `framework-${count++}.js`;
  await build({
    entryPoints: [join(project.folder, "frameworks", program)],
    outfile: join(project.folder, file),
    bundle: true,
    alias: { peerjs: LIBRARIES[lib] },
    nodePaths: [join(ROOT, "tests/packaging/node_modules")],
    logLevel: "error",
  });
  return site.page(`<!doctype html><meta charset="utf-8"><script src="/${file}"></script>`);
}

for (const lib of Object.keys(LIBRARIES)) {
  for (const [name, browser] of Object.entries(browsers)) {
    describe(`${lib}, ${name}`, () => {
      test("a Peer under React's StrictMode, mounted twice, with a server behind TLS", async () => {
        const mount = (...args) => globalThis.run(...args);
        await visit(
          await page("react.js", lib),
          async (page) => {
            for (let run = 0; run < 10; run++) {
              const id = `strict-${lib}-${name}-${run}`;
              const events = await page.run(mount, secure.options, id);
              if (lib === "ours") assert.deepEqual(events, [[], ["open"], [], ["open"]]);
              // PeerJS, which is here for comparison, may find the id taken by the Peer before.
              else assert.match(events[3]?.[0], /^(open|unavailable-id)$/);
            }
          },
          browser,
        );
      });

      test("a Peer and connections in a Vuex store of Vue 2", async () => {
        const chat = await visit(await page("vuex.js", lib), (page) => runProgram(page), browser);
        const shown = Array(2).fill("true, 1, 1, 1");
        assert.deepEqual(chat, { shown, heard: true, destroyed: true });
      });
    });
  }
}
