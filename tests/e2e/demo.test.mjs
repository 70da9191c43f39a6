// The demo as a person uses it: two tabs, a link, a chat, files.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { root, startDemo } from "./harness/servers.mjs";
import { inBrowsers } from "./harness/suite.mjs";

const FILE_SIZE = 20 << 20;
const PAGES = readdirSync(join(root, "www")).filter((name) => name.endsWith(".html"));
const by = (id) => `[data-testid="${id}"]`;

let demo;
let folder;
before(async () => {
  demo = await startDemo();
  folder = await mkdtemp(join(tmpdir(), "peerjs-wasm-"));
});
after(async () => {
  await demo?.close();
  await rm(folder, { recursive: true });
});

inBrowsers("the demo", {}, (test) => {
  const shows = (page, css, wanted) =>
    page.until(
      (css, wanted) =>
        [...document.querySelectorAll(css)].some((e) => e.textContent.includes(wanted)),
      css,
      wanted,
    );
  const inState = (page, css, state) =>
    page.until((css) => document.querySelector(css), `${css}[data-state="${state}"]`);
  const filledIn = (page, css) => page.until((css) => document.querySelector(css)?.value, css);
  const textOf = (page, css) => page.run((css) => document.querySelector(css).textContent, css);

  async function say(page, text) {
    await page.type(by("chat-input"), `${text}\n`);
  }

  /** Two tabs that are connected: one has opened the other's link. */
  async function meet(open) {
    const host = await open(demo.url);
    const guest = await open(await filledIn(host, by("share-link")));
    await Promise.all([host, guest].map((page) => inState(page, by("state"), "open")));
    return [host, guest];
  }

  test("a link connects; both chat; a file of 20 MB arrives whole", async ({ open }) => {
    const [host, guest] = await meet(open);
    await say(host, "Hello from the host <b>&</b> 👋");
    await shows(guest, `${by("chat-line")}.theirs`, "Hello from the host <b>&</b> 👋");
    await say(guest, "Hello back");
    await shows(host, `${by("chat-line")}.theirs`, "Hello back");

    const bytes = randomBytes(FILE_SIZE);
    const path = join(folder, "twenty megabytes.bin");
    await writeFile(path, bytes);
    await guest.setFiles(by("file-input"), path);
    await host.until(() => document.querySelector("progress")?.value > 0);
    const row = by("file-row");
    await Promise.all([host, guest].map((page) => inState(page, row, "done")));
    assert.equal(await textOf(host, by("file-name")), "twenty megabytes.bin");
    assert.match(await textOf(host, by("file-status")), /Received.*\/s/);
    assert.match(await textOf(guest, by("file-status")), /Delivered/);
    const [size, hash] = await host.run(async (css) => {
      const link = document.querySelector(css);
      const body = await (await fetch(link.href)).arrayBuffer();
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
      return [body.byteLength, [...digest].map((n) => n.toString(16).padStart(2, "0")).join("")];
    }, by("file-download"));
    assert.equal(size, FILE_SIZE);
    assert.equal(hash, createHash("sha256").update(bytes).digest("hex"));
  });

  for (const canceller of ["sender", "receiver"]) {
    test(`the ${canceller} cancels a file, the connection goes on`, async ({ open }) => {
      const [sender, receiver] = await meet(open);
      const path = join(folder, "endless.bin");
      await writeFile(path, "");
      await truncate(path, 2 ** 30);
      await sender.setFiles(by("file-input"), path);
      const [mine, other] = canceller === "sender" ? [sender, receiver] : [receiver, sender];
      await inState(receiver, by("file-row"), "active");
      await mine.click(by("file-cancel"));
      await Promise.all([mine, other].map((page) => inState(page, by("file-row"), "stopped")));
      assert.match(await textOf(other, by("file-status")), /Cancelled by the other side/);
      await say(sender, "Never mind");
      await shows(receiver, `${by("chat-line")}.theirs`, "Never mind");
    });
  }

  test("an id connects; a disconnect shows on both ends; connecting again works", async ({
    open,
  }) => {
    const [host, guest] = [await open(demo.url), await open(demo.url)];
    for (const page of [host, guest]) await inState(page, by("server-state"), "open");
    await guest.type(by("remote-id"), await textOf(host, by("my-id")));
    await guest.click(by("connect"));
    for (const page of [host, guest]) await inState(page, by("state"), "open");
    await host.click(by("disconnect"));
    for (const page of [host, guest]) await inState(page, by("state"), "closed");
    await shows(guest, by("chat-line"), "The other side has closed the connection.");
    await guest.click(by("connect-again"));
    for (const page of [host, guest]) await inState(page, by("state"), "open");
  });

  for (const name of PAGES) {
    test(`${name} finds all that it loads`, async ({ open }) => {
      const page = await open(`${demo.url}${name}?library=peerjs`);
      const failed = await page.run(async () => {
        const urls = performance.getEntriesByType("resource").map((entry) => entry.name);
        const links = [...document.querySelectorAll("a[href], script[src]")];
        const named = links.map((element) => element.href || element.src);
        const ours = [...urls, ...named].filter(
          (url) => url.startsWith(location.origin) && !url.includes("/peerserver/"),
        );
        const answers = await Promise.all([...new Set(ours)].map((url) => fetch(url)));
        return answers.filter((answer) => !answer.ok).map((answer) => answer.url);
      });
      assert.deepEqual(failed, []);
    });
  }

  test("compare.html runs both libraries, which connect to each other", async ({ open }) => {
    const page = await open(`${demo.url}compare.html`);
    // In its frames nothing is seen to change: what the page itself does about them is.
    await page.until(
      (css) => document.querySelector(css)?.disabled === false,
      by("compare-connect"),
    );
    const sizes = await page.run(
      (css) => [...document.querySelectorAll(css)].map((each) => each.textContent),
      by("pane-size"),
    );
    assert.equal(sizes.length, 2);
    for (const size of sizes) assert.match(size, /^(Transfer|Measuring)/);
    await page.click(by("compare-connect"));
    await page.run(
      (css) =>
        Promise.all(
          [...document.querySelectorAll("iframe")].map(({ contentDocument }) => {
            const state = contentDocument.querySelector(css);
            return new Promise((resolve) => {
              const check = () => state.dataset.state === "open" && resolve();
              const attributes = { attributes: true };
              new contentDocument.defaultView.MutationObserver(check).observe(state, attributes);
              check();
            });
          }),
        ),
      by("frame-state"),
    );
  });

  test("one's own id is refused in words", async ({ open }) => {
    const page = await open(demo.url);
    await inState(page, by("server-state"), "open");
    await page.type(by("remote-id"), `${await textOf(page, by("my-id"))}\n`);
    await shows(page, by("error"), "That is your own id");
  });
});
