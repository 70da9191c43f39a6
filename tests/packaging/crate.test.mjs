// The crate as it is published: its tests pass, and the program of its documentation compiles with the dependencies
// that it lists.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { oldestRustVersion } from "../../scripts/lib/setup.mjs";

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

/** The blocks of this language in the documentation, without the lines that rustdoc hides. */
function blocks(language) {
  const text = readFileSync(join(crate, "docs/crate.md"), "utf8");
  const found = [...text.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "gs"))];
  assert.ok(found.length > 0, `no block of ${language}`);
  return found.map(([, block]) => block.replace(/^# .*\n/gm, ""));
}

const block = (language) => blocks(language)[0];

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
  writeFileSync(join(app, "src/lib.rs"), block("no_run"));
  const check = ["cargo", "check", "--quiet", "--target", "wasm32-unknown-unknown"];
  await must(check, app, { CARGO_TARGET_DIR: target, RUSTFLAGS: "--deny warnings" });
});

test("the programs of the documentation are those of the examples, which the end-to-end tests compile", () => {
  const example = (path) => readFileSync(join(ROOT, "examples", path), "utf8");
  assert.equal(block("no_run"), example("greet/src/lib.rs"));
  const recipes = ["leptos", "bevy"].map((name) => example(`recipes/src/${name}.rs`));
  assert.deepEqual(blocks("ignore"), recipes);
});

test("the oldest compiler that the crate names compiles it", async (t) => {
  const oldest = ["rustup", "run", oldestRustVersion()];
  try {
    await must([...oldest, "rustc", "--version"], crate);
  } catch {
    return t.skip(`Rust ${oldestRustVersion()} is not here`);
  }
  for (const target of [[], ["--target", "wasm32-unknown-unknown"]]) {
    const check = [...oldest, "cargo", "check", "--quiet", "--locked", "--lib", ...target];
    await must(check, crate, { CARGO_TARGET_DIR: join(ROOT, "target/oldest") });
  }
});
