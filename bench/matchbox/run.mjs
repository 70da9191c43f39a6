// node bench/matchbox/run.mjs: transfers in Rust beside matchbox_socket, in turns in one page. Writes the table of
// docs/crate.md.
//   -- --browser firefox   in Firefox instead of Chromium
//   -- --rounds 5          how often each transfer is measured

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { parseArgs } from "node:util";
import { writeSection } from "../../scripts/lib/documents.mjs";
import { main } from "../../scripts/lib/run.mjs";
import { browsers, cargoTools, npmPackages, toolPath } from "../../scripts/lib/setup.mjs";
import { cargo, glue, WASM_TARGET } from "../../scripts/lib/wasm.mjs";
import { median } from "../report.mjs";
import { interleave } from "../world.mjs";

const OPTIONS = {
  browser: { type: "string", default: "chromium" },
  rounds: { type: "string", default: "5" },
};
const CRATE = "transfer_beside_matchbox";
const FOLDER = "bench/matchbox";
const [KB, MB] = [1 << 10, 1 << 20];
/** One transfer may take as long as on a busy machine. */
const TIMEOUT = 300_000;
/** How many messages the program for matchbox_socket sends ahead where its receiver acknowledges them. */
const WINDOW = 32;
const ROWS = [
  {
    name: "64 MB in messages of 64 KiB, acknowledged",
    total: 64 * MB,
    size: 64 * KB,
    window: WINDOW,
  },
  {
    name: "200 MB in messages of 64 KiB, acknowledged",
    total: 200 * MB,
    size: 64 * KB,
    window: WINDOW,
  },
  { name: "64 MB in messages of 64 KiB, sent at once", total: 64 * MB, size: 64 * KB, once: true },
  { name: "64 MB in one message", total: 64 * MB, size: 64 * MB, once: true },
  { name: "200 MB in one message", total: 200 * MB, size: 200 * MB, once: true },
];

async function build() {
  await cargoTools("wasm-bindgen-cli", "matchbox_server");
  const manifest = ["--manifest-path", `${FOLDER}/Cargo.toml`];
  await cargo(["build", "--profile", "transfer", ...manifest, "--package", CRATE]);
  await glue({ module: `${WASM_TARGET}/transfer/${CRATE}.wasm`, out: "target/matchbox" });
}

/** A free port, for a server that does not say which one it has taken. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startMatchbox() {
  const host = `127.0.0.1:${await freePort()}`;
  const child = spawn(toolPath("matchbox_server"), [host], { stdio: "ignore" });
  for (;;) {
    const isUp = await fetch(`http://${host}/health`).then(
      () => true,
      () => false,
    );
    if (isUp) return { url: `ws://${host}`, close: () => child.kill() };
    if (child.exitCode !== null) throw new Error("matchbox_server has ended");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Connects two ends in the page, which has the module in `beside`. */
const open = (page, library, where) =>
  page.runFor(
    TIMEOUT,
    async (library, where) => {
      if (!globalThis.beside) {
        globalThis.beside = await import(`${location.origin}/matchbox/transfer_beside_matchbox.js`);
        await beside.default();
      }
      globalThis[library] = await beside[library].open(where);
    },
    library,
    where,
  );

const transfer = (page, library, { total, size, window = 0 }) =>
  page.runFor(
    TIMEOUT,
    async (library, count, size, window) => {
      const began = performance.now();
      const arrived = await globalThis[library].transfer(count, size, window);
      const { messages, bytes, in_order: inOrder } = arrived;
      arrived.free();
      return { took: performance.now() - began, messages, bytes, inOrder };
    },
    library,
    total / size,
    size,
    window,
  );

const speed = ({ bytes, took }) => bytes / 1e3 / took;
const number = (value) => value.toPrecision(3);

/** What a library did in all rounds: its speed, or what is missing. */
function cell(results, { total, size }) {
  if (results.every(({ bytes, inOrder }) => bytes === total && inOrder)) {
    return `${number(median(results.map(speed)))} MB/s`;
  }
  const worst = results.reduce((one, other) => (other.bytes < one.bytes ? other : one));
  return `${worst.messages} of ${total / size} messages arrive`;
}

async function measure(page, row, rounds, places) {
  const libraries = Object.keys(places);
  const results = await interleave(libraries, row.once ? 1 : rounds, async (library) => {
    // What was lost would come into the next round.
    if (row.once) await open(page, library, places[library]());
    return transfer(page, library, row);
  });
  const [ours, theirs] = results;
  const complete = theirs.every(({ bytes }) => bytes === row.total);
  const ratios = ours.map((mine, round) => speed(mine) / speed(theirs[round]));
  const ratio = complete ? `${number(median(ratios))}×` : "–";
  return `| ${row.name} | ${cell(ours, row)} | ${cell(theirs, row)} | ${ratio} |`;
}

main(async () => {
  const { browser: name, rounds } = parseArgs({ options: OPTIONS }).values;
  await npmPackages();
  await browsers();
  await build();
  process.env.GECKODRIVER ??= toolPath("geckodriver");
  const { launch } = await import("../../tests/e2e/harness/browser.mjs"); // imports npm packages
  const { startPeerServer, startSite } = await import("../../tests/e2e/harness/servers.mjs");
  const [browser, site, server, matchbox] = await Promise.all([
    launch(name),
    startSite(),
    startPeerServer(),
    startMatchbox(),
  ]);
  const lines = [
    `| ${name} | this crate | matchbox_socket 0.15 | ratio |`,
    "| --- | --: | --: | --: |",
  ];
  let rooms = 0;
  const places = {
    Ours: () => server.options.port,
    Matchbox: () => `${matchbox.url}/room${++rooms}?next=2`,
  };
  try {
    const page = await browser.open(site.blank([], server));
    for (const [library, place] of Object.entries(places)) {
      await open(page, library, place());
      // The first transfer of a connection is slow: its congestion window is still small.
      await transfer(page, library, ROWS[0]);
    }
    for (const row of ROWS) {
      lines.push(await measure(page, row, Number(rounds), places));
      console.log(lines.at(-1));
    }
  } finally {
    await browser.close();
    matchbox.close();
    await Promise.all([site.close(), server.close()]);
  }
  writeSection(`rust:transfer:${name}`, lines.join("\n"));
});
