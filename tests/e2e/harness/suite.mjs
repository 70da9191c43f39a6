// A subject's tests, run in every browser: one browser for a file, one PeerServer for a subject.

import assert from "node:assert/strict";
import { after, before, describe, test as nodeTest } from "node:test";
import { browserNames, launch } from "./browser.mjs";
import { startPeerServer, startSite } from "./servers.mjs";

const site = once(startSite);
const browsers = Object.fromEntries(browserNames.map((name) => [name, once(() => launch(name))]));
after(async () => {
  for (const it of [site, ...Object.values(browsers)]) await (await it.made)?.close();
});

/** `make()` when first called, and the same again afterwards; `made` is its result so far. */
function once(make) {
  const get = () => {
    get.made ??= make();
    return get.made;
  };
  return get;
}

/**
 * Calls `define(test, name)` once per browser. `test(name, body)` runs `body({page, browser, site,
 * peerServer, open})` with a page that has loaded `libs` and `scripts` of pages/; `open(url)` gives
 * more pages.
 * A page that logs an error which the test has not taken (`page.takeErrors()`) fails it.
 */
export function inBrowsers(subject, { libs = ["ours"], scripts = [], server = {} }, define) {
  for (const name of browserNames) {
    describe(`${subject}, ${name}`, () => {
      const world = {};
      let shared;
      before(async () => {
        [world.browser, world.site, world.peerServer] = await Promise.all([
          browsers[name](),
          site(),
          startPeerServer(server),
        ]);
      });
      after(async () => {
        await shared?.close();
        await world.peerServer?.close();
      });

      define((title, options, body = options) => {
        nodeTest(title, body === options ? {} : options, async () => {
          const pages = [];
          const open = async (url) => {
            const page = await world.browser.open(url);
            pages.push(page);
            return page;
          };
          try {
            shared ??= await world.browser.open(world.site.blank(libs, world.peerServer, scripts));
            await body({ ...world, page: shared, open });
            await shared.run(() => e2e.clear());
            for (const page of [shared, ...pages]) assert.deepEqual(page.takeErrors(), []);
          } catch (error) {
            // The page may be stuck or broken: the next test gets a new one.
            await shared?.close();
            shared = undefined;
            throw error;
          } finally {
            for (const page of pages) await page.close();
          }
        });
      }, name);
    });
  }
}
