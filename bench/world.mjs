// A browser with its servers, and pages that can run what pages/bench.js offers.

import { launch } from "../tests/e2e/harness/browser.mjs";
import { startPeerServer, startSite } from "../tests/e2e/harness/servers.mjs";

/** One call into a page may take as long as a transfer on a busy machine. */
const TIMEOUT = 120_000;

/**
 * @param {"chromium" | "firefox"} name
 */
export async function openWorld(name) {
  const [browser, site, server] = await Promise.all([
    launch(name),
    startSite(),
    startPeerServer({ concurrent_limit: 10_000 }),
  ]);
  const opened = new Set();
  return {
    name,
    peerOptions: { ...server.options, config: { iceServers: [] } },
    /** A page with both builds, or with none. */
    async open(libs = ["ours", "peerjs"]) {
      const page = new BenchPage(await browser.open(site.blank(libs, server, ["wasm-memory"])));
      opened.add(page);
      return page;
    },
    /** Closes every page. */
    async clear() {
      for (const page of opened) await page.close();
      opened.clear();
    },
    async close() {
      await browser.close();
      await Promise.all([site.close(), server.close()]);
    },
  };
}

class BenchPage {
  #page;

  constructor(page) {
    this.#page = page;
  }

  /** Calls a function of pages/bench.js. */
  call(name, ...args) {
    const run = async (name, args) => {
      const bench = await import(`${location.origin}/bench/bench.js`);
      return bench[name](...args);
    };
    return this.#page.runFor(TIMEOUT, run, name, args);
  }

  /**
   * Sends many small messages at once: milliseconds until all have come, and microseconds of work
   * for each on this page: of its thread, or where that is unknown, inside `send()`.
   */
  async burst(link, count) {
    const before = await this.#threadTime();
    const { took, sending } = await this.call("burst", link, count);
    const busy = before === undefined ? sending : (await this.#threadTime()) - before;
    return { took, cpu: (busy / count) * 1000 };
  }

  async #threadTime() {
    if (this.#page.browser.name !== "chromium") return undefined;
    await this.cdp("Performance.enable");
    const { metrics } = await this.cdp("Performance.getMetrics");
    return metrics.find(({ name }) => name === "ThreadTime").value * 1000;
  }

  /** So that nobody pays for what another has left behind. Firefox lets nobody ask for it. */
  async collectGarbage() {
    if (this.#page.browser.name === "chromium") await this.cdp("HeapProfiler.collectGarbage");
  }

  cdp(method, params) {
    return this.#page.cdp(method, params);
  }

  close() {
    return this.#page.close();
  }
}

/** Calls `measure` for each contender in turn, `rounds` times; resolves with their results. */
export async function interleave(contenders, rounds, measure) {
  const results = contenders.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, contender] of contenders.entries()) results[i].push(await measure(contender));
  }
  return results;
}
