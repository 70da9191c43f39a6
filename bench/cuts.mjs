// npm run bench:cuts: how soon data flows again after the network was cut, ours beside PeerJS 1.5.5 in the same pages.
//   -- --browser firefox   in Firefox instead of Chromium
//   -- --seconds 5,20      cuts of these lengths only

import { parseArgs } from "node:util";
import { writeSection } from "../scripts/lib/documents.mjs";
import { main } from "../scripts/lib/run.mjs";
import { browsers, npmPackages, toolPath } from "../scripts/lib/setup.mjs";
import { quantile } from "./report.mjs";

const OPTIONS = {
  browser: { type: "string", default: "chromium" },
  seconds: { type: "string", default: "5,20,60" },
};

const LIBS = ["ours", "peerjs"];

/** Each cut takes the path of this many connections of each library; this many cuts of each length. */
const CONNECTIONS = 10;
const CUTS = 3;

/** A connection over which nothing comes so long after the network is back, in milliseconds, does not come back. */
const PATIENCE = 30_000;

/** A cut of 60 s is longer than the 30 s for which a lost path is looked for by default. */
const RESUME = { ours: { resume: { timeout: 120_000 } }, peerjs: {} };

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const clock = () => performance.timeOrigin + performance.now();

/** Calls a function of pages/cuts.js in a page. */
const inPage = (page, name, ...args) =>
  page.run(
    async (name, args) => (await import(`${location.origin}/bench/cuts.js`))[name](...args),
    name,
    args,
  );

async function until(page, ...call) {
  const end = clock() + PATIENCE;
  while (!(await inPage(page, ...call)) && clock() < end) await sleep(250);
}

/** One cut; gives what became of each connection. */
async function cutOnce({ browser, site, server, startProxy, startRelay }, seconds) {
  const relay = startRelay();
  const proxy = await startProxy(server, relay.rule);
  const [far, near] = [await browser.open(site(proxy)), await browser.open(site(proxy))];
  try {
    for (const lib of LIBS) {
      const options = { ...proxy.options, ...RESUME[lib], config: { iceServers: [] } };
      const id = await inPage(far, "listen", lib, options);
      await inPage(near, "connect", lib, id, CONNECTIONS, options);
    }
    await inPage(near, "start");
    await until(far, "settled", 0);
    relay.cut();
    await sleep(seconds * 1_000);
    relay.mend();
    const mended = clock();
    await until(far, "settled", mended);
    const sent = await inPage(near, "stop");
    await sleep(2_000); // What was sent last is on its way.
    return (await inPage(far, "outcome", mended)).map((end) => {
      const own = sent.find(({ lib, index }) => lib === end.lib && index === end.index);
      const inOrder = end.numbers.every((number, i) => number === i);
      return { ...end, lost: own.sent - new Set(end.numbers).size, inOrder };
    });
  } finally {
    await near.close();
    await far.close();
    await proxy.close();
    await relay.close();
  }
}

const ms = (values, share) =>
  values.length === 0
    ? "never"
    : `${Math.round(quantile(values, share)).toLocaleString("en-US")} ms`;

function row(seconds, lib, ends) {
  const own = ends.filter((end) => end.lib === lib);
  const back = own.filter(({ after }) => after !== null);
  const after = back.map((end) => end.after);
  const lost = own.reduce((sum, end) => sum + end.lost, 0);
  const cells = [
    `${seconds} s`,
    lib === "ours" ? "ours" : "PeerJS 1.5.5",
    `${back.length} of ${own.length}`,
    ms(after, 0.5),
    ms(after, 0.99),
    lost.toLocaleString("en-US"),
    back.every(({ inOrder }) => inOrder) ? "yes" : "no",
  ];
  return `| ${cells.join(" | ")} |`;
}

const HEAD = [
  "| cut | | connections that went on | data again after, p50 | p99 | messages lost | in order, none twice |",
  "| --- | --- | --: | --: | --: | --: | --- |",
];

main(async () => {
  const { browser: name, seconds } = parseArgs({ options: OPTIONS }).values;
  await npmPackages();
  await browsers();
  process.env.GECKODRIVER ??= toolPath("geckodriver");
  // These import npm packages.
  const { launch } = await import("../tests/e2e/harness/browser.mjs");
  const servers = await import("../tests/e2e/harness/servers.mjs");
  const { startProxy } = await import("../tests/e2e/harness/proxy.mjs");
  const { startRelay } = await import("../tests/e2e/harness/relay.mjs");
  const browser = await launch(name);
  const site = await servers.startSite();
  const server = await servers.startPeerServer({ concurrent_limit: 10_000 });
  const world = {
    browser,
    server,
    startProxy,
    startRelay,
    site: (proxy) => site.blank(LIBS, proxy),
  };
  const rows = [];
  try {
    for (const length of seconds.split(",").map(Number)) {
      const ends = [];
      for (let i = 0; i < CUTS; i++) ends.push(...(await cutOnce(world, length)));
      for (const lib of LIBS) {
        rows.push(row(length, lib, ends));
        console.log(rows.at(-1));
      }
    }
  } finally {
    await browser.close();
    await Promise.all([site.close(), server.close()]);
  }
  if (seconds === OPTIONS.seconds.default)
    writeSection(`cuts:${name}`, [...HEAD, ...rows].join("\n"));
});
