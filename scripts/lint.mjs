// npm run lint: formatting and lints of everything, warnings are errors. `npm run lint -- --write` formats.
import { join } from "node:path";
import { ROOT } from "./lib/paths.mjs";
import { main, run, say } from "./lib/run.mjs";
import { crates, npmPackages, rustLinters } from "./lib/setup.mjs";

const clippy = (...targets) => [
  ...["cargo", "clippy", "--quiet", "--locked", ...targets],
  ...["--", "--deny", "warnings"],
];
const biome = (...args) => [join(ROOT, "node_modules/.bin/biome"), "check", ...args];

/** Those that change nothing. */
export const CHECKS = {
  rustfmt: ["cargo", "fmt", "--check"],
  "rustfmt, fuzz": ["cargo", "fmt", "--check", "--manifest-path", "fuzz/Cargo.toml"],
  "clippy, native": clippy("--all-targets"),
  "clippy, wasm32": clippy("--target=wasm32-unknown-unknown", "--lib", "--test=web"),
  biome: biome("--error-on-warnings"),
};

const FIXES = { rustfmt: ["cargo", "fmt"], biome: biome("--write") };

export async function setUpLint() {
  await npmPackages();
  await rustLinters();
  await crates();
}

/** @returns {Promise<{ passed: number, failed: number }>} */
export async function lint(checks = CHECKS) {
  let failed = 0;
  for (const [name, command] of Object.entries(checks)) {
    say(name);
    if ((await run(command)).code !== 0) failed++;
  }
  return { passed: Object.keys(checks).length - failed, failed };
}

if (process.argv[1] === import.meta.filename) {
  main(async () => {
    await setUpLint();
    const { failed } = await lint(process.argv.includes("--write") ? FIXES : CHECKS);
    process.exitCode = failed ? 1 : 0;
  });
}
