// www/diagnose.html, which a support person sends to a user, with a TURN server as it should be and with wrong credentials.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { browserNames, launch } from "./harness/browser.mjs";
import { startDemo } from "./harness/servers.mjs";
import { noTurn, startTurn } from "./harness/turn.mjs";

const by = (id) => `[data-testid="${id}"]`;

/** What the page says after its test, with this `config`. */
async function run(page, url, config) {
  await page.goto("about:blank");
  await page.goto(`${url}diagnose.html#${new URLSearchParams({ config: JSON.stringify(config) })}`);
  await page.click(by("start"));
  await page.until(() => document.querySelector('[data-state="done"]'));
  return page.run(() => ({
    checks: Object.fromEntries(
      [...document.querySelectorAll('[data-testid="check"]')].map((item) => [
        item.querySelector("strong").textContent.replace(/: [a-z ]+$/, ""),
        item.dataset.result,
      ]),
    ),
    advice: [...document.querySelectorAll("#advice li")].map(({ dataset }) => dataset.code),
    report: JSON.parse(document.getElementById("report").value),
    text: document.getElementById("report").value,
    overflows: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  }));
}

for (const name of browserNames) {
  describe(`the page that says why it does not connect, ${name}`, { skip: noTurn }, () => {
    let browser;
    let demo;
    let turn;
    before(async () => {
      [browser, demo, turn] = await Promise.all([launch(name), startDemo(), startTurn()]);
    });
    after(async () => {
      for (const it of [browser, demo, turn]) await it?.close();
    });

    test("all is well with a good TURN server", async () => {
      const page = await browser.open("about:blank");
      const [udp, tcp] = ["udp", "tcp"].map((transport) => turn.server({ transport }));
      const config = { iceServers: [{ urls: turn.stun }, udp, tcp], iceTransportPolicy: "relay" };
      const { checks, advice, report, text } = await run(page, demo.url, config);
      assert.equal(checks.Server, "works");
      assert.equal(checks[udp.urls], "works");
      assert.equal(checks[tcp.urls], "works");
      assert.equal(checks["Camera and microphone"], "works");
      assert.equal(checks.Transfer, "works");
      assert.equal(checks.Call, "works");
      assert.deepEqual(advice, ["ok"]);
      assert.deepEqual([report.udp, report.tcp], [true, true]);
      assert.equal(report.transfer.path, "relay");
      assert.equal(report.call.path, "relay");
      assert.ok(!text.includes(udp.credential), "the report has the credential in it");
      assert.deepEqual(page.takeErrors(), []);
      await page.close();
    });

    test("wrong credentials of TURN are named", async () => {
      const page = await browser.open("about:blank");
      const wrong = { ...turn.server(), credential: "wrong" };
      const { checks, advice, report } = await run(page, demo.url, { iceServers: [wrong] });
      assert.equal(checks[wrong.urls], "fails");
      assert.equal(checks.Transfer, "works");
      const [{ errorCode }] = report.iceServers;
      assert.deepEqual(advice, [errorCode === 401 ? "turn-refused" : "turn-unreachable"]);
      if (name === "chromium") assert.equal(errorCode, 401);
      await page.close();
    });

    test("fits a phone", async () => {
      const page = await browser.open(`${demo.url}`);
      const wide = await page.run(async () => {
        const frame = document.createElement("iframe");
        frame.style.cssText = "width: 320px; height: 640px";
        frame.src = "diagnose.html";
        const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
        document.body.append(frame);
        await loaded;
        frame.contentDocument.getElementById("results").hidden = false;
        const { scrollWidth, clientWidth } = frame.contentDocument.documentElement;
        return scrollWidth - clientWidth;
      });
      assert.equal(wide, 0);
      await page.close();
    });
  });
}
