// `npm run demo:mqtt` and `npm run demo:nats` as a person uses them: two tabs, a link, a chat.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { after, before } from "node:test";
import { root } from "./harness/servers.mjs";
import { inBrowsers } from "./harness/suite.mjs";

const by = (id) => `[data-testid="${id}"]`;

/** Starts the script; resolves with the URL that it prints, and what ends it. */
function startDemo(transport) {
  const env = { ...process.env, PORT: "0" };
  const stdio = ["ignore", "pipe", "inherit"];
  const child = spawn(process.execPath, [join(root, "scripts/demo.mjs"), transport], {
    env,
    stdio,
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const close = () => {
    child.kill("SIGTERM");
    return ended;
  };
  return new Promise((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (text) => {
      said += text;
      const [url] = /http:\/\/localhost\S+/.exec(said) ?? [];
      if (url) resolve({ url, close });
    });
    ended.then((code) => reject(new Error(`The demo ended with ${code}: ${said}`)));
  });
}

const demos = {};
before(async () => {
  for (const name of ["mqtt", "nats"]) demos[name] = await startDemo(name);
});
after(async () => {
  for (const demo of Object.values(demos)) await demo.close();
});

inBrowsers("the demo over a broker", {}, (test) => {
  const inState = (page, css, state) =>
    page.until((css) => document.querySelector(css), `${css}[data-state="${state}"]`);

  for (const name of ["mqtt", "nats"]) {
    test(`${name}: a link connects, and both chat`, async ({ open }) => {
      const host = await open(demos[name].url);
      const link = await host.until((css) => document.querySelector(css)?.value, by("share-link"));
      const guest = await open(link);
      for (const page of [host, guest]) await inState(page, by("state"), "open");
      const told = async (from, to, text) => {
        await from.type(by("chat-input"), `${text}\n`);
        await to.until(
          (css, text) =>
            [...document.querySelectorAll(css)].some((line) => line.textContent.includes(text)),
          `${by("chat-line")}.theirs`,
          text,
        );
      };
      await told(host, guest, `hello over ${name}`);
      await told(guest, host, "hello back");
      // The page asks no PeerServer for anything.
      const asked = await host.run(() =>
        performance.getEntriesByType("resource").filter(({ name }) => name.includes("/peerserver")),
      );
      assert.equal(asked.length, 0);
    });
  }
});
