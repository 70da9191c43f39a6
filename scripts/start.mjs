// npm start: serves the demo at http://localhost:8000.
import { PKG } from "./lib/paths.mjs";
import { Failure, main, say } from "./lib/run.mjs";
import { npmPackages } from "./lib/setup.mjs";
import { buildPkg } from "./pkg/build.mjs";
import { PKG_INPUTS, upToDate } from "./pkg/inputs.mjs";

main(async () => {
  const port = Number(process.env.PORT || 8000);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new Failure(`PORT must be a number from 1 to 65535, not "${process.env.PORT}".`);
  }
  await npmPackages();
  if (!upToDate(PKG, PKG_INPUTS)) {
    say("pkg/ is not up to date with the sources: building it");
    await buildPkg();
  }
  const { serve } = await import("./lib/serve.mjs"); // imports npm packages
  await serve(port);
  say(`The demo is at http://localhost:${port} (Ctrl-C ends it). Open it in two tabs.`);
});
