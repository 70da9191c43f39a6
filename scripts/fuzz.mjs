// npm run fuzz: the fuzz targets, one after the other (docs/fuzzing.md).
//   -- --minutes 10   for each of them
//   -- --keep         then adds what led further to fuzz/corpus, and takes out what leads nowhere new
//   -- peer pieces    these targets only

import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./lib/paths.mjs";
import { Failure, main, must, run, say } from "./lib/run.mjs";
import { cxx, fuzzCrates } from "./lib/setup.mjs";

const BUILD = join(ROOT, "target/fuzz");
const CORPUS = join(ROOT, "fuzz/corpus");
const FINDS = join(ROOT, "fuzz/artifacts");

/** What makes a program tell libFuzzer where it has been. A stable compiler knows these. */
const COVERAGE = [
  "-Cpasses=sancov-module",
  ...[
    "-sanitizer-coverage-level=4",
    "-sanitizer-coverage-inline-8bit-counters",
    "-sanitizer-coverage-pc-table",
    "-sanitizer-coverage-trace-compares",
  ].map((argument) => `-Cllvm-args=${argument}`),
  "-Ccodegen-units=1",
  "-Cdebug-assertions",
];

const OPTIONS = {
  minutes: { type: "string", default: "10" },
  keep: { type: "boolean", default: false },
};

export const setUpFuzz = async () => {
  await cxx();
  await fuzzCrates();
};

const targets = () => readdirSync(CORPUS).sort();

/** @returns {Promise<(target: string) => string>} where the programs are */
async function build() {
  const host = /^host: (.+)$/m.exec(await must(["rustc", "-vV"], "rustc", { quiet: true }))[1];
  const command = ["cargo", "build", "--release", "--locked", "--quiet", "--target", host];
  command.push("--manifest-path", "fuzz/Cargo.toml", "--target-dir", BUILD);
  const env = { RUSTFLAGS: COVERAGE.join(" ") };
  await must(command, "The fuzz targets do not compile.", { env });
  return (target) => join(BUILD, host, "release", target);
}

/** Runs targets for so many seconds each. @returns {Promise<{ passed: number, failed: number }>} */
export async function fuzz(seconds, names = targets()) {
  const program = await build();
  let failed = 0;
  for (const name of names) {
    const found = join(BUILD, "corpus", name);
    mkdirSync(found, { recursive: true });
    mkdirSync(FINDS, { recursive: true });
    const limits = ["-max_len=4096", "-timeout=20", "-rss_limit_mb=1024"];
    const { code, stderr } = await run(
      [
        ...[program(name), `-max_total_time=${seconds}`, ...limits, "-print_final_stats=1"],
        ...[`-artifact_prefix=${join(FINDS, name)}-`, found, join(CORPUS, name)],
      ],
      { quiet: true },
    );
    const [, coverage, features] = stderr.match(/.*cov: (\d+) ft: (\d+)/s) ?? [];
    const [, executed] = /executed_units: (\d+)/.exec(stderr) ?? [];
    if (code === 0) {
      say(`${name}: ${executed} inputs, ${coverage} edges, ${features} features`);
    } else {
      failed++;
      console.error(stderr.split("\n").slice(-60).join("\n"));
    }
  }
  return { passed: names.length - failed, failed };
}

/** The smallest set of inputs that leads everywhere, as the corpus. */
async function keep(names) {
  const program = await build();
  for (const name of names) {
    const [old, small] = [join(CORPUS, name), join(BUILD, "minimised", name)];
    rmSync(small, { recursive: true, force: true });
    mkdirSync(small, { recursive: true });
    const command = [program(name), "-set_cover_merge=1", "-max_len=1024"];
    await must(
      [...command, small, old, join(BUILD, "corpus", name)],
      `The inputs of ${name} cannot be merged.`,
      { quiet: true },
    );
    rmSync(old, { recursive: true });
    renameSync(small, old);
    say(`${name}: ${readdirSync(old).length} inputs`);
  }
}

if (process.argv[1] === import.meta.filename) {
  main(async () => {
    const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
    const unknown = positionals.find((name) => !targets().includes(name));
    if (unknown) throw new Failure(`No target is called ${unknown}: ${targets().join(", ")}.`);
    const names = positionals.length > 0 ? positionals : targets();
    await setUpFuzz();
    const { failed } = await fuzz(Math.round(values.minutes * 60), names);
    if (failed > 0) throw new Failure(`See fuzz/artifacts, and docs/fuzzing.md.`);
    if (values.keep) await keep(names);
  });
}
