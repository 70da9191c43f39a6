// The tests of the codec and of ICE servers that Node runs (tests/js), in JavaScriptCore.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchWebKit } from "../e2e/harness/webkit.mjs";
import { startSite } from "./harness/site.mjs";

const FILES = ["pack.test.mjs", "unpack.test.mjs", "ice.test.mjs"];

/** Thousands of values at random take seconds. */
const TIMEOUT = 120_000;

let site;
let browser;
before(async () => {
  [site, browser] = await Promise.all([startSite(), launchWebKit()]);
});
after(() => Promise.all([site?.close(), browser?.close()]));

for (const file of FILES) {
  test(file, async (context) => {
    const page = await browser.open(site.url);
    const step = (...args) =>
      page.runFor(
        TIMEOUT,
        async (...args) => (await import("/page/run.js")).step(...args),
        ...args,
      );
    const names = await step("load", `/tests/js/${file}`);
    assert.notEqual(names.length, 0);
    for (const name of names) {
      await context.test(name, async () => assert.equal(await step("run", name), undefined));
    }
    await page.close();
  });
}
