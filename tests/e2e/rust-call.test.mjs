// The example that calls, with the real PeerJS 1.5.5 at the other end: pictures move both ways.

import { compiled, idOf, openExample, shows } from "./harness/examples.mjs";
import { inBrowsers } from "./harness/suite.mjs";

compiled();

inBrowsers("calls in Rust", { libs: ["peerjs"], scripts: ["calls"] }, (test) => {
  /** Waits until the example's picture of the far side has moved. */
  const moves = (example) =>
    example.run(
      () =>
        new Promise((resolve) => {
          const video = document.querySelector("#far");
          const [width, height] = [64, 48];
          const canvas = Object.assign(document.createElement("canvas"), { width, height });
          const context = canvas.getContext("2d", { willReadFrequently: true });
          let first;
          const check = () => {
            if (video.videoWidth === 0) return;
            context.drawImage(video, 0, 0, width, height);
            const picture = context.getImageData(0, 0, width, height).data.join();
            first ??= picture;
            if (picture === first) return;
            video.removeEventListener("timeupdate", check);
            resolve();
          };
          video.addEventListener("timeupdate", check);
        }),
    );

  /** A page with the example, and its id. A browser lets sound play where somebody has clicked. */
  async function openCall(world) {
    const example = await openExample(world, "call");
    const id = await idOf(example);
    await example.click("#near");
    return [example, id];
  }

  test("PeerJS calls", async (world) => {
    const { page } = world;
    const [example, id] = await openCall(world);
    await page.run(async (id) => {
      const peer = await e2e.openPeer("peerjs");
      const call = calls.watchCall(peer.call(id, await calls.capture("audio", "video")), "page's");
      e2e.call = call;
      e2e.closed = e2e.next(call, "close");
      await calls.seen(call, "audio", "video");
    }, id);
    await example.activate();
    await moves(example);
    await shows(example, "#lines .note", "calls");
    await example.click("#hang-up");
    await page.run(() => e2e.awaited("the call's end", e2e.closed));
    await shows(example, "#lines .note", "hung up");
  });

  test("PeerJS is called, and hangs up", async (world) => {
    const { page } = world;
    const [example] = await openCall(world);
    const id = await page.run(async () => {
      const peer = await e2e.openPeer("peerjs");
      e2e.ringing = e2e.next(peer, "call");
      return peer.id;
    });
    await example.type("#to", `${id}\n`);
    await page.run(async () => {
      const call = calls.watchCall(await e2e.ringing, "page's");
      e2e.call = call;
      call.answer(await calls.capture("audio", "video"));
      await calls.seen(call, "audio", "video");
    });
    await example.activate();
    await moves(example);
    await page.run(() => e2e.call.close());
    await shows(example, "#lines .note", "hung up");
  });

  test("two examples call each other", async (world) => {
    const [near] = await openCall(world);
    const [far, id] = await openCall(world);
    await near.type("#to", `${id}\n`);
    await shows(far, "#lines .note", "calls");
    for (const page of [near, far]) {
      await page.activate();
      await moves(page);
    }
    await near.click("#hang-up");
    for (const page of [near, far]) await shows(page, "#lines .note", "hung up");
  });
});
