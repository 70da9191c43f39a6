// Node, where there is no DOM: server-side rendering, test runners, type checkers.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { PKG, ROOT } from "../../scripts/lib/paths.mjs";
import { makeProject, run, runNode } from "./harness/project.mjs";

const project = await makeProject();
const NOTHING = { stdout: "", stderr: "" };

/** Runs `load` with traps in the place of everything by which it could do something. */
const loading = (load) => `
  import { createRequire } from "node:module";
  const require = createRequire(process.cwd() + "/");
  const trap = (object, names) => {
    for (const name of names) object[name] = function () { throw new Error("used " + name); };
  };
  trap(WebAssembly, Object.getOwnPropertyNames(WebAssembly));
  const used = ["setTimeout", "setInterval", "fetch", "WebSocket", "TextEncoder", "TextDecoder", "atob"];
  trap(globalThis, used);
  const globals = () => Object.entries(Object.getOwnPropertyDescriptors(globalThis));
  const before = globals();
  const { Peer, util } = ${load};
  const after = globals();
  console.assert(after.length === before.length, "a new global");
  for (const [i, [name, { get, value }]] of before.entries()) {
    const [sameName, now] = after[i];
    const same = name === sameName && get === now.get && Object.is(value, now.value);
    console.assert(same, "changed", name);
  }
  console.assert(typeof Peer === "function" && typeof util === "object", "no exports");
`;

for (const load of [
  'await import("peerjs-wasm")',
  'await import("peerjs-wasm/slim")',
  'require("peerjs-wasm")',
]) {
  test(`${load} does nothing`, async () => {
    assert.deepEqual(await runNode(project.folder, loading(load)), NOTHING);
  });
}

/** What a Peer does here, and what it is in the end. */
const NO_WEBRTC = `
  const seen = [];
  const peer = new Peer("me");
  const note = (name) => (value) => seen.push([name, value?.type ?? value ?? null]);
  for (const name of ["open", "error", "disconnected", "close"]) peer.on(name, note(name));
  seen.push(["made", peer.id, peer.open, peer.destroyed, Object.keys(peer.connections).length]);
  setTimeout(() => {
    seen.push(["in the end", peer.id, peer.open, peer.disconnected, peer.destroyed]);
    peer.destroy();
    console.log(JSON.stringify(seen));
  }, 20);`;

const withoutWebRTC = (load) => `
  import { createRequire } from "node:module";
  const require = createRequire(process.cwd() + "/");
  const { Peer } = ${load};
  ${NO_WEBRTC}`;

test("new Peer() reports that there is no WebRTC, as PeerJS does", async () => {
  const peerjs = createRequire(import.meta.url).resolve("peerjs");
  const wanted = await runNode(project.folder, withoutWebRTC(`require(${JSON.stringify(peerjs)})`));
  assert.match(wanted.stdout, /"browser-incompatible".*"close"/);
  for (const load of [
    'await import("peerjs-wasm")',
    'await import("peerjs-wasm/slim")',
    'require("peerjs-wasm")',
  ]) {
    assert.deepEqual(await runNode(project.folder, withoutWebRTC(load)), wanted, load);
  }
});

test("a test runner's world that has neither TextDecoder nor WebAssembly is enough", async () => {
  const source = `
    import { readFileSync } from "node:fs";
    import { createContext, runInContext } from "node:vm";
    const world = createContext({ console, setTimeout, module: {}, exports: {} });
    runInContext("delete globalThis.WebAssembly", world);
    runInContext(readFileSync("node_modules/peerjs-wasm/cjs/index.js", "utf8"), world);
    runInContext(\`{ const { Peer } = module.exports; ${NO_WEBRTC} }\`, world);`;
  const { stdout } = await runNode(project.folder, source);
  assert.match(stdout, /"browser-incompatible".*"close"/);
});

test("util.supports can be read: there is no WebRTC here", async () => {
  const source = `
    import { util } from "peerjs-wasm";
    console.log(util.supports.webRTC, util.supports.data);`;
  assert.equal((await runNode(project.folder, source)).stdout, "false false\n");
});

test("import and require give the same names", async () => {
  const source = `
    import { createRequire } from "node:module";
    import * as imported from "peerjs-wasm";
    const required = createRequire(process.cwd() + "/")("peerjs-wasm");
    console.log(JSON.stringify([Object.keys(imported), Object.keys(required)]));`;
  const [imported, required] = JSON.parse((await runNode(project.folder, source)).stdout);
  assert.deepEqual(required.sort(), imported.sort());
});

test("the types are found, by import and by require", async () => {
  const programs = ["consumer.mts", "consumer.cts", "globals.mts"];
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const options = ["--strict", "--noEmit", "--module", "nodenext", "--types", ""];
  const lib = ["--lib", "es2022,dom,dom.iterable"];
  await run(project.folder, process.execPath, tsc, ...options, ...lib, ...programs);
});

test("npm install ./pkg works", async () => {
  const { folder } = await makeProject(PKG);
  const source = 'import { Peer } from "peerjs-wasm"; console.log(typeof Peer);';
  assert.equal((await runNode(folder, source)).stdout, "function\n");
});

test("npm's own alias puts the package in PeerJS's place", async () => {
  const { folder } = await makeProject(`peerjs@file:${project.packed.tarball}`);
  const source = 'import { Peer } from "peerjs"; console.log(typeof Peer);';
  assert.equal((await runNode(folder, source)).stdout, "function\n");
});
