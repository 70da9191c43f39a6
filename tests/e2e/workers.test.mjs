// A Peer in workers, which have no WebRTC: it says so, and does not throw.
import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

inBrowsers("a Peer in a worker", { libs: [] }, (test) => {
  for (const kind of ["Worker", "ServiceWorker"]) {
    test(`is told that a ${kind} has no WebRTC`, async ({ page }) => {
      const told = await page.run(async (kind) => {
        const channel = new BroadcastChannel("worker");
        let started;
        const heard = new Promise((resolve, reject) => {
          channel.onmessage = ({ data }) => resolve(data);
          const options = { type: "module" };
          if (kind === "Worker") {
            started = new Worker("/pages/worker.js", options);
            started.onerror = (event) => reject(new Error(event.message));
          } else {
            started = navigator.serviceWorker.register("/pages/worker.js", options);
            started.catch(reject);
          }
        });
        const told = await heard;
        channel.close();
        if (kind === "Worker") started.terminate();
        else await (await started).unregister();
        return told;
      }, kind);
      assert.deepEqual(told, ["browser-incompatible", "disconnected", "close"]);
    });
  }
});
