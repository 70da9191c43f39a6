// Signalling over topics: what strangers publish, under any name, in any shape. The seed of a failure is printed.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Counts } from "../../js/signaling/counts.js";
import { idOf, level, overTopics } from "../../js/signaling/topic.js";

/** Any string, with what brokers give a meaning to, and half characters. */
const anyId = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc
    .array(fc.constantFrom(..."+#/>*.$%\0 \ud800\udc00-_aZ0é🦀"), { maxLength: 12 })
    .map((all) => all.join("")),
  fc.string({ minLength: 300, maxLength: 1200 }),
);

test("an id is one level of a topic, which names no other id, or none", () => {
  fc.assert(
    fc.property(anyId, anyId, (a, b) => {
      const [one, two] = [level(a), level(b)];
      for (const [id, text] of [
        [a, one],
        [b, two],
      ]) {
        if (text === undefined) continue;
        assert.match(text, /^[\w%-]{0,1023}$/);
        assert.equal(idOf(text), id);
      }
      if (a !== b && one !== undefined) assert.notEqual(one, two);
      // What comes from the wire is the level of an id, or of none.
      const id = idOf(b);
      if (id !== undefined) assert.equal(level(id), b);
    }),
  );
  for (const valid of ["a", "alice_1", "a b-c", "x".repeat(1000)]) assert.ok(level(valid));
  for (const none of ["\ud800", "x".repeat(1024), "é".repeat(200)])
    assert.equal(level(none), undefined);
});

/** A broker in this process. Its `say(to, from, text)` is what anybody may publish. */
function memory() {
  const topics = new Map();
  const say = (to, from, text) => {
    for (const heard of topics.get(to) ?? []) heard(text, from);
  };
  return {
    say,
    async subscribe(to, heard) {
      if (!topics.has(to)) topics.set(to, new Set());
      topics.get(to).add(heard);
      return () => topics.get(to).delete(heard);
    },
    publish: (to, from, text) => queueMicrotask(() => say(to, from, text)),
  };
}

/** The open line of alice, with what it brings. */
async function alice(broker) {
  const url = `wss://server.example/?${new URLSearchParams({ id: "alice", token: "t" })}`;
  const line = overTopics(broker)(url);
  const frames = [];
  line.addEventListener("message", ({ data }) => frames.push(JSON.parse(data)));
  await new Promise((resolve) => line.addEventListener("open", resolve));
  frames.length = 0;
  let closed = false;
  line.addEventListener("close", () => {
    closed = true;
  });
  return { line, frames, isClosed: () => closed };
}

const words = [
  "OFFER",
  "ANSWER",
  "CANDIDATE",
  "LEAVE",
  "HERE",
  "OPEN",
  "ID-TAKEN",
  "ERROR",
  "EXPIRE",
  "PRESENCE",
];
const names = fc.constantFrom("alice", "mallory", "bob", "%61lice", "", "__proto__");
const anyMessage = fc.record(
  {
    type: fc.oneof(fc.constantFrom(...words), fc.jsonValue()),
    src: fc.oneof(names, fc.jsonValue()),
    dst: fc.oneof(fc.constant("alice"), names, fc.jsonValue()),
    payload: fc.jsonValue(),
    claim: fc.jsonValue(),
    proof: fc.jsonValue(),
    taken: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const anyText = fc.oneof(
  anyMessage.map((message) => JSON.stringify(message)),
  fc.json(),
  fc.string(),
);

test("what is published for a peer is a message of whom the topic names, or nothing", async () => {
  const broker = memory();
  const { line, frames, isClosed } = await alice(broker);
  try {
    fc.assert(
      fc.property(anyText, fc.oneof(names, fc.string()), (text, from) => {
        frames.length = 0;
        broker.say("alice", from, text);
        assert.ok(frames.length <= 1);
        for (const { type, src } of frames) {
          assert.ok(["OFFER", "ANSWER", "CANDIDATE"].includes(type));
          assert.equal(level(src), from);
          assert.notEqual(src, "alice");
        }
        assert.equal(isClosed(), false);
      }),
      { numRuns: 5_000 },
    );
  } finally {
    line.close();
  }
});

test("floods of offers, and messages that are too long or too deep, take a bounded amount of memory", async () => {
  const broker = memory();
  const { line, frames } = await alice(broker);
  const offer = (src, payload) => JSON.stringify({ type: "OFFER", src, dst: "alice", payload });
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  for (let n = 0; n < 10_000; n++) broker.say("alice", `m${n}`, offer(`m${n}`, {}));
  assert.equal(frames.length, 10_000);
  const waiting = timers() - before;
  assert.ok(waiting > 100 && waiting <= 513, `${waiting} timers`);
  frames.length = 0;
  broker.say("alice", "m", offer("m", "x".repeat(300_000)));
  broker.say(
    "alice",
    "m",
    `${offer("m", 0).slice(0, -2)}${"[".repeat(90_000)}${"]".repeat(90_000)}}`,
  );
  assert.ok(frames.every((frame) => JSON.stringify(frame).length < 262_144));
  line.close();
  assert.equal(timers(), before);
});

test("a replayed message is one more message, no more: it is for the core to know it", async () => {
  const broker = memory();
  const { line, frames } = await alice(broker);
  const text = JSON.stringify({ type: "CANDIDATE", src: "bob", dst: "alice", payload: { n: 1 } });
  for (let n = 0; n < 3; n++) broker.say("alice", "bob", text);
  assert.equal(frames.length, 3);
  line.close();
  broker.say("alice", "bob", text);
  assert.equal(frames.length, 3);
});

test("Counts counts as a map does while it holds a key, and holds a bounded amount", () => {
  const key = fc.oneof(fc.constantFrom("a", "b", "c"), fc.nat(2_000).map(String));
  fc.assert(
    fc.property(fc.array(key, { maxLength: 3_000 }), (keys) => {
      const counts = new Counts();
      const all = new Map();
      for (const each of keys) {
        const held = counts.get(each);
        if (held === 0) all.delete(each);
        all.set(each, (all.get(each) ?? 0) + 1);
        assert.equal(counts.add(each), all.get(each));
        assert.ok(counts.size <= 512);
      }
    }),
    { numRuns: 20 },
  );
  const counts = new Counts();
  for (let n = 0; n < 100; n++) counts.add(`${n}${"x".repeat(250_000)}`);
  assert.ok(counts.size <= 5);
});
