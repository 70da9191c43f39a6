// The demo's file protocol, without a browser: two ends and the messages between them.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import { MAX_FILE, Transfers } from "../../www/js/transfer.js";

/** An end that keeps what it sends until `deliver` is told where to. */
function end() {
  const transfers = [];
  const changes = new EventTarget();
  const sent = [];
  let target = null;
  const self = new Transfers({
    send(message) {
      sent.push(message);
      // As a connection would: later, and never the same objects.
      queueMicrotask(() => target?.receive(structuredClone(message)));
    },
    added: (transfer) => transfers.push(transfer),
    changed: () => changes.dispatchEvent(new Event("change")),
  });
  return {
    self,
    transfers,
    sent,
    deliverTo(other) {
      target = other.self;
    },
    async until(condition) {
      while (!condition()) await once(changes, "change");
    },
  };
}

function pair() {
  const sender = end();
  const receiver = end();
  sender.deliverTo(receiver);
  receiver.deliverTo(sender);
  return { sender, receiver };
}

const allSettled = (side) => () => side.transfers.every((transfer) => !transfer.running);

test("several files arrive in order, byte for byte, an empty one too", async () => {
  const { sender, receiver } = pair();
  const contents = [randomBytes(20_000_000), Buffer.alloc(0), randomBytes(1)];
  for (const [i, bytes] of contents.entries()) sender.self.offer(new File([bytes], `file ${i}`));
  await sender.until(allSettled(sender));
  for (const [i, { name, state, blob }] of receiver.transfers.entries()) {
    assert.equal(name, `file ${i}`);
    assert.equal(state, "done");
    assert.ok(contents[i].equals(Buffer.from(await blob.arrayBuffer())), `content of file ${i}`);
  }
  assert.equal(receiver.transfers.length, contents.length);
});

test("a sender stops at the window when nothing is acknowledged", async () => {
  const sender = end();
  sender.self.offer(new File([Buffer.alloc(10_000_000)], "big"));
  const parts = () => sender.sent.filter(({ kind }) => kind === "file-part");
  const onTheWay = () => parts().reduce((sum, { data }) => sum + data.byteLength, 0);
  while (onTheWay() < 4 * 1024 * 1024) await new Promise(setImmediate);
  for (let i = 0; i < 50; i++) await new Promise(setImmediate);
  assert.equal(onTheWay(), 4 * 1024 * 1024);
  assert.equal(sender.transfers[0].moved, 0, "progress is what the other side has confirmed");
});

for (const who of ["sender", "receiver"])
  test(`the ${who} cancels: both ends stop, and the next file arrives`, async () => {
    const sides = pair();
    const { sender, receiver } = sides;
    sender.self.offer(new File([Buffer.alloc(50_000_000)], "long"));
    sender.self.offer(new File(["next"], "next"));
    await receiver.until(() => receiver.transfers[0]?.moved > 0);
    sides[who].self.cancel(sides[who].transfers[0]);
    await receiver.until(() => receiver.transfers[1]?.state === "done");
    await sender.until(allSettled(sender));
    assert.equal(sender.transfers[0].state, "stopped");
    assert.equal(receiver.transfers[0].state, "stopped");
    assert.equal(sender.transfers[1].state, "done");
  });

test("offers with an impossible size are refused, names are made harmless", () => {
  const receiver = end();
  for (const size of [-1, 1.5, Number.NaN, MAX_FILE + 1, "7", undefined])
    receiver.self.receive({ kind: "file-offer", file: 0, name: "x", size });
  assert.equal(receiver.transfers.length, 0);
  assert.ok(receiver.sent.every(({ kind }) => kind === "file-stop"));
  receiver.self.receive({ kind: "file-offer", file: 1, name: "../a\u202Etxt.exe", size: 1 });
  assert.equal(receiver.transfers[0].name, ".._a_txt.exe");
  receiver.self.receive({ kind: "file-offer", file: 2, name: "..", size: 1 });
  assert.equal(receiver.transfers[1].name, "unnamed");
});

test("parts that do not fit end the file", () => {
  const part = (offset, length) => ({ offset, data: new ArrayBuffer(length) });
  const wrong = [part(1, 1), part(0, 11), part(0, 0), part(-1, 1), { offset: 0, data: "text" }, {}];
  for (const [file, message] of wrong.entries()) {
    const receiver = end();
    receiver.self.receive({ kind: "file-offer", file, name: "x", size: 10 });
    receiver.self.receive({ kind: "file-part", file, ...message });
    assert.equal(receiver.transfers[0].state, "stopped", `part ${file}`);
    assert.equal(receiver.sent.at(-1).kind, "file-stop");
  }
});

test("acknowledgements beyond what was sent are ignored", async () => {
  const sender = end();
  sender.self.offer(new File(["0123456789"], "x"));
  for (const received of [10, -1, 0.5, "10", undefined])
    sender.self.receive({ kind: "file-ack", file: 0, received });
  assert.equal(sender.transfers[0].state, "active");
  assert.equal(sender.transfers[0].moved, 0);
});
