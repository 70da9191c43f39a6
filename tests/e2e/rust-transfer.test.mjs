// The example that sends files: as a whole, with bounded memory, at the pace of the reader.

import assert from "node:assert/strict";
import { compiled, idOf, openExample, shows } from "./harness/examples.mjs";
import { inBrowsers } from "./harness/suite.mjs";

compiled();

const MB = 1 << 20;
/** The size of the long file in MB. The trial of the crate is 200, which is E2E_TRANSFER_MB=200. */
const LONG = Number(process.env.E2E_TRANSFER_MB ?? 64);
/** More memory than this the module must not take for a file of any size, in MB. */
const MEMORY = 16;

inBrowsers("files in Rust", { libs: ["peerjs"] }, (test) => {
  const memory = (page) => page.run(() => globalThis.memory.buffer.byteLength);

  /** Puts a made-up file of so many MB into the page's form and sends it. */
  const send = (page, to, mb) =>
    page.run(
      (to, mb) => {
        const part = Uint32Array.from({ length: 1 << 18 }, (_, i) => Math.imul(i, 2654435761));
        const parts = Array.from({ length: mb }, (_, i) => part.map((word) => word ^ i));
        const files = new DataTransfer();
        files.items.add(new File([...parts, "the end"], "long.bin"));
        document.querySelector("#file").files = files.files;
        document.querySelector("#to").value = to;
        document.querySelector("#send").requestSubmit();
      },
      to,
      mb,
    );

  /** The SHA-256 of what is in the form, or of what the link gives. */
  const digest = (page, which) =>
    page.run(async (which) => {
      const bytes =
        which === "sent"
          ? await document.querySelector("#file").files[0].arrayBuffer()
          : await (await fetch(document.querySelector("#link").href)).arrayBuffer();
      return [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].join();
    }, which);

  const number = (page, id) => page.run((id) => Number(document.querySelector(id).textContent), id);

  test(`${LONG} MB arrive whole, and the modules' memory does not grow with them`, async (world) => {
    const [near, far] = [
      await openExample(world, "transfer"),
      await openExample(world, "transfer"),
    ];
    await idOf(near);
    const to = await idOf(far);
    await send(near, to, 1);
    await shows(far, "#link", "long.bin");
    await shows(near, "#lines .sent", "long.bin");
    const before = await Promise.all([near, far].map(memory));
    await far.run(() => (document.querySelector("#link").textContent = ""));
    await send(near, to, LONG);
    await far.until(() => document.querySelector("#link").textContent === "long.bin");
    const after = await Promise.all([near, far].map(memory));
    const grown = after.map((bytes, i) => (bytes - before[i]) / MB);
    assert.ok(Math.max(...grown) <= MEMORY, `${grown} MB more`);
    assert.equal(await digest(far, "received"), await digest(near, "sent"));
  });

  test("a reader that stops stops the sender, and nothing is lost", async (world) => {
    const [near, far] = [
      await openExample(world, "transfer"),
      await openExample(world, "transfer"),
    ];
    const from = await idOf(near);
    const to = await idOf(far);
    const pause = (on) =>
      far.run((on) => {
        const box = document.querySelector("#pause");
        box.checked = on;
        box.dispatchEvent(new Event("change"));
      }, on);
    await pause(true);
    await send(near, to, 96);
    await far.until(() => Number(document.querySelector("#received").textContent) > 0);
    // Half of `unread_limit` may be under way, what the browsers buffer, and one message. It has stopped when it sends
    // nothing while a file goes the other way.
    const sent = () => number(near, "#sent");
    let stopped;
    do {
      stopped = await sent();
      await near.run(() => (document.querySelector("#link").textContent = ""));
      await send(far, from, 1);
      await shows(near, "#link", "long.bin");
    } while (stopped !== (await sent()));
    assert.ok(stopped < 64 * MB, `${stopped / MB} MB were sent to a reader that has stopped`);
    assert.equal(await number(far, "#received"), MB);
    await pause(false);
    await shows(far, "#link", "long.bin");
    assert.equal(await digest(far, "received"), await digest(near, "sent"));
  });

  test("a page with PeerJS sends and receives", async (world) => {
    const { page } = world;
    const transfer = await openExample(world, "transfer");
    const id = await idOf(transfer);
    const to = await page.run(async (id) => {
      const peer = await e2e.openPeer("peerjs");
      e2e.arrival = e2e.next(peer, "connection").then((conn) => [conn, e2e.inbox(conn)]);
      const bytes = new Uint8Array(300_000).map((_, i) => i * i);
      const metadata = { name: "squares", size: 300_000 };
      const conn = peer.connect(id, { metadata, reliable: true });
      await e2e.next(conn, "open");
      conn.send(bytes);
      conn.close({ flush: true });
      await e2e.next(conn, "close");
      return peer.id;
    }, id);
    await shows(transfer, "#link", "squares");
    assert.equal(await number(transfer, "#received"), 300_000);

    await send(transfer, to, 2);
    const seen = await page.run(async () => {
      const [conn, arriving] = await e2e.arrival;
      const pieces = await arriving.many(3);
      return { metadata: conn.metadata, lengths: pieces.map((piece) => piece.byteLength) };
    });
    assert.deepEqual(seen, {
      metadata: { name: "long.bin", size: 2 * MB + 7 },
      lengths: [MB, MB, 7],
    });
    await shows(transfer, "#lines .sent", "long.bin");
  });

  test("a file whose sender leaves is not complete", async (world) => {
    const [near, far] = [
      await openExample(world, "transfer"),
      await openExample(world, "transfer"),
    ];
    await idOf(near);
    const to = await idOf(far);
    await far.run(() => (document.querySelector("#pause").checked = true));
    await send(near, to, 96);
    await far.until(() => Number(document.querySelector("#received").textContent) > 0);
    await near.goto("about:blank");
    await far.run(() => {
      const box = document.querySelector("#pause");
      box.checked = false;
      box.dispatchEvent(new Event("change"));
    });
    await shows(far, "#lines .error", "long.bin is not complete");
  });
});
