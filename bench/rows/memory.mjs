// What stays behind, and what many connections cost. Chromium alone tells.

import { interleave } from "../world.mjs";

const MB = 1 << 20;
const LIBS = ["ours", "peerjs"];
const CROWDS = [10, 100, 500];
const BURST = 10_000;
const BURSTS = 7;

const chromium = { browsers: ["chromium"] };

export const rows = [
  { name: "left of 256 MB", unit: "MB", limit: 2, ...chromium, grow: transferring },
  { name: "left of 1,000 connections", unit: "MB", limit: 2, ...chromium, grow: connecting },
  { name: "peak of the receiver of 128 MB", unit: "MB", goal: 1, ...chromium },
  ...CROWDS.map((crowd) => ({
    ...{ name: `sending with ${crowd} connections`, unit: "µs", floor: 0.8, goal: 0.95 },
    ...{ against: "with 1", ...chromium, crowd },
  })),
];

export async function run(world, wanted, report) {
  for (const { grow, ...row } of wanted.filter((row) => row.grow)) {
    report(row, await onPages(world, LIBS, (page, lib) => growth(page, lib, grow)));
  }
  const crowds = wanted.filter((row) => row.crowd);
  if (crowds.length > 0) await crowded(world, crowds, report);
  const peak = wanted.find((row) => !row.grow && !row.crowd);
  if (peak) report(peak, await onPages(world, LIBS, (page, lib) => peakOf(world, page, lib)));
}

/** One sample for each build, in a page of its own. */
async function onPages(world, libs, measure) {
  const samples = {};
  for (const lib of libs) {
    samples[lib] = [await measure(await world.open(), lib)];
    await world.clear();
  }
  return samples;
}

async function growth(page, lib, grow) {
  const again = await grow(page, lib);
  const before = await settled(page);
  await again();
  return ((await settled(page)) - before) / MB;
}

/** Prepares 256 MB in 16 messages; one goes ahead, for what is made once only. */
async function transferring(page, lib) {
  const link = await page.call("connect", lib, await page.call("answer", lib));
  const send = (count) => interleave([link], count, () => page.call("bulk", link, 16 * MB));
  await send(1);
  return () => send(16);
}

async function connecting(page, lib) {
  await page.call("couple", lib);
  const reconnect = async (times) => {
    for (let i = 0; i < times; i++) {
      await page.call("reconnectMany", lib, 100);
      // Chromium gives a page no more than 500 connections, and those that are closed count until
      // they are collected, for which this little garbage is no reason.
      await page.collectGarbage();
    }
  };
  await reconnect(1);
  return () => reconnect(10);
}

/** What the page uses once all garbage is collected: JavaScript's heap, buffers, wasm. */
async function settled(page) {
  for (let i = 0; i < 3; i++) await page.collectGarbage();
  return used(page);
}

async function used(page) {
  const { usedSize, backingStorageSize } = await page.cdp("Runtime.getHeapUsage");
  return usedSize + backingStorageSize + (await page.call("wasmBytes"));
}

async function peakOf(world, near, lib) {
  const far = await world.open();
  const link = await near.call("connect", lib, await far.call("answer", lib));
  await near.call("bulk", link, MB);
  const before = await settled(far);
  let most = before;
  let done = false;
  const transfer = near.call("bulk", link, 128 * MB).finally(() => {
    done = true;
  });
  while (!done) most = Math.max(most, await used(far));
  await transfer;
  return (most - before) / MB;
}

/** In turns with a page that has one connection and no more. */
async function crowded(world, wanted, report) {
  const contenders = [await linked(world), await linked(world)];
  const [{ near, far, id }] = contenders;
  const cost = () =>
    interleave(contenders, BURSTS, async ({ near, link }) => (await near.burst(link, BURST)).cpu);
  await cost();
  for (const { crowd, ...row } of wanted) {
    await near.call("crowd", id, crowd);
    for (const page of [near, far]) await page.collectGarbage();
    const [ours, peerjs] = await cost();
    report(row, { ours, peerjs });
  }
}

/** Two pages with a connection between them. */
async function linked(world) {
  const [near, far] = [await world.open(), await world.open()];
  const id = await far.call("answer", "ours");
  return { near, far, id, link: await near.call("connect", "ours", id) };
}
