// The crate as crates.io would have it: its tests pass, and the program of its documentation compiles with the dependencies
// that it lists.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ROOT } from "../../scripts/lib/paths.mjs";

const folder = mkdtempSync(join(tmpdir(), "crate-"));
const target = join(ROOT, "target");
let crate;

function must([program, ...args], cwd, env) {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 1 << 26 };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args.join(" ")}\n${stdout}\n${stderr}`));
      else resolve(stdout);
    });
  });
}

/** The first block of this language in the documentation. */
function block(language) {
  const text = readFileSync(join(crate, "docs/crate.md"), "utf8");
  const found = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(text);
  assert.ok(found, `no block of ${language}`);
  return found[1];
}

before(async () => {
  await must(["cargo", "package", "--quiet", "--locked", "--allow-dirty", "--no-verify"], ROOT);
  const name = "peerjs-wasm-0.1.0";
  await must(["tar", "-xzf", join(target, "package", `${name}.crate`), "-C", folder], folder);
  crate = join(folder, name);
});

after(() => rmSync(folder, { recursive: true, force: true }));

test("the tests of the packaged crate pass", async () => {
  const output = await must(["cargo", "test", "--locked"], crate, { CARGO_TARGET_DIR: target });
  assert.match(output, /test result: ok\. [1-9]/);
});

test("the program of the documentation compiles as its reader would compile it", async () => {
  const app = join(folder, "app");
  mkdirSync(join(app, "src"), { recursive: true });
  const dependencies = block("toml").replace(
    /^peerjs-wasm = .*$/m,
    `peerjs-wasm = { path = ${JSON.stringify(crate)} }`,
  );
  assert.match(dependencies, /peerjs-wasm = \{ path/);
  const manifest = '[package]\nname = "app"\nversion = "0.0.0"\nedition = "2024"\n\n';
  const lib = '[lib]\ncrate-type = ["cdylib"]\n\n';
  writeFileSync(join(app, "Cargo.toml"), manifest + lib + dependencies);
  writeFileSync(join(app, "src/lib.rs"), block("no_run").replace(/^# .*\n/gm, ""));
  const check = ["cargo", "check", "--quiet", "--target", "wasm32-unknown-unknown"];
  await must(check, app, { CARGO_TARGET_DIR: target, RUSTFLAGS: "--deny warnings" });
});
