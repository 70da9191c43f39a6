// npm test: all tests. `node scripts/test.mjs native js` runs some of the stages.
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
  webkit,
} from "./lib/setup.mjs";
import { lint, setUpLint } from "./lint.mjs";
import { compiler, madeWith, PKG_INPUTS, upToDate } from "./pkg/inputs.mjs";
import { rebuilt } from "./pkg/rebuilt.mjs";
import { freshWasm } from "./pkg/wasm.mjs";

const MODULE = "peerjs_wasm_bg.wasm";

/** The stages in the order in which they run. `needs` is their set-up; `run` gives how many tests passed and failed. */
const STAGES = {
  pkg: {
    title: "pkg/ is what the sources make",
    needs: [],
    run: pkg,
  },
  reproduce: {
    title: "Another folder makes the module of pkg/, byte by byte",
    needs: [npmPackages, crates],
    run: reproduce,
  },
  lint: {
    title: "Formatting and lints",
    needs: [setUpLint],
    run: lint,
  },
  native: {
    title: "The core, natively",
    needs: [crates],
    run: () => cargoTest([]),
  },
  fuzz: {
    title: "The core under a fuzzer, a little",
    needs: [setUpFuzz],
    run: () => fuzz(13),
  },
  chrome: {
    title: "The web half in Chromium",
    needs: [crates, webTestRunner, browsers],
    run: () => webTest("CHROMEDRIVER"),
  },
  firefox: {
    title: "The web half in Firefox",
    needs: [crates, webTestRunner, browsers],
    run: () => webTest("GECKODRIVER"),
  },
  js: {
    title: "The JavaScript half in Node",
    needs: [npmPackages, freshWasm],
    run: () => nodeTest("tests/js"),
  },
  engines: {
    title: "Signalling over mosquitto and nats-server",
    needs: [npmPackages, brokers],
    run: () => nodeTest("tests/engines"),
  },
  types: {
    title: "The types",
    needs: [npmPackages],
    run: () => nodeTest("tests/types"),
  },
  e2e: {
    title: "End to end in Chromium and Firefox",
    needs: [npmPackages, browsers, brokers, examples],
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

/** Compares the module of pkg/ with a rebuilt one. Only the compiler that made pkg/ makes the same bytes. */
async function reproduce() {
  if (madeWith(PKG) !== (await compiler())) {
    console.log(`pkg/ was made with ${madeWith(PKG)}, here is ${await compiler()}: not compared.`);
    return { passed: 1, failed: 0 };
  }
  const same = readFileSync(join(PKG, MODULE)).equals(await rebuilt());
  if (!same) console.error(`pkg/${MODULE} is not what its compiler makes of the sources.`);
  return same ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

const cargoTest = (args, env) =>
  counted(["cargo", "test", "--locked", ...args], env, /(\d+) passed; (\d+) failed/g);

function webTestRunner() {
  return cargoTools("wasm-bindgen-cli");
}

/** Runs the tests for wasm32 in one browser. The runner uses the one driver whose path it finds in the environment. */
function webTest(driver) {
  return cargoTest(["--target", "wasm32-unknown-unknown", "--lib", "--test", "web"], {
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: toolPath(
      "wasm-bindgen-cli",
      "wasm-bindgen-test-runner",
    ),
    // In seconds, for all tests together: by default 20, which a busy machine exceeds.
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
  if (tests.length === 0) throw new Failure(`${folder} holds no tests.`);
  return counted(
    [
      ...[process.execPath, "--test", "--test-reporter=spec", ...options],
      ...tests.map((name) => join(folder, name)),
    ],
    driverPaths(),
    /^ℹ (?:pass (\d+)|(?:fail|cancelled) (\d+))$/gm,
  );
}

/** Runs a test program, and reads from what it writes how many passed and how many failed. */
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
  // A program that ends with an error, or runs no test, counts as one failure: it did not compile, crashed, …
  if (failed === 0 && (code !== 0 || passed === 0)) failed = 1;
  return { passed, failed };
}

function chosen(names) {
  const unknown = names.find((name) => !STAGES[name]);
  if (unknown) {
    throw new Failure(
      `No stage is called ${unknown}: there are ${Object.keys(STAGES).join(", ")}.`,
    );
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
