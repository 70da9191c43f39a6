// npm run bench: ours against PeerJS 1.5.5 in the same pages, in turns.
//   -- --browser firefox   in Firefox instead of Chromium
//   -- --only <text>       the rows whose names contain this
//   -- --check             fails where a ratio is below its floor

import { parseArgs } from "node:util";
import { PKG } from "../scripts/lib/paths.mjs";
import { Failure, main, say } from "../scripts/lib/run.mjs";
import { browsers, npmPackages, toolPath } from "../scripts/lib/setup.mjs";
import { buildPkg } from "../scripts/pkg/build.mjs";
import { PKG_INPUTS, upToDate } from "../scripts/pkg/inputs.mjs";
import { judge, keep, printHead, printRow } from "./report.mjs";

const GROUPS = ["size", "codec", "transfer", "small", "life", "memory"];
const OPTIONS = {
  browser: { type: "string", default: "chromium" },
  only: { type: "string", default: "" },
  check: { type: "boolean", default: false },
};

async function measure(world, only) {
  const results = [];
  for (const group of GROUPS) {
    const { rows, run } = await import(`./rows/${group}.mjs`);
    const wanted = rows.filter(
      ({ name, browsers = [world.name] }) => name.includes(only) && browsers.includes(world.name),
    );
    if (wanted.length === 0) continue;
    await run(world, wanted, (row, samples) => {
      const result = judge(row, samples);
      printRow(result);
      results.push(result);
    });
    await world.clear();
  }
  return results;
}

main(async () => {
  const { browser, only, check } = parseArgs({ options: OPTIONS }).values;
  await npmPackages();
  await browsers();
  if (!upToDate(PKG, PKG_INPUTS)) {
    say("pkg/ is not what the sources beside it make: building it");
    await buildPkg();
  }
  process.env.GECKODRIVER ??= toolPath("geckodriver");
  const { openWorld } = await import("./world.mjs"); // imports npm packages
  const world = await openWorld(browser);
  try {
    printHead();
    const results = await measure(world, only);
    if (results.length === 0) throw new Failure(`No row's name contains "${only}".`);
    if (only === "") keep(browser, results);
    const short = results.filter(({ reached }) => reached === "no");
    if (check && short.length > 0) {
      throw new Failure(`Below the floor: ${short.map(({ name }) => name).join(", ")}.`);
    }
  } finally {
    await world.close();
  }
});
