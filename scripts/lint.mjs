// npm run lint: checks formatting and lints of all files; warnings are errors. `npm run lint -- --write` formats them.
import { join } from "node:path";
import { ROOT } from "./lib/paths.mjs";
import { main, run, say } from "./lib/run.mjs";
import { crates, npmPackages, rustLinters } from "./lib/setup.mjs";

const clippy = (...targets) => [
  ...["cargo", "clippy", "--quiet", "--locked", ...targets],
  ...["--", "--deny", "warnings"],
];
const rustdoc = (...target) => ["cargo", "doc", "--quiet", "--locked", "--no-deps", ...target];
const WASM32 = "--target=wasm32-unknown-unknown";
const biome = (...args) => [join(ROOT, "node_modules/.bin/biome"), "check", ...args];

const BORDER = ["cargo", "test", "--quiet", "--locked", "--test=border"];

const DENY_WARNINGS = { RUSTDOCFLAGS: "--deny warnings" };

/** The checks. They change no files. */
export const CHECKS = {
  rustfmt: ["cargo", "fmt", "--check"],
  "rustfmt, fuzz": ["cargo", "fmt", "--check", "--manifest-path", "fuzz/Cargo.toml"],
  "rustfmt, examples": [
    "cargo",
    "fmt",
    "--check",
    "--all",
    "--manifest-path",
    "examples/Cargo.toml",
  ],
  // `cargo fmt` would fetch the dependencies.
  "rustfmt, bench/matchbox": [
    ...["rustfmt", "--check", "--edition=2024"],
    ...["greet", "transfer"].map((name) => `bench/matchbox/${name}/src/lib.rs`),
  ],
  "clippy, native": clippy("--all-targets"),
  "clippy, for applications in Rust": clippy(WASM32, "--lib", "--test=web"),
  // Items that only tests use count as used here, so that the check above is needed too.
  "clippy, unit tests in browsers": clippy(WASM32, "--lib", "--profile=test"),
  "clippy, for npm": clippy(WASM32, "--lib", "--no-default-features", "--features=npm"),
  "rustdoc, native": rustdoc(),
  "rustdoc, wasm32": rustdoc(WASM32),
  // The examples are only compiled: to run, they need a page.
  "examples of the documentation": [
    ...["cargo", "--config", 'target.wasm32-unknown-unknown.runner="true"'],
    ...["test", "--quiet", "--locked", "--doc", WASM32],
  ],
  "js/border": BORDER,
  "circles of files": ["node", "scripts/circles.mjs"],
  biome: biome("--error-on-warnings"),
};

const FIXES = {
  rustfmt: ["cargo", "fmt"],
  "js/border": BORDER,
  biome: biome("--write"),
};

export async function setUpLint() {
  await npmPackages();
  await rustLinters();
  await crates();
}

/** @returns {Promise<{ passed: number, failed: number }>} */
export async function lint(checks = CHECKS, env = DENY_WARNINGS) {
  let failed = 0;
  for (const [name, command] of Object.entries(checks)) {
    say(name);
    if ((await run(command, { env })).code !== 0) failed++;
  }
  return { passed: Object.keys(checks).length - failed, failed };
}

if (process.argv[1] === import.meta.filename) {
  main(async () => {
    await setUpLint();
    const write = process.argv.includes("--write");
    const { failed } = write ? await lint(FIXES, { WRITE_BORDER: "1" }) : await lint();
    process.exitCode = failed ? 1 : 0;
  });
}
