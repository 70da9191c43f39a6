// npm run test:loaded: runs tests while busy loops take all processors, as on a machine under load. No test may fail
// because of that: no test asserts a duration of wall time.
//
//   npm run test:loaded                              all of `npm test`
//   npm run test:loaded -- js e2e                    some of its stages
//   npm run test:loaded -- tests/e2e/calls.test.mjs  some files, for node's test runner
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { main, run } from "./lib/run.mjs";
import { toolPath } from "./lib/setup.mjs";

main(async () => {
  const args = process.argv.slice(2);
  const isFile = (name) => name.endsWith(".mjs");
  const [stages, files] = [args.filter((name) => !isFile(name)), args.filter(isFile)];
  const commands = [];
  if (stages.length > 0 || files.length === 0) commands.push(["scripts/test.mjs", ...stages]);
  if (files.length > 0) commands.push(["--test", "--test-concurrency=1", ...files]);
  const loops = Array.from(
    { length: availableParallelism() },
    () => new Worker("for (;;);", { eval: true }),
  );
  const env = { GECKODRIVER: toolPath("geckodriver"), ...process.env };
  const codes = [];
  for (const command of commands)
    codes.push((await run([process.execPath, ...command], { env })).code);
  await Promise.all(loops.map((loop) => loop.terminate()));
  process.exitCode = Math.max(...codes);
});
