// npm run build: makes pkg/ from the sources, also if it is up to date.
//   -- --debug   for a debugger (CONTRIBUTING.md): fast to make, large, not to be committed
import { parseArgs } from "node:util";
import { main } from "./lib/run.mjs";
import { buildPkg } from "./pkg/build.mjs";

main(() => {
  const { values } = parseArgs({ options: { debug: { type: "boolean", default: false } } });
  return buildPkg(values);
});
