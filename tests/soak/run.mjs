// npm run soak: loads that take long, ours and then PeerJS 1.5.5. Not part of `npm test`, which has a little of each.
//   -- --minutes 30        of the random one
//   -- --only <name>       one of cycle, crowd, chatter, blob, mesh, roam
//   -- --lib ours          without PeerJS

import { parseArgs } from "node:util";
import { writeSection } from "../../scripts/lib/readme.mjs";
import { Failure, main } from "../../scripts/lib/run.mjs";
import { browsers, npmPackages, toolPath } from "../../scripts/lib/setup.mjs";

const OPTIONS = {
  minutes: { type: "string", default: "30" },
  only: { type: "string" },
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
const PATIENCE = 15 * 60_000;

const show = (value) =>
  Number.isInteger(value) ? value.toLocaleString("en") : Number(value.toPrecision(3)).toString();

const words = (result) =>
  typeof result === "string"
    ? result
    : Object.entries(result)
        .map(([name, value]) => `${name} ${show(value)}`)
        .join(", ");

main(async () => {
  const { minutes, only, lib } = parseArgs({ options: OPTIONS }).values;
  await npmPackages();
  await browsers();
  process.env.GECKODRIVER ??= toolPath("geckodriver");
  const { launch } = await import("../e2e/harness/browser.mjs");
  const { startPeerServer, startSite } = await import("../e2e/harness/servers.mjs");
  const { SCENARIOS, soakPage } = await import("./scenarios.mjs");
  const sizes = { ...SIZES, roam: { minutes: Number(minutes) } };
  if (only && !SCENARIOS[only]) throw new Failure(`There is no ${only}.`);
  const libs = lib ? [lib] : ["ours", "peerjs"];

  const site = await startSite();
  const rows = [];
  let failed = 0;
  for (const [name, { title, run }] of Object.entries(SCENARIOS)) {
    if (only && name !== only) continue;
    const cells = {};
    for (const lib of libs) {
      // Each with a browser and a server of its own: what one leaves behind is nothing to the next.
      const [browser, server] = await Promise.all([
        launch("chromium"),
        startPeerServer({ concurrent_limit: 10_000 }),
      ]);
      const open = async () =>
        soakPage(await browser.open(site.blank([lib], server, ["soak"])), PATIENCE);
      try {
        cells[lib] = await run({ open }, lib, sizes[name]);
        if (lib === "ours" && cells[lib].lost + cells[lib].disorder > 0) failed++;
      } catch (error) {
        cells[lib] = `does not: ${error.message.split("\n")[0]}`;
        if (lib === "ours") failed++;
      } finally {
        await browser.close();
        await server.close();
      }
      console.log(`${title(sizes[name])}, ${lib}: ${words(cells[lib])}`);
    }
    rows.push([title(sizes[name]), ...libs.map((lib) => words(cells[lib]))]);
  }
  await site.close();
  if (!only && !lib) {
    const line = (cells) => `| ${cells.join(" | ")} |`;
    const head = ["", "ours", "PeerJS 1.5.5"];
    writeSection("soak", [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n"));
  }
  if (failed > 0) throw new Failure(`${failed} of ours did not hold.`);
  process.exit();
});
