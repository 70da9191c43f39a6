// Our decoders against the encoders that PeerJS uses, and against those who mean harm.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeMulti, Encoder, ExtData as TheirExtData } from "@msgpack/msgpack";
import fc from "fast-check";
import { pack, unpack as theirUnpack } from "peerjs-js-binarypack";
import "./setup.mjs";
import { packToBuffer } from "../../js/codec/pack.js";
import { StreamDecoder, unpack } from "../../js/codec/reader.js";
import { load } from "../../js/loader.js";

load();

const bytes = (...parts) => Uint8Array.from(parts.flat()).buffer;
const utf8 = new TextEncoder();

/** The faults of BinaryPack's own encoder are not our matter: numbers that it writes as others are left out. */
const packable = (number) => {
  try {
    return theirUnpack(pack(number)) === number;
  } catch {
    return false;
  }
};

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.string({ unit: "grapheme", maxLength: 300 }),
  fc.string({ maxLength: 12 }),
  fc.constantFrom("", "\ufeffmarked", "a\ud800b", "x".repeat(5000), "ä".repeat(40_000)),
);
const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer(),
  fc.integer({ min: -200, max: 300 }),
  fc.double().filter(packable),
);
const binary = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(4095, 4096, 16_000, 70_000).map((length) => new Uint8Array(length).fill(length)),
);
/** Its encoder asks the value for its constructor and for hasOwnProperty. */
const key = text
  .map((name) => name.toWellFormed())
  .filter((name) => !["constructor", "hasOwnProperty", "__proto__"].includes(name));

const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    number,
    text,
    fc.boolean(),
    fc.constantFrom(null, undefined),
    binary,
    fc.array(number, { maxLength: 40 }),
    fc.array(tie("value"), { maxLength: 12 }),
    fc.dictionary(key, tie("value"), { maxKeys: 20, noNullPrototype: true }),
  ),
})).value;

/** What of a value BinaryPack carries. */
function carried(value) {
  if (value === undefined) return null;
  if (typeof value === "string") return value.toWellFormed();
  if (Object.is(value, -0)) return 0;
  if (value instanceof Uint8Array) return value.slice().buffer;
  if (Array.isArray(value)) return value.map(carried);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, carried(member)]));
}

test("what PeerJS packs, we unpack", () => {
  fc.assert(
    fc.property(value, (value) => {
      assert.deepStrictEqual(unpack(pack(value)), carried(value));
    }),
    { numRuns: 10_000 },
  );
});

test("what we pack, we unpack, doubles of every kind too", () => {
  const any = fc.oneof(value, fc.array(fc.double(), { maxLength: 20 }));
  fc.assert(
    fc.property(any, (value) => {
      assert.deepStrictEqual(unpack(packToBuffer(value)), carried(value));
    }),
    { numRuns: 5000 },
  );
});

test("binary is an ArrayBuffer of its own, whatever its size", () => {
  for (const length of [0, 1, 4095, 4096, 20_000, 100_000]) {
    const packed = pack({ body: new Uint8Array(length).fill(7), more: [1] });
    const { body } = unpack(packed);
    assert.equal(Object.prototype.toString.call(body), "[object ArrayBuffer]");
    assert.equal(body.byteLength, length);
    new Uint8Array(packed).fill(0);
    assert.ok(new Uint8Array(body).every((byte) => byte === 7));
  }
});

test("a view is unpacked like its bytes", () => {
  const packed = new Uint8Array(pack(["view"]));
  const around = new Uint8Array(packed.length + 9);
  around.set(packed, 4);
  assert.deepEqual(unpack(around.subarray(4, 4 + packed.length)), ["view"]);
});

test("a whole message may be null, undefined, or what looks like control", () => {
  assert.equal(unpack(bytes(0xc0)), null);
  for (const byte of [0xc1, 0xd4, 0xd5, 0xd6, 0xd7]) assert.equal(unpack(bytes(byte)), undefined);
  for (const value of [
    { __peerData: { type: "close" } },
    { __peerData: 1, n: 0, total: 1, data: new ArrayBuffer(1) },
  ]) {
    assert.deepEqual(unpack(pack(value)), value);
  }
});

test("numbers that PeerJS's decoder gets wrong", () => {
  for (const [packed, number] of [
    [[0xd3, 0xff, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff], -2147483649],
    [[0xd3, 0xff, 0xdf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -Number.MAX_SAFE_INTEGER - 2],
    [[0xcb, 0, 0, 0, 0, 0, 0, 0, 0], 0],
    [[0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0], -0],
    [[0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0], Number.POSITIVE_INFINITY],
    [[0xcb, 0xff, 0xf0, 0, 0, 0, 0, 0, 0], Number.NEGATIVE_INFINITY],
    [[0xcb, 0, 0, 0, 0, 0, 0, 0, 1], Number.MIN_VALUE],
    [[0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], Number.NaN],
    [[0xcb, 0xff, 0xfc, 0, 0x07, 0xff, 0xff, 0xff, 0xff], Number.NaN],
    [[0xca, 0x3d, 0xcc, 0xcc, 0xcd], Math.fround(0.1)],
    [[0xca, 0, 0, 0, 0], 0],
  ]) {
    assert.ok(Object.is(unpack(bytes(packed)), number), `${packed} is ${number}`);
    assert.ok(
      Object.is(unpack(bytes(0x91, packed))[0], number),
      `${packed} is ${number} in an array`,
    );
  }
});

test("keys are what JS makes of them, and the last of equal ones wins", () => {
  assert.deepEqual(unpack(bytes(0x83, 7, 1, 0xc0, 2, 0xc3, 3)), { 7: 1, null: 2, true: 3 });
  assert.deepEqual(unpack(bytes(0x82, 0xb1, 0x61, 1, 0xb1, 0x61, 2)), { a: 2 });
});

test("__proto__ is a key like any other", () => {
  const packed = bytes(0x81, 0xb9, [...utf8.encode("__proto__")], 0x81, 0xb1, 0x78, 1);
  const value = unpack(packed);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.deepEqual(Object.getOwnPropertyNames(value), ["__proto__"]);
  assert.deepEqual(Object.getOwnPropertyDescriptor(value, "__proto__").value, { x: 1 });
  assert.equal(value.x, undefined);
  assert.equal({}.x, undefined);
});

test("malformed UTF-8 is replaced as the platform does it, a byte order mark kept", () => {
  const ours = (...text) => unpack(bytes(0xb0 + text.length, text));
  const platform = new TextDecoder("utf-8", { ignoreBOM: true });
  for (const text of [
    [0x61, 0xff, 0x62],
    [0xe2, 0x82],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x9f, 0x98],
    [0xc0, 0xaf],
    [0xef, 0xbb, 0xbf, 0x61],
  ]) {
    assert.equal(ours(...text), platform.decode(Uint8Array.from(text)));
  }
});

test("truncated at every byte, and with a byte too many", () => {
  const whole = pack({
    a: [1, -1000, 1.5, "text", "größer"],
    b: new Uint8Array(20),
    c: { d: null },
  });
  for (let length = 0; length < whole.byteLength; length++) {
    assert.throws(() => unpack(whole.slice(0, length)), /ends in the middle/, `${length} bytes`);
  }
  assert.throws(() => unpack(bytes([...new Uint8Array(whole)], 0xc0)), /after the value/);
});

/** How long this process was at work, in milliseconds: what others do on the machine does not count. */
function processorTime(act) {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

test("what is announced but cannot come costs nothing", () => {
  const hostile = [0xd9, 0xdb, 0xdd, 0xdf].map((head) => bytes(head, 0xff, 0xff, 0xff, 0xff));
  const nested = bytes(Array.from({ length: 3000 }, () => [0xdc, 0x0f, 0xff]).flat());
  const used = processorTime(() => {
    for (const message of [...hostile, nested])
      assert.throws(() => unpack(message), /ends in the middle/);
  });
  assert.ok(used < 1000, "PeerJS takes 7.7 s for the third of these");
});

test("depth is no danger", () => {
  const deep = (depth) => bytes(new Array(depth).fill(0x91), 0xc0);
  assert.throws(() => unpack(bytes(new Array(8000).fill(0x91))), /ends in the middle/);
  let value = unpack(deep(10_000));
  let depth = 0;
  for (; value !== null; depth++) [value] = value;
  assert.equal(depth, 10_000);
  assert.throws(() => unpack(deep(10_001)), /nested too deeply/);
});

test("a 20 MB string", () => {
  const length = 20_000_000;
  const message = new Uint8Array(length + 5).fill(0x61);
  message.set([0xd9, length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255]);
  const used = processorTime(() => assert.equal(unpack(message.buffer).length, length));
  assert.ok(used < 1000, "PeerJS takes 2.6 s");
});

test("after an error all goes on, with no string mistaken for another", () => {
  for (let round = 0; round < 300; round++) {
    // New strings, never seen by the reader since the message is broken.
    assert.throws(() => unpack(bytes(0x92, 0xb4, [...utf8.encode(`k${round}xx`.slice(0, 4))])));
    const value = { [`k${round}`]: `v${round}`, k: `k${round}xx`.slice(0, 4) };
    assert.deepEqual(unpack(pack(value)), value);
  }
});

test("after the page broke off, no string is mistaken for another either", () => {
  const packed = pack([{ newBefore: "before" }, "trap", { newBehind: "behind" }]);
  const trap = { configurable: true, set: () => assert.fail("a trap in the page") };
  Object.defineProperty(Array.prototype, 1, trap);
  try {
    assert.throws(() => unpack(packed), /a trap/);
  } finally {
    delete Array.prototype[1];
  }
  const value = { newBehind: "before", newBefore: "behind" };
  assert.deepEqual(unpack(pack(value)), value);
});

test("thousands of different keys and words", () => {
  const value = {};
  for (let at = 0; at < 5000; at++) value[`key${at * 7}`] = [`word${at % 700}`, `key${at}`];
  assert.deepEqual(unpack(pack(value)), value);
  assert.deepEqual(unpack(pack([value, value])), [value, value]);
});

/** What of a value MessagePack carries. */
function streamed(value) {
  if (Object.is(value, -0)) return 0;
  if (value === undefined) return null;
  if (typeof value === "string") return value.toWellFormed();
  if (Array.isArray(value)) return value.map(streamed);
  if (value instanceof TheirExtData) return { type: value.type, data: value.data };
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
  if (value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, streamed(member)]));
}

/** Our ExtData is another class than theirs. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
  if (value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

const streamedValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.double({ noNaN: true })),
    text.map((it) => it.toWellFormed()),
    fc.boolean(),
    fc.constant(null),
    binary,
    fc.date({ noInvalidDate: true }),
    fc
      .record({ type: fc.integer({ min: 0, max: 127 }), data: binary })
      .map(({ type, data }) => new TheirExtData(type, data)),
    fc.array(tie("value"), { maxLength: 10 }),
    fc.dictionary(key, tie("value"), { maxKeys: 20, noNullPrototype: true }),
  ),
})).value;

test("what @msgpack/msgpack encodes, our stream decodes, cut anywhere", () => {
  const encoder = new Encoder();
  fc.assert(
    fc.property(
      fc.array(streamedValue, { minLength: 4, maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      (values, places) => {
        const stream = values.map((value) => encoder.encode(value));
        const whole = new Uint8Array(stream.reduce((size, { length }) => size + length, 0));
        let at = 0;
        for (const part of stream) {
          whole.set(part, at);
          at += part.length;
        }
        const cuts = [0, ...places.map((place) => place % (whole.length + 1)), whole.length].sort(
          (a, b) => a - b,
        );
        const decoder = new StreamDecoder(Infinity);
        const got = [];
        for (let nth = 1; nth < cuts.length; nth++) {
          got.push(...decoder.push(whole.subarray(cuts[nth - 1], cuts[nth])));
        }
        assert.equal(decoder.error, undefined);
        assert.deepStrictEqual(plain(got), streamed(values));
        assert.deepStrictEqual(plain(got), streamed([...decodeMulti(whole)]));
      },
    ),
    { numRuns: 2500 },
  );
});

test("a long text is what one decoder makes of the whole, wherever its characters lie and whatever is malformed", () => {
  const whole = new TextDecoder("utf-8", { ignoreBOM: true });
  for (const character of ["a", "ä", "漢", "😀", "\ufeff"]) {
    for (let shift = 0; shift < 4; shift++) {
      for (let missing = 0; missing < 4; missing++) {
        const text = utf8.encode("x".repeat(shift) + character.repeat(40_000)).slice(missing);
        const body = text.subarray(0, text.length - missing);
        const frame = new Uint8Array(packToBuffer("x".repeat(body.length)));
        frame.set(body, frame.length - body.length);
        assert.ok(
          unpack(frame.buffer) === whole.decode(body),
          `${character}, ${shift}, ${missing}`,
        );
      }
    }
  }
});

test("a stream byte by byte", () => {
  const value = {
    a: [1.5, "text", new Date(5), new Uint8Array(5000).fill(3)],
    b: "x".repeat(5000),
  };
  const decoder = new StreamDecoder(Infinity);
  const got = [];
  for (const byte of new Encoder().encode(value)) got.push(...decoder.push(Uint8Array.of(byte)));
  assert.deepEqual(got, [value]);
});

test("a broken stream gives what came before, says so once, and no more", () => {
  for (const broken of [
    [0xc1],
    [0x81, 0xa9, ...utf8.encode("__proto__")],
    [0x81, 0xc0],
    [0xd4, 0xff, 0],
  ]) {
    const decoder = new StreamDecoder(Infinity);
    assert.deepEqual(decoder.push(Uint8Array.of(1, 0x91, 2, ...broken)), [1, [2]]);
    const { error } = decoder;
    assert.equal(typeof error, "string");
    assert.deepEqual(decoder.push(Uint8Array.of(3)), []);
    assert.equal(decoder.error, error);
  }
});

test("streams do not mix", () => {
  const [one, two] = [new StreamDecoder(Infinity), new StreamDecoder(Infinity)];
  assert.deepEqual(one.push(Uint8Array.of(0x92, 0xa3, 0x61)), []);
  assert.deepEqual(two.push(Uint8Array.of(0x81, 0xa1, 0x6b)), []);
  assert.deepEqual(unpack(pack({ k: "between" })), { k: "between" });
  assert.deepEqual(one.push(Uint8Array.of(0x62, 0x63, 1)), [["abc", 1]]);
  assert.deepEqual(two.push(Uint8Array.of(0xa1, 0x76)), [{ k: "v" }]);
});
