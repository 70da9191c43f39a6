// What is in the package, and what its manifest says of it.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { PKG, ROOT } from "../../scripts/lib/paths.mjs";
import { makeProject } from "./harness/project.mjs";

const { folder, packed } = await makeProject();
const installed = join(folder, "node_modules/peerjs-wasm");
const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));

test("the package has all that the build makes, but not the build's own record", () => {
  const made = readdirSync(PKG, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "inputs.sha256")
    .map(({ parentPath, name }) => join(parentPath, name).slice(PKG.length + 1));
  assert.deepEqual(packed.files.toSorted(), made.sort());
});

test("PeerJS's files are where PeerJS has them, for programs that take them by path", () => {
  const theirs = readdirSync(join(ROOT, "node_modules/peerjs/dist"));
  const wanted = theirs.filter((name) => !name.endsWith(".map"));
  const missing = wanted.filter((name) => !packed.files.includes(`dist/${name}`));
  assert.deepEqual(missing, []);
});

test("the wasm names no source file: their paths are those of the machine that built it", () => {
  const wasm = readFileSync(join(installed, "peerjs_wasm_bg.wasm"), "latin1");
  assert.deepEqual(wasm.match(/[\w./\\-]+\.rs/g), null);
});

test("the package has the licences and the README of the repository", () => {
  for (const name of ["LICENSE-MIT", "LICENSE-APACHE"]) {
    assert.equal(
      readFileSync(join(installed, name), "utf8"),
      readFileSync(join(ROOT, name), "utf8"),
    );
  }
  assert.equal(packed.files.includes("README.md"), existsSync(join(ROOT, "README.md")));
});

test("the README links to nothing outside the package but to the web", () => {
  const readme = readFileSync(join(installed, "README.md"), "utf8");
  const links = [...readme.matchAll(/\]\((?!https:|#)([^)#]+)/g)].map(([, path]) => path);
  assert.ok(links.length > 0);
  assert.deepEqual(
    links.filter((path) => !packed.files.includes(path)),
    [],
  );
});

test("every build has its source map beside it, without the wasm in it", () => {
  for (const name of ["index.js", "slim.js", "peerjs.min.js", "cjs/index.js"]) {
    const code = readFileSync(join(installed, name), "utf8");
    assert.match(code, /\/\/# sourceMappingURL=[\w.]+\.map\n?$/);
    const map = JSON.parse(readFileSync(join(installed, `${name}.map`), "utf8"));
    assert.ok(map.sourcesContent.every((text) => text && text.length < 50_000));
    const sources = map.sources.filter((source) => !source.startsWith("wasm-text:"));
    assert.ok(sources.some((source) => source.endsWith("js/peer.js")));
    assert.ok(
      sources.every((source) => /^\.\.\/.*\.(m?js|json)$/.test(source)),
      sources.join(),
    );
  }
});

test("the manifest says what the crate's does", () => {
  const crate = readFileSync(join(ROOT, "Cargo.toml"), "utf8");
  const field = (name) => new RegExp(`^${name} = "(.*)"$`, "m").exec(crate)?.[1];
  const { name, version, license, description, repository } = manifest;
  assert.deepEqual([name, version], ["peerjs-wasm", field("version")]);
  assert.equal(license, "(MIT OR Apache-2.0)");
  assert.equal(description, field("description"));
  const known = field("repository");
  assert.deepEqual(repository, known && { type: "git", url: `git+${known}.git` });
});

test("publint has nothing to say", async () => {
  const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  );
});

test("Are The Types Wrong? has nothing to say", async () => {
  const data = new Uint8Array(readFileSync(packed.tarball));
  const { problems } = await checkPackage(createPackageFromTarballData(data), {
    excludeEntrypoints: ["./peerjs_wasm_bg.wasm"], // no module
  });
  // slim finds its wasm by `import.meta`, which only modules have; the script, the transports and diagnose are for pages.
  const transports = ["./tabs", "./mqtt", "./nats", "./signaling"];
  const modulesOnly = ["./slim", "./peerjs.min.js", ...transports, "./diagnose"];
  const wrong = problems.filter(
    ({ kind, entrypoint }) =>
      // PeerJS's names for its files are found by `exports` alone, and those of PeerJS have no types at all.
      !entrypoint?.startsWith("./dist/") &&
      (kind !== "CJSResolvesToESM" || !modulesOnly.includes(entrypoint)),
  );
  assert.deepEqual(wrong, []);
});
