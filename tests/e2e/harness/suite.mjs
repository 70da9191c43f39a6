// A subject's tests, run in every browser: one browser for a file, one PeerServer for a subject.

import assert from "node:assert/strict";
import { after, before, describe, test as nodeTest } from "node:test";
import { browserNames, launch } from "./browser.mjs";
import { startPeerServer, startSite } from "./servers.mjs";

/** The file's site and its browsers by name: started when first asked for, closed at its end. */
export const site = once(startSite);
export const browsers = Object.fromEntries(
  browserNames.map((name) => [name, once(() => launch(name))]),
);
after(async () => {
  for (const it of [site, ...Object.values(browsers)]) await (await it.made)?.close();
});

/** A function that calls `make` once and returns its result each time; `made` is the result so far. */
function once(make) {
  const get = () => {
    get.made ??= make();
    return get.made;
  };
  return get;
}

/**
 * Calls `define(test, name)` once per browser. `test(name, body)` runs `body(world)`, where `world`
 * is {page, open, keep, browser, site, peerServer}: `page` has loaded `libs` and `scripts` of pages/,
 * `open(url)` gives more pages, `keep(server)` waits for a server that is to be closed when the test
 * ends. A page that logs an error which the test has not taken (`page.takeErrors()`) fails it.
 */
export function inBrowsers(subject, { libs = ["ours"], scripts = [], server = {} }, define) {
  for (const name of browserNames) {
    describe(`${subject}, ${name}`, () => {
      const world = {};
      let shared;
      before(async () => {
        Object.assign(world, await begin(name, server));
      });
      after(async () => {
        await shared?.close();
        await world.peerServer?.close();
      });

      define((title, options, body = options) => {
        nodeTest(title, body === options ? {} : options, async () => {
          try {
            shared ??= await world.browser.open(world.site.blank(libs, world.peerServer, scripts));
            await run(world, shared, body);
          } catch (error) {
            // The page may hang or be broken: the next test gets a new one.
            await shared?.close();
            shared = undefined;
            throw error;
          }
        });
      }, name);
    });
  }
}

/**
 * As `inBrowsers`, for tests that wait until a browser gives a path up, which takes half a minute: all of them, in all
 * browsers, run at the same time, each in a page of its own.
 */
export function atOnce(subject, { libs = ["ours"], scripts = [], server = {} }, define) {
  describe(subject, { concurrency: 64 }, () => {
    for (const name of browserNames) {
      const world = {};
      let beginning;
      after(() => world.peerServer?.close());

      define((title, body) => {
        nodeTest(`${title}, ${name}`, async () => {
          beginning ??= begin(name, server);
          Object.assign(world, await beginning);
          const page = await world.browser.open(world.site.blank(libs, world.peerServer, scripts));
          try {
            await run(world, page, body);
          } finally {
            await page.close();
          }
        });
      }, name);
    }
  });
}

async function begin(name, server) {
  const starting = [browsers[name](), site(), startPeerServer(server)];
  const [browser, itsSite, peerServer] = await Promise.all(starting);
  return { browser, site: itsSite, peerServer };
}

async function run(world, page, body) {
  const kept = [];
  const keep = async (starting) => {
    const started = await starting;
    kept.push(started);
    return started;
  };
  const pages = [page];
  const open = async (url) => {
    const opened = await keep(world.browser.open(url));
    pages.push(opened);
    return opened;
  };
  try {
    await body({ ...world, page, open, keep });
    await page.run(() => e2e.clear());
    for (const each of pages) assert.deepEqual(each.takeErrors(), []);
  } finally {
    for (const each of kept) await each.close();
  }
}
