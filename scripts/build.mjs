// npm run build: pkg/ from the sources, whatever is there.
import { main } from "./lib/run.mjs";
import { buildPkg } from "./pkg/build.mjs";

main(buildPkg);
