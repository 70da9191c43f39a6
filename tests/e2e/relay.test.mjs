// The relay does to packets what its options say.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { startRelay } from "./harness/relay.mjs";

const HOST = "127.0.0.1";

/** Two sockets in place of pages, and a relay between them. `send(n)` goes from the first to the second. */
async function between(quality, act) {
  const relay = startRelay(quality);
  const [near, far] = [createSocket("udp4"), createSocket("udp4")];
  try {
    for (const socket of [near, far]) await new Promise((resolve) => socket.bind(0, HOST, resolve));
    const port = await relay.portOf(HOST, far.address().port);
    const send = (n) => near.send(`${n}`, port, HOST);
    /** The next packet: its number, and the address that it comes from. */
    const next = async () => {
      const [packet, from] = await once(far, "message");
      return { n: Number(packet), from };
    };
    await act({ relay, near, far, send, next });
  } finally {
    await relay.close();
    for (const socket of [near, far]) socket.close();
  }
}

/** Sends so many packets and then, with nothing done to packets any more, a last one: those that came before it. */
async function survivors({ relay, send, far }, count) {
  const came = [];
  const last = new Promise((resolve) => {
    far.on("message", (packet) => {
      const n = Number(packet);
      if (n === count) resolve();
      else came.push(n);
    });
  });
  for (let n = 0; n < count; n++) {
    send(n);
    // One at a time: a burst could be too much for the socket itself.
    await new Promise((resolve) => setImmediate(resolve));
  }
  // The last few may come through the relay only after this change: no test counts exactly.
  relay.set({ loss: 0, reorder: 0 });
  send(count);
  await last;
  return came;
}

test("without options it forwards all packets in their order", () =>
  between({}, async (ends) => {
    const came = await survivors(ends, 100);
    assert.deepEqual(
      came,
      came.map((_, n) => n),
    );
    assert.equal(came.length, 100);
  }));

test("delay: no packet comes sooner, and the order is kept under jitter", () =>
  between({ delay: 80, jitter: 40 }, async (ends) => {
    const start = performance.now();
    ends.send(0);
    await ends.next();
    // Timers of Node may fire a millisecond early.
    assert.ok(performance.now() - start >= 79);
    const came = await survivors(ends, 50);
    assert.deepEqual(
      came,
      came.map((_, n) => n),
    );
  }));

test("loss: about the part that was asked for is lost, and the rest keeps its order", () =>
  between({ loss: 0.5 }, async (ends) => {
    const came = await survivors(ends, 400);
    assert.ok(came.length > 100 && came.length < 300, `${came.length} of 400`);
    assert.deepEqual(
      came,
      [...came].sort((a, b) => a - b),
    );
  }));

test("reorder: nothing is lost, and some come after the next one", () =>
  between({ reorder: 0.3 }, async (ends) => {
    const came = await survivors(ends, 100);
    const swapped = came.filter((n, i) => n < came[i - 1]);
    assert.ok(swapped.length > 5, `${swapped.length} of 100`);
    // The last one may still be held back.
    assert.ok(new Set(came).size >= 99);
  }));

test("cut and mend: nothing comes in between", () =>
  between({}, async (ends) => {
    ends.relay.cut();
    ends.send(1);
    // What comes back the other way is cut, too, so that a second relay tells when the packet must have been there.
    await between({}, async ({ send, next }) => {
      send(0);
      await next();
    });
    ends.relay.mend();
    ends.send(2);
    assert.equal((await ends.next()).n, 2);
  }));

test("remap: the old port is dead, and what the end sends comes from a new one", () =>
  between({}, async ({ relay, near, far, send, next }) => {
    send(1);
    const before = (await next()).from;
    const inner = near.address().port;
    await relay.remap({ which: ({ port }) => port === inner });
    const answers = [];
    near.on("message", (packet) => answers.push(`${packet}`));
    far.send("to the old port", before.port, HOST);
    send(2);
    const after = (await next()).from;
    assert.notEqual(after.port, before.port);
    const answered = once(near, "message");
    far.send("to the new port", after.port, HOST);
    await answered;
    assert.deepEqual(answers, ["to the new port"]);
  }));

test("remap with an outer address: what the end sends comes from there", () =>
  between({}, async ({ relay, near, send, next }) => {
    send(1);
    assert.equal((await next()).from.address, HOST);
    const inner = near.address().port;
    await relay.remap({ which: ({ port }) => port === inner, outer: "127.0.0.2" });
    send(2);
    assert.equal((await next()).from.address, "127.0.0.2");
  }));
