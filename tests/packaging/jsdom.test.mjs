// Test runners whose world is jsdom: the same program's tests with PeerJS and with ours.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { makeProject, run } from "./harness/project.mjs";

const project = await makeProject();
const installed = join(project.folder, "node_modules/peerjs-wasm");
const VITEST = join(ROOT, "tests/packaging/node_modules/vitest/vitest.mjs");

const MODULES = {
  PeerJS: join(ROOT, "node_modules/peerjs/dist/bundler"),
  ours: join(installed, "dist/bundler"),
};

for (const [lib, module] of Object.entries(MODULES)) {
  test(`Vitest, ${lib}`, async () => {
    const program = join(project.folder, "jsdom");
    const command = [process.execPath, VITEST, "run", "--root", program];
    await run(project.folder, "env", `PEERJS=${module}.mjs`, ...command);
  });
}

/** What happens to a Peer in the world that Jest's environment jsdom gives to CommonJS: its jsdom has no TextDecoder. */
async function eventsInJest(file) {
  const { window } = new JSDOM("", { url: "http://localhost/", runScripts: "outside-only" });
  window.eval("delete globalThis.TextDecoder; delete globalThis.TextEncoder");
  const load = window.eval(`(module, exports, require) => { ${readFileSync(file, "utf8")} \n}`);
  const module = { exports: {} };
  load(module, module.exports, createRequire(file));
  const seen = [];
  const peer = new module.exports.Peer("me");
  const note = (name) => (value) => seen.push([name, value?.type ?? value]);
  for (const name of ["open", "error", "disconnected", "close"]) peer.on(name, note(name));
  seen.push([peer.id, peer.open, peer.destroyed]);
  await new Promise((resolve) => peer.on("close", resolve));
  seen.push([peer.id, peer.open, peer.destroyed]);
  window.close();
  return seen;
}

test("Jest's world, ours as PeerJS", async () => {
  const events = await eventsInJest(`${MODULES.PeerJS}.cjs`);
  assert.equal(events[1][1], "browser-incompatible");
  assert.deepEqual(await eventsInJest(join(installed, "cjs/index.js")), events);
});
