// Shared by the tests that need a browser: the project, its site, a PeerServer, the browsers.
import assert from "node:assert/strict";
import { after } from "node:test";
import { launch } from "../../e2e/harness/browser.mjs";
import { startPeerServer } from "../../e2e/harness/servers.mjs";
import { makeProject } from "./project.mjs";
import { serve } from "./site.mjs";

/** @param {string[]} browserNames */
export async function makeWorld(browserNames) {
  const project = await makeProject();
  const site = await serve(project.folder);
  after(site.close);
  const peerServer = await startPeerServer();
  after(peerServer.close);
  const browsers = {};
  for (const name of browserNames) {
    const browser = await launch(name);
    after(() => browser.close());
    browsers[name] = browser;
  }

  /** Opens a page in a browser, the first if none is named, for as long as `body` runs. */
  async function visit(url, body, browser = browsers[browserNames[0]]) {
    const page = await browser.open(url);
    try {
      return await body(page);
    } finally {
      await page.close();
    }
  }

  /** Runs the page's program. `run` of each program takes the server as its first argument. */
  const runProgram = (page, ...args) =>
    page
      .run((...args) => globalThis.run(...args), peerServer.options, ...args)
      .catch((error) => {
        throw new Error([error.message, ...page.takeErrors()].join("\n"), { cause: error });
      });

  /** Lets two peers on the page exchange a message. */
  async function exchange(page, ...args) {
    const { got, wanted } = await runProgram(page, ...args);
    assert.deepEqual(got, wanted);
    assert.deepEqual(page.takeErrors(), []);
  }

  const exchanges = (url, browser) => visit(url, (page) => exchange(page), browser);

  return { project, site, peerServer, browsers, visit, runProgram, exchange, exchanges };
}
