// npm test: runs all tests. `node scripts/test.mjs native js` runs only these stages.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fuzz, setUpFuzz } from "./fuzz.mjs";
import { examples } from "./lib/examples.mjs";
import { PKG, ROOT } from "./lib/paths.mjs";
import { Failure, main, run, which } from "./lib/run.mjs";
import {
  brokers,
  browsers,
  bundlers,
  cargoTools,
  crates,
  nodeWebRtc,
  npmPackages,
  oldestRust,
  toolPath,
  turnServer,
  webkit,
} from "./lib/setup.mjs";
import { lint, setUpLint } from "./lint.mjs";
import { compiler, madeWith, PKG_INPUTS, upToDate } from "./pkg/inputs.mjs";
import { rebuilt } from "./pkg/rebuilt.mjs";
import { freshWasm } from "./pkg/wasm.mjs";

const MODULE = "peerjs_wasm_bg.wasm";

/** The stages in the order in which they run. `needs` is their set-up; `run` returns how many tests passed and failed. */
const STAGES = {
  pkg: {
    title: "pkg/ is up to date with the sources",
    needs: [],
    run: pkg,
  },
  reproduce: {
    title: "A rebuild in another folder gives the same bytes as pkg/",
    needs: [npmPackages, crates],
    run: reproduce,
  },
  lint: {
    title: "Formatting and lints",
    needs: [setUpLint],
    run: lint,
  },
  native: {
    title: "src/proto and the Rust API, natively",
    needs: [crates],
    run: () => cargoTest([]),
  },
  fuzz: {
    title: "src/proto in a fuzzer, for some seconds per target",
    needs: [setUpFuzz],
    run: () => fuzz(13),
  },
  chrome: {
    title: "src/web and src/api in Chromium",
    needs: [crates, webTestRunner, browsers],
    run: () => webTest("CHROMEDRIVER"),
  },
  firefox: {
    title: "src/web and src/api in Firefox",
    needs: [crates, webTestRunner, browsers],
    run: () => webTest("GECKODRIVER"),
  },
  js: {
    title: "js/ in Node",
    needs: [npmPackages, freshWasm],
    run: () => nodeTest("tests/js"),
  },
  engines: {
    title: "Signaling over mosquitto and nats-server",
    needs: [npmPackages, brokers],
    run: () => nodeTest("tests/engines"),
  },
  types: {
    title: "The TypeScript types",
    needs: [npmPackages],
    run: () => nodeTest("tests/types"),
  },
  e2e: {
    title: "End to end in Chromium and Firefox",
    needs: [npmPackages, browsers, brokers, turnServer, examples],
    // Two at once would share two cores with their browsers, and time out.
    run: () => nodeTest("tests/e2e", "--test-concurrency=1"),
  },
  webkit: {
    title: "Loading and codec in WebKitGTK",
    needs: [npmPackages, freshWasm, webkit],
    run: () => nodeTest("tests/webkit", "--test-concurrency=1"),
  },
  node: {
    title: "Peers in Node",
    needs: [npmPackages, nodeWebRtc, browsers],
    run: () => nodeTest("tests/node", "--test-concurrency=1"),
  },
  packaging: {
    title: "The package in every kind of consumer",
    needs: [npmPackages, bundlers, browsers, oldestRust],
    run: () => nodeTest("tests/packaging", "--test-concurrency=1"),
  },
};

function pkg() {
  const debug = madeWith(PKG) === "debug";
  if (upToDate(PKG, PKG_INPUTS) && !debug) return { passed: 1, failed: 0 };
  const what = debug ? "is a debug build" : "was made from other sources";
  console.error(`pkg/ ${what}: \`npm run build\`, then commit pkg/.`);
  return { passed: 0, failed: 1 };
}

/** Compares the module of pkg/ with a rebuilt one. Only the compiler version that built pkg/ makes the same bytes. */
async function reproduce() {
  if (madeWith(PKG) !== (await compiler())) {
    console.log(`Not compared: pkg/ is built by ${madeWith(PKG)}, not by ${await compiler()}.`);
    return { passed: 1, failed: 0 };
  }
  const same = readFileSync(join(PKG, MODULE)).equals(await rebuilt());
  if (!same) console.error(`pkg/${MODULE} differs from a rebuild with the same compiler.`);
  return same ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

const cargoTest = (args, env) =>
  counted(["cargo", "test", "--locked", ...args], env, /(\d+) passed; (\d+) failed/g);

function webTestRunner() {
  return cargoTools("wasm-bindgen-cli");
}

/** Runs the tests for wasm32 in one browser: the runner uses the driver whose path is in the environment. */
function webTest(driver) {
  return cargoTest(["--target", "wasm32-unknown-unknown", "--lib", "--test", "web"], {
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: toolPath(
      "wasm-bindgen-cli",
      "wasm-bindgen-test-runner",
    ),
    // The limit for all tests together, in seconds. A machine under load exceeds the default of 20.
    WASM_BINDGEN_TEST_TIMEOUT: "300",
    ...driverPaths(driver),
  });
}

function driverPaths(only) {
  const paths = { CHROMEDRIVER: which("chromedriver"), GECKODRIVER: toolPath("geckodriver") };
  return only ? { [only]: paths[only] } : paths;
}

function nodeTest(folder, ...options) {
  const files = existsSync(join(ROOT, folder)) ? readdirSync(join(ROOT, folder)) : [];
  const tests = files.filter((name) => name.endsWith(".test.mjs")).sort();
  if (tests.length === 0) throw new Failure(`${folder} has no tests.`);
  return counted(
    [
      ...[process.execPath, "--test", "--test-reporter=spec", ...options],
      ...tests.map((name) => join(folder, name)),
    ],
    driverPaths(),
    /^ℹ (?:pass (\d+)|(?:fail|cancelled) (\d+))$/gm,
  );
}

/** Runs a test program, and reads the numbers of passed and failed tests from its output. */
async function counted(command, env, counts) {
  let output = "";
  const onOutput = (text) => {
    output += text;
  };
  const { code } = await run(command, { env, onOutput });
  let passed = 0;
  let failed = 0;
  for (const [, good, bad] of output.matchAll(counts)) {
    passed += Number(good ?? 0);
    failed += Number(bad ?? 0);
  }
  // A program that ends with an error or runs no test counts as one failure: it may not compile, or crash.
  if (failed === 0 && (code !== 0 || passed === 0)) failed = 1;
  return { passed, failed };
}

function chosen(names) {
  const unknown = names.find((name) => !STAGES[name]);
  if (unknown) {
    throw new Failure(`Unknown stage ${unknown}. Stages: ${Object.keys(STAGES).join(", ")}.`);
  }
  return Object.entries(STAGES).filter(([name]) => names.length === 0 || names.includes(name));
}

main(async () => {
  const stages = chosen(process.argv.slice(2));
  for (const need of new Set(stages.flatMap(([, { needs }]) => needs))) await need();
  const results = [];
  for (const [name, stage] of stages) {
    console.log(`\n\x1b[1m━━ ${name}: ${stage.title}\x1b[0m`);
    const start = performance.now();
    const counts = await stage.run();
    results.push({ name, ...counts, seconds: (performance.now() - start) / 1000 });
  }
  console.log();
  for (const { name, passed, failed, seconds } of results) {
    const mark = failed ? "✗" : "✓";
    console.log(
      `${mark} ${name.padEnd(9)} ${passed} passed, ${failed} failed, ${seconds.toFixed(1)} s`,
    );
  }
  const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
  console.log(`${total("passed")} passed, ${total("failed")} failed`);
  process.exitCode = total("failed") ? 1 : 0;
});
