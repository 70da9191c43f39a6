// npm run build: builds pkg/ from the sources, even if it is up to date.
//   -- --debug   a build for debuggers (CONTRIBUTING.md): faster to build, large, not to be committed
import { parseArgs } from "node:util";
import { main } from "./lib/run.mjs";
import { buildPkg } from "./pkg/build.mjs";

main(() => {
  const { values } = parseArgs({ options: { debug: { type: "boolean", default: false } } });
  return buildPkg(values);
});
