// A page that loads the package by URL, without a bundler.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { browserNames } from "../e2e/harness/browser.mjs";
import { makeWorld } from "./harness/world.mjs";

const { site, peerServer, browsers, visit, runProgram, exchange, exchanges } =
  await makeWorld(browserNames);

const HTML = '<!doctype html><html lang="en"><title>A consumer</title>';
const UTF8 = '<meta charset="utf-8">';
const CLASSIC = `<script src="/node_modules/peerjs-wasm/peerjs.min.js"></script>
<script src="/classic.js"></script>`;
const module = (src) => `<script type="module" src="${src}"></script>`;
const MODULE = module("/module-by-url.js");
const SLIM = module("/slim-by-url.js");
const IMPORT_MAP = `<script type="importmap">
{ "imports": { "peerjs-wasm/slim": "/node_modules/peerjs-wasm/slim.js" } }
</script>`;

const { host, port } = peerServer.options;
const policy = (scripts) => ({
  "content-security-policy": [
    "default-src 'none'",
    "img-src 'self'", // Firefox asks for the site's icon
    `script-src ${scripts}`,
    `connect-src 'self' http://${host}:${port} ws://${host}:${port}`,
  ].join("; "),
});
const STRICT = policy("'self' 'wasm-unsafe-eval'");
const TOO_STRICT = policy("'self'");

for (const [name, browser] of Object.entries(browsers)) {
  describe(name, () => {
    const works = (title, body, headers) =>
      test(title, () => exchanges(site.page(HTML + body, headers), browser));

    works("classic script", UTF8 + CLASSIC);
    works("classic script on a page without a charset", CLASSIC);
    works("classic script on a windows-1252 page", CLASSIC, {
      "content-type": "text/html; charset=windows-1252",
    });
    works("module from a plain file server", MODULE);
    works("slim from a plain file server", SLIM);
    works("slim through an import map", IMPORT_MAP + module("/slim.js"));

    test("slim: more calls of init wait for the same module, after a failure for another", () =>
      visit(
        site.page(HTML + SLIM),
        async (page) => {
          await assert.rejects(runProgram(page, "/nowhere.wasm"), /404/);
          await Promise.all([exchange(page), exchange(page)]);
          const loaded = await page.run(() =>
            performance
              .getEntriesByType("resource")
              .filter(({ name }) => name.endsWith("_bg.wasm")),
          );
          assert.equal(loaded.length, 1);
        },
        browser,
      ));

    for (const [build, body] of Object.entries({ "classic script": CLASSIC, MODULE, SLIM })) {
      const title = build.toLowerCase();
      works(`${title} under a strict Content-Security-Policy`, body, STRICT);

      test(`${title} says what the Content-Security-Policy lacks`, () =>
        visit(
          site.page(HTML + body, TOO_STRICT),
          (page) =>
            assert.rejects(runProgram(page), /PeerJS: .*add 'wasm-unsafe-eval' to script-src/),
          browser,
        ));
    }
  });
}
