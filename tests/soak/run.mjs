// npm run soak: loads that take long, ours and then PeerJS 1.5.5. Not part of `npm test`, which has a little of each.
//   -- --minutes 30        of the random one
//   -- --only <name>       one of cycle, crowd, chatter, blob, mesh, roam; more than once for more
//   -- --lib ours          without PeerJS
// The table in docs/promises.md shows the last run of each.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { writeSection } from "../../scripts/lib/documents.mjs";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { Failure, main } from "../../scripts/lib/run.mjs";
import { browsers, npmPackages, toolPath } from "../../scripts/lib/setup.mjs";

const OPTIONS = {
  minutes: { type: "string", default: "30" },
  only: { type: "string", multiple: true },
  lib: { type: "string" },
};

const SIZES = {
  cycle: { count: 1000 },
  crowd: { count: 200 },
  chatter: { count: 1_000_000 },
  blob: { bytes: 1e9 },
  mesh: { tabs: 10, peers: 5 },
};

/** No part of a scenario takes longer than this. */
const PATIENCE = 5 * 60_000;

const show = (value) =>
  Number.isInteger(value) ? value.toLocaleString("en") : Number(value.toPrecision(3)).toString();

const words = (result) =>
  typeof result === "string"
    ? result
    : Object.entries(result)
        .map(([name, value]) => `${name} ${show(value)}`)
        .join(", ");

const RESULTS = join(ROOT, "target/soak.json");

function readResults() {
  try {
    return JSON.parse(readFileSync(RESULTS, "utf8"));
  } catch {
    return {}; // none yet
  }
}

function keep(name, title, lib, result) {
  const results = readResults();
  results[name] = { ...results[name], title, [lib]: words(result) };
  mkdirSync(dirname(RESULTS), { recursive: true });
  writeFileSync(RESULTS, JSON.stringify(results, null, 1));
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const rows = Object.values(results).map((row) => [row.title, row.ours ?? "", row.peerjs ?? ""]);
  const head = [line(["load", "ours", "PeerJS 1.5.5"]), line(["---", "---", "---"])];
  writeSection("soak", [...head, ...rows.map(line)].join("\n"));
}

main(async () => {
  const { minutes, only, lib } = parseArgs({ options: OPTIONS }).values;
  await npmPackages();
  await browsers();
  process.env.GECKODRIVER ??= toolPath("geckodriver");
  const { launch } = await import("../e2e/harness/browser.mjs");
  const { startPeerServer, startSite } = await import("../e2e/harness/servers.mjs");
  const { SCENARIOS, soakPage } = await import("./scenarios.mjs");
  const sizes = { ...SIZES, roam: { minutes: Number(minutes) } };
  const unknown = only?.find((name) => !SCENARIOS[name]);
  if (unknown) throw new Failure(`There is no ${unknown}.`);

  const site = await startSite();
  let failed = 0;
  for (const name of only ?? Object.keys(SCENARIOS)) {
    const title = SCENARIOS[name].title(sizes[name]);
    for (const each of lib ? [lib] : ["ours", "peerjs"]) {
      // Each with a browser and a server of its own: what one leaves behind is nothing to the next.
      const [browser, server] = await Promise.all([
        launch("chromium"),
        startPeerServer({ concurrent_limit: 10_000 }),
      ]);
      const open = async () =>
        soakPage(await browser.open(site.blank([each], server, ["wasm-memory", "soak"])), PATIENCE);
      let result;
      try {
        result = await SCENARIOS[name].run({ open }, each, sizes[name]);
      } catch (error) {
        console.error(error.message);
        result = `does not: ${error.message.split("\n")[0]}`;
      } finally {
        await browser.close();
        await server.close();
      }
      console.log(`${title}, ${each}: ${words(result)}`);
      keep(name, title, each, result);
      if (each === "ours" && !(result.lost + result.disorder === 0)) failed++;
    }
  }
  await site.close();
  if (failed > 0) throw new Failure(`${failed} of ours did not hold.`);
  process.exit();
});
