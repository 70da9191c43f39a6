// The interoperability matrix: all pairs of browsers and of builds, each end in a tab of its own.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { browserNames } from "./browser.mjs";
import { record } from "./results.mjs";
import { startPeerServer } from "./servers.mjs";
import { browsers, site } from "./suite.mjs";

const BUILDS = [
  ["ours", "ours"],
  ["ours", "peerjs"],
  ["peerjs", "ours"],
];
const BROWSERS = browserNames.flatMap((near) => browserNames.map((far) => [near, far]));

/**
 * Runs `body({near, far, kind})` for every cell. An end is {page, lib, id}: a page with the `scripts`
 * of pages/, of which `matrix.start(lib)` has opened a Peer of that id. `variant(lib, kind)` names
 * the script that is loaded for a build.
 */
export function inMatrix(subject, { kinds, scripts, variant = (lib) => lib }, body) {
  describe(subject, () => {
    const ends = {};
    let server;

    before(async () => {
      server = await startPeerServer();
    });
    after(() => server?.close());

    /** One for each browser, build and end. */
    function endIn(name, lib, end) {
      ends[`${name} ${lib} ${end}`] ??= (async () => {
        const [browser, { blank }] = await Promise.all([browsers[name](), site()]);
        const page = await browser.open(blank([lib], server, scripts));
        return { page, lib, id: await page.run((lib) => matrix.start(lib), lib) };
      })();
      return ends[`${name} ${lib} ${end}`];
    }

    for (const [nearBrowser, farBrowser] of BROWSERS) {
      for (const [nearLib, farLib] of BUILDS) {
        for (const kind of kinds) {
          const cell = [`${nearBrowser} → ${farBrowser}`, `${nearLib} → ${farLib}`, kind];
          test(cell.join(", "), () =>
            record(cell, async () => {
              const near = await endIn(nearBrowser, variant(nearLib, kind), "near");
              const far = await endIn(farBrowser, variant(farLib, kind), "far");
              await body({ near, far, kind });
              assert.deepEqual([...near.page.takeErrors(), ...far.page.takeErrors()], []);
            }),
          );
        }
      }
    }
  });
}
