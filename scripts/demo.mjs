// npm run demo:mqtt, npm run demo:nats: the demo, whose peers find each other over a broker that this starts.
import { PKG } from "./lib/paths.mjs";
import { Failure, main, say } from "./lib/run.mjs";
import { brokers, npmPackages } from "./lib/setup.mjs";
import { buildPkg } from "./pkg/build.mjs";
import { PKG_INPUTS, upToDate } from "./pkg/inputs.mjs";

main(async () => {
  const port = Number(process.env.PORT || 8000);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Failure(`PORT must be a number up to 65535, not "${process.env.PORT}".`);
  }
  await npmPackages();
  await brokers();
  if (!upToDate(PKG, PKG_INPUTS)) {
    say("pkg/ is not what the sources beside it make: building it");
    await buildPkg();
  }
  const { serveDemo } = await import("./lib/broker-demo.mjs"); // imports npm packages
  const { url, stop } = await serveDemo(process.argv[2], port);
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, async () => {
      await stop();
      process.exit();
    });
  }
  say(`The demo is at ${url} (Ctrl-C ends it). Open it in two tabs.`);
});
