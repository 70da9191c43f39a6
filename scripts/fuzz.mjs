// npm run fuzz: runs the fuzz targets, one after the other (docs/fuzzing.md).
//   -- --minutes 10   the time for each target
//   -- --keep         then adds inputs that reach new code to the archives in fuzz/corpus, and removes redundant ones
//   -- peer pieces    runs only these targets

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { pack, unpack } from "./lib/archive.mjs";
import { ROOT } from "./lib/paths.mjs";
import { Failure, main, must, run, say } from "./lib/run.mjs";
import { cxx, fuzzCrates } from "./lib/setup.mjs";

const BUILD = join(ROOT, "target/fuzz");
const CORPUS = join(ROOT, "fuzz/corpus");
/** The file with the kept inputs in the folder of each target. All other files there are single inputs. */
const ARCHIVE = "archive";
const FINDS = join(ROOT, "fuzz/artifacts");

/** Code generation options that report coverage to libFuzzer. The stable compiler supports them. */
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

/** Compiles the targets. @returns {Promise<(target: string) => string>} returns the path of a target's program */
async function build() {
  const host = /^host: (.+)$/m.exec(await must(["rustc", "-vV"], "rustc", { quiet: true }))[1];
  const command = ["cargo", "build", "--release", "--locked", "--quiet", "--target", host];
  command.push("--manifest-path", "fuzz/Cargo.toml", "--target-dir", BUILD);
  const env = { RUSTFLAGS: COVERAGE.join(" ") };
  await must(command, "The fuzz targets do not compile.", { env });
  return (target) => join(BUILD, host, "release", target);
}

/** Makes an empty folder, and removes what was there. */
function emptied(...path) {
  const folder = join(...path);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Unpacks the corpus of a target into single files, as libFuzzer needs it. @returns {string} their folder */
function seeds(name) {
  const folder = emptied(BUILD, "seeds", name);
  for (const file of readdirSync(join(CORPUS, name))) {
    const bytes = readFileSync(join(CORPUS, name, file));
    const inputs = file === ARCHIVE ? unpack(bytes) : [bytes];
    for (const [i, input] of inputs.entries()) writeFileSync(join(folder, `${file}-${i}`), input);
  }
  return folder;
}

/** Runs each target for `seconds`. @returns {Promise<{ passed: number, failed: number }>} */
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
        ...[`-artifact_prefix=${join(FINDS, name)}-`, found, seeds(name)],
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

/** Replaces the corpus with the smallest set of inputs that covers the same code. */
async function keep(names) {
  const program = await build();
  for (const name of names) {
    const small = emptied(BUILD, "minimised", name);
    const command = [program(name), "-set_cover_merge=1", "-max_len=1024"];
    await must(
      [...command, small, seeds(name), join(BUILD, "corpus", name)],
      `The inputs of ${name} cannot be merged.`,
      { quiet: true },
    );
    const inputs = readdirSync(small).map((file) => readFileSync(join(small, file)));
    writeFileSync(join(CORPUS, name, ARCHIVE), pack(inputs));
    say(`${name}: ${inputs.length} inputs`);
  }
}

if (process.argv[1] === import.meta.filename) {
  main(async () => {
    const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
    const unknown = positionals.find((name) => !targets().includes(name));
    if (unknown) throw new Failure(`Unknown target ${unknown}. Targets: ${targets().join(", ")}.`);
    const names = positionals.length > 0 ? positionals : targets();
    await setUpFuzz();
    const { failed } = await fuzz(Math.round(values.minutes * 60), names);
    if (failed > 0)
      throw new Failure("A target has failed: see fuzz/artifacts and docs/fuzzing.md.");
    if (values.keep) await keep(names);
  });
}
