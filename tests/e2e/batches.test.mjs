// Small messages that are sent in the same task share frames, between two of our own peers only.

import assert from "node:assert/strict";
import { inBrowsers } from "./harness/suite.mjs";

const libs = ["ours", "peerjs"];

inBrowsers("small messages of one task", { libs }, (test) => {
  /** Sends `count` numbers in one task: what arrived, and how many frames that took. */
  const send = (page, ends, count = 5000) =>
    page.run(
      async ([ends, count]) => {
        const { out, in: incoming } = await e2e.pair(ends);
        const inbox = e2e.inbox(incoming);
        let frames = 0;
        out.dataChannel.send = function (frame) {
          frames++;
          RTCDataChannel.prototype.send.call(this, frame);
        };
        for (let i = 0; i < count; i++) out.send(i);
        const got = await inbox.many(count);
        return { frames, inOrder: got.every((n, i) => n === i) };
      },
      [ends, count],
    );

  for (const [name, ends] of [
    ["ordered", { reliable: true }],
    ["unordered", { reliable: false }],
  ]) {
    test(`share frames, ${name}`, async ({ page }) => {
      const { frames, inOrder } = await send(page, ends);
      assert.ok(frames < 10, `${frames} frames for 5,000 messages`);
      if (ends.reliable) assert.ok(inOrder, "out of order");
    });
  }

  for (const [name, ends] of [
    ["towards PeerJS", { to: "peerjs", reliable: true }],
    ["over a channel that may lose frames", { maxRetransmits: 1, ordered: true }],
    ["with another serialization", { serialization: "json", reliable: true }],
  ]) {
    test(`go alone ${name}`, async ({ page }) => {
      assert.deepEqual(await send(page, ends, 200), { frames: 200, inOrder: true });
    });
  }

  test("come as they were sent, between messages of every size", async ({ page }) => {
    const wrong = await page.run(async () => {
      const { out, in: incoming } = await e2e.pair({ reliable: true });
      const inbox = e2e.inbox(incoming);
      const text = (n) => "x".repeat(n);
      const values = [1, [], {}, null, [1, [2]], { a: { b: "c" } }, text(900), text(1100)];
      values.push("", text(3000), -1.5, true, text(70_000), "ü", text(300_000), [null], 2 ** 40);
      const sent = Array.from({ length: 40 }, () => values).flat();
      for (const value of sent) out.send(value);
      const got = await inbox.many(sent.length);
      return got.findIndex((value, i) => JSON.stringify(value) !== JSON.stringify(sent[i]));
    });
    assert.equal(wrong, -1);
  });

  test("all come although a listener throws", async ({ page }) => {
    const got = await page.run(async () => {
      const { out, in: incoming } = await e2e.pair({ reliable: true });
      const arrived = [];
      const thrown = [];
      const onError = (event) => {
        thrown.push(event.message);
        event.preventDefault();
      };
      addEventListener("error", onError);
      const last = new Promise((resolve) => {
        incoming.on("data", (n) => {
          arrived.push(n);
          if (n === 9) resolve();
          if (n === 3 || n === 5) throw new Error(`no ${n}`);
        });
      });
      for (let i = 0; i < 10; i++) out.send(i);
      await e2e.awaited("the last message", last);
      removeEventListener("error", onError);
      return { arrived: arrived.join(), thrown: thrown.map((text) => text.slice(-4)) };
    });
    assert.deepEqual(got, { arrived: "0,1,2,3,4,5,6,7,8,9", thrown: ["no 3", "no 5"] });
  });

  test("none comes after a listener has closed", async ({ page }) => {
    const arrived = await page.run(async () => {
      const { out, in: incoming } = await e2e.pair({ reliable: true });
      const arrived = [];
      const closed = e2e.next(out, "close");
      incoming.on("data", (n) => {
        arrived.push(n);
        if (n === 3) incoming.close();
      });
      for (let i = 0; i < 10; i++) out.send(i);
      await closed;
      return arrived;
    });
    assert.deepEqual(arrived, [0, 1, 2, 3]);
  });

  test("answers to many are many that share frames", async ({ page }) => {
    const got = await page.run(async () => {
      const { out, in: incoming } = await e2e.pair({ reliable: true });
      const inbox = e2e.inbox(out);
      incoming.on("data", (n) => incoming.send({ n }));
      let frames = 0;
      out.dataChannel.addEventListener("message", () => frames++);
      for (let i = 0; i < 1000; i++) out.send(i);
      const answers = await inbox.many(1000);
      return { frames, inOrder: answers.every(({ n }, i) => n === i) };
    });
    assert.ok(got.inOrder);
    assert.ok(got.frames < 20, `${got.frames} frames for 1,000 answers`);
  });
});
