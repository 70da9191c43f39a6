// A little of every load of `npm run soak`: nothing is lost, the order is kept, memory comes back.

import assert from "node:assert/strict";
import { SCENARIOS, soakPage } from "../soak/scenarios.mjs";
import { inBrowsers } from "./harness/suite.mjs";

const SIZES = {
  cycle: { count: 100 },
  crowd: { count: 60 },
  chatter: { count: 20_000 },
  blob: { bytes: 64e6 },
  mesh: { tabs: 3, peers: 3 },
  roam: { minutes: 0.1 },
};

/** No part takes longer, unless it hangs: a connection that finds no path on a busy machine is given up after 30 s. */
const PATIENCE = 150_000;
/** What a page may keep of it all, and what it may hold of a Blob that it sends, in MB. */
const LEFT = 4;
const PEAK = 24;

inBrowsers("under load", { scripts: ["soak"] }, (test) => {
  test("the memory of the wasm is counted", async ({ open, site, peerServer }) => {
    const page = await open(site.blank(["ours"], peerServer, ["wasm-memory"]));
    const bytes = await page.run(() => e2e.libs.ours.util.pack(1) && wasmBytes());
    assert.ok(bytes > 1e6 && bytes % 65_536 === 0, `${bytes} bytes`);
  });

  for (const [name, { title, run }] of Object.entries(SCENARIOS)) {
    test(title(SIZES[name]), async ({ open, site, peerServer }) => {
      const pages = async () =>
        soakPage(await open(site.blank(["ours"], peerServer, ["wasm-memory", "soak"])), PATIENCE);
      const found = await run({ open: pages }, "ours", SIZES[name]);
      assert.deepEqual([found.lost, found.disorder], [0, 0], "lost, and out of order");
      const { "left MB": left = 0, "peak of the sender, MB": peak = 0 } = found;
      assert.ok(!(left > LEFT), `${left} MB are left`);
      assert.ok(!(peak > PEAK), `the sender held ${peak} MB`);
    });
  }

  // A channel that is closed again before the far page has seen it loses all that came over it.
  for (const [reliable, CONNECTIONS] of [
    [true, 120],
    [false, 30],
  ]) {
    const order = reliable ? "ordered" : "unordered";
    test(`${CONNECTIONS} connections flushed as soon as they are open, ${order}`, async ({
      page,
    }) => {
      const got = await page.runFor(
        PATIENCE,
        async ([reliable, each]) => {
          const [near, far] = await Promise.all([e2e.openPeer("ours"), e2e.openPeer("ours")]);
          const got = [];
          const one = async () => {
            const arrival = e2e.next(far, "connection", (conn) => conn.label === label);
            const label = Math.random().toString(36);
            const conn = near.connect(far.id, { reliable, label });
            conn.on("open", () => {
              for (let i = 0; i < 5; i++) conn.send(i);
              conn.close({ flush: true });
            });
            const remote = await arrival;
            let count = 0;
            remote.on("data", () => count++);
            await e2e.next(remote, "close");
            got.push(count);
          };
          const walker = async () => {
            for (let i = 0; i < each; i++) await one();
          };
          await Promise.all(Array.from({ length: 6 }, walker));
          return got;
        },
        [reliable, CONNECTIONS / 6],
      );
      assert.deepEqual(got, Array(CONNECTIONS).fill(5));
    });
  }
});
