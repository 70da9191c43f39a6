// The loads, of any size: `npm run soak` runs them in full, tests/e2e/soak.test.mjs a little of each.
// A scenario gets `open()`, which gives pages, a build and its size; it resolves with what it found: `lost` and
// `disorder` are to be 0, the rest are figures.

const MB = 1 << 20;

export const SCENARIOS = {
  cycle: {
    title: ({ count }) => `${count.toLocaleString("en")} connections opened and closed on one page`,
    async run({ open }, lib, { count }) {
      const page = await open();
      const [, far] = await page.call("open", lib, 2);
      const batch = Math.min(100, count);
      await page.call("cycle", far, batch);
      await settle([page]);
      const before = await used(page);
      const took = await timed(async () => {
        for (let done = 0; done < count; done += batch) {
          await page.call("cycle", far, batch);
          // Chromium gives a page 500, and those that are closed count until they are collected.
          await collect(page);
        }
      });
      const found = await settle([page]);
      return { ...found, seconds: took, "left MB": (await used(page)) - before };
    },
  },

  crowd: {
    title: ({ count }) => `${count} connections open at once`,
    async run({ open }, lib, { count }) {
      const [near, far] = [await open(), await open()];
      await near.call("open", lib, 1);
      const [to] = await far.call("open", lib, 1);
      await near.call("gather", to, 1);
      await near.call("scatter");
      await settle([near, far]);
      const before = await used(near);
      let opened;
      const took = await timed(async () => {
        // As many at a time as a peer may have on their way with us.
        for (let left = count; left > 0; left -= 50) {
          opened = await near.call("gather", to, Math.min(50, left));
        }
      });
      const most = (await used(near)) - before;
      await near.call("scatter");
      const found = await settle([near, far]);
      found.lost += count - opened;
      return { ...found, seconds: took, "each, KB": (most * 1024) / count };
    },
  },

  chatter: {
    title: ({ count }) => `${count.toLocaleString("en")} small messages both ways`,
    async run({ open }, lib, { count }) {
      const [near, far] = [await open(), await open()];
      await near.call("open", lib, 1);
      const [to] = await far.call("open", lib, 1);
      await far.call("expectLink");
      await near.call("link", to);
      const before = [await used(near), await used(far)];
      let ends;
      const took = await timed(async () => {
        ends = await Promise.all([near.call("chatter", count), far.call("chatter", count)]);
      });
      const after = [await used(near), await used(far)];
      const sum = (key) => ends.reduce((total, end) => total + end[key], 0);
      return {
        lost: 2 * count - sum("got") - sum("disorder"),
        disorder: sum("disorder"),
        seconds: took,
        "per second": (2 * count) / took,
        "left MB": Math.max(after[0] - before[0], after[1] - before[1]),
      };
    },
  },

  blob: {
    title: ({ bytes }) => `${(bytes / 1e6).toLocaleString("en")} MB through one connection`,
    async run({ open }, lib, { bytes }) {
      const [near, far] = [await open(), await open()];
      await near.call("open", lib, 1);
      const [to] = await far.call("open", lib, 1);
      await far.call("measure");
      await near.call("link", to);
      const before = await used(near);
      let most = before;
      let arrived;
      const took = await timed(async () => {
        const sending = near.call("blob", bytes).then((length) => (arrived = length));
        // How much there is at its peak shows only while it is there.
        while (arrived === undefined) {
          most = Math.max(most, await measured(near));
          await Promise.race([sending, new Promise((resolve) => setTimeout(resolve, 250))]);
        }
      });
      return {
        lost: arrived === bytes ? 0 : 1,
        disorder: 0,
        seconds: took,
        "MB/s": bytes / 1e6 / took,
        "peak of the sender, MB": most - before,
      };
    },
  },

  mesh: {
    title: ({ tabs, peers }) => `${tabs * peers} peers in a full mesh over ${tabs} tabs`,
    async run({ open }, lib, { tabs, peers }) {
      const pages = [];
      const ids = [];
      let opened = 0;
      const took = await timed(async () => {
        for (let i = 0; i < tabs; i++) {
          const page = await open();
          const mine = await page.call("open", lib, peers);
          await page.call("meshWithin");
          opened = opened + (await page.call("mesh", ids.flat()));
          pages.push(page);
          ids.push(mine);
        }
      });
      for (const page of pages) await page.call("scatter");
      const found = await settle(pages);
      const all = tabs * peers;
      found.lost += (all * (all - 1)) / 2 - opened;
      return { ...found, seconds: took, connections: opened };
    },
  },

  roam: {
    title: ({ minutes }) => `${minutes} min of connect, talk, close and reconnect at random`,
    async run({ open }, lib, { minutes }) {
      const pages = [await open(), await open()];
      const ids = [];
      for (const page of pages) ids.push(...(await page.call("open", lib, 3)));
      const rounds = (milliseconds, seed) =>
        Promise.all(pages.map((page, i) => page.call("roam", ids, milliseconds, seed + i)));
      await rounds(Math.min(10_000, minutes * 12_000), 1);
      await settle(pages);
      const before = await Promise.all(pages.map(used));
      const total = { lost: 0, disorder: 0, opened: 0, failed: 0, returned: 0 };
      const end = Date.now() + minutes * 60_000;
      for (let seed = 100; Date.now() < end; seed += 100) {
        const counts = await rounds(Math.min(20_000, end - Date.now()), seed);
        for (const count of counts) for (const key in count) total[key] += count[key];
        const found = await settle(pages);
        total.lost += found.lost;
        total.disorder += found.disorder;
      }
      const after = await Promise.all(pages.map(used));
      return { ...total, "left MB": Math.max(...after.map((bytes, i) => bytes - before[i])) };
    },
  },
};

/**
 * Waits until every connection is closed, and compares what its two ends have counted: what was sent before a
 * `close({ flush: true })` has all come, the rest in order.
 */
async function settle(pages) {
  const ends = {};
  for (const page of pages) {
    await page.call("rest");
    Object.assign(ends, await page.call("takeLedger"));
  }
  for (const page of pages) await collect(page);
  let lost = 0;
  let disorder = 0;
  for (const [name, end] of Object.entries(ends)) {
    disorder += end.disorder;
    const [id, side] = name.split(" ");
    const other = ends[`${id} ${side === "near" ? "far" : "near"}`];
    if (end.flushed) lost += end.sent - (other?.got ?? 0) - (other?.disorder ?? 0);
  }
  return { lost, disorder };
}

async function timed(act) {
  const start = performance.now();
  await act();
  return (performance.now() - start) / 1000;
}

const isChromium = (page) => page.browser.name === "chromium";

async function collect(page) {
  if (!isChromium(page)) return;
  for (let i = 0; i < 3; i++) await page.cdp("HeapProfiler.collectGarbage");
}

/** MB of JavaScript's heap, buffers and wasm, without garbage; NaN where the browser does not tell. */
async function used(page) {
  await collect(page);
  return measured(page);
}

async function measured(page) {
  if (!isChromium(page)) return Number.NaN;
  const { usedSize, backingStorageSize } = await page.cdp("Runtime.getHeapUsage");
  return (usedSize + backingStorageSize + (await page.call("wasmBytes"))) / MB;
}

/** A page as the scenarios use it. */
export const soakPage = (page, timeout) => ({
  browser: page.browser,
  cdp: (...args) => page.cdp(...args),
  close: () => page.close(),
  call: (name, ...args) => page.runFor(timeout, (name, args) => soak[name](...args), name, args),
});
