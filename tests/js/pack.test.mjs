// Our bytes against peerjs-js-binarypack's and @msgpack/msgpack's.
import "./setup.mjs";
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import vm from "node:vm";
import { encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { pack, unpack } from "peerjs-js-binarypack";
import { packMsgPack, packToBuffer } from "../../js/codec/pack.js";

const RUNS = { numRuns: 10_000 };

const hex = (bytes) => Buffer.from(bytes).toString("hex");

/** Numbers from every corner: floats, integers of every size, the neighbours of powers of two. */
const number = fc
  .oneof(
    fc.double(),
    fc.integer(),
    fc.integer({ min: -300, max: 70_000 }),
    fc.maxSafeInteger(),
    fc
      .tuple(fc.integer({ min: -1074, max: 1023 }), fc.integer({ min: -2, max: 2 }), fc.boolean())
      .map(([power, steps, negative]) => neighbour(2 ** power, steps) * (negative ? -1 : 1)),
    fc
      .tuple(fc.integer({ min: 0, max: 80 }), fc.integer({ min: -2, max: 2 }))
      .map(([power, offset]) => 2 ** power + offset),
  )
  // The bits of a NaN are nobody's business, and engines keep them.
  .map((number) => (Number.isNaN(number) ? Number.NaN : number));

function neighbour(number, steps) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  view.setBigUint64(0, view.getBigUint64(0) + BigInt(steps));
  return view.getFloat64(0);
}

/** What PeerJS's own decoder makes of PeerJS's own bytes. */
function carried(number) {
  try {
    return unpack(pack(number));
  } catch {
    return undefined;
  }
}

const isSubnormal = (number) => number !== 0 && Math.abs(number) < 2 ** -1022;

const string = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
    .map((units) => String.fromCharCode(...units)),
  fc
    .tuple(
      fc.constantFrom("a", "é", "€", "😀", "\ud800"),
      fc.constantFrom(0, 1, 15, 16, 66, 200, 201, 1400, 4095, 4096, 22_000),
    )
    .map(([text, times]) => text.repeat(times)),
);

const binary = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(4095, 4096, 65_535, 65_536).map((length) => new Uint8Array(length).fill(length)),
  fc.float64Array({ maxLength: 10 }),
  fc.uint8Array({ minLength: 3, maxLength: 20 }).map((bytes) => bytes.subarray(1, -1)),
);

/** Keys that PeerJS trips over, when packing or when unpacking. */
const FATAL = ["constructor", "hasOwnProperty", "__proto__"];

/** Values of every type, nested, with these leaves among others. */
const anyOf = (...leaves) =>
  fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      {
        weight: 4,
        arbitrary: fc.oneof(string, fc.boolean(), fc.constantFrom(null, undefined), ...leaves),
      },
      { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 20 }) },
      { weight: 1, arbitrary: fc.array(fc.oneof(...leaves), { maxLength: 40 }) },
      {
        weight: 1,
        arbitrary: fc.dictionary(
          string.filter((key) => !FATAL.includes(key)),
          tie("value"),
          { maxKeys: 20, noNullPrototype: true },
        ),
      },
    ),
  })).value;

suite("BinaryPack", () => {
  // Below -(2 ** 31) it reads back only some.
  test("a number has PeerJS's bytes where PeerJS reads them back", () => {
    const exceptions = new Set();
    fc.assert(
      fc.property(number, (number) => {
        const ours = packToBuffer(number);
        const theirs = carried(number);
        if (number === 0) {
          assert.equal(hex(ours), "00");
        } else if (theirs === number && number >= -(2 ** 31)) {
          assert.equal(hex(ours), hex(pack(number)));
        } else {
          assert.equal(hex(ours), `cb${hex(ieee(number))}`);
          exceptions.add(Number.isInteger(number) ? "integer" : "float");
        }
      }),
      RUNS,
    );
    assert.equal(exceptions.size, 2, "the exceptions are not among the generated numbers");
  });

  test("PeerJS reads every number of ours back, but for NaN and subnormals, which it cannot", () => {
    fc.assert(
      fc.property(number, (number) => {
        if (!Number.isNaN(number) && !isSubnormal(number)) {
          assert.equal(unpack(packToBuffer(number)), number === 0 ? 0 : number);
        }
      }),
      RUNS,
    );
  });

  for (const [number, bytes] of [
    [Number.NaN, "cb7ff8000000000000"],
    [Number.POSITIVE_INFINITY, "cb7ff0000000000000"],
    [Number.NEGATIVE_INFINITY, "cbfff0000000000000"],
    [5e-324, "cb0000000000000001"],
    [-0, "00"],
    [2 ** 63, "cb43e0000000000000"],
    [2 ** 63 - 1024, "d37ffffffffffffc00"],
    [2 ** 63 + 2048, "cf8000000000000800"],
    [2 ** 64, "cb43f0000000000000"],
    [1e20, "cb4415af1d78b58c40"],
    [-(2 ** 31), "d280000000"],
    [-(2 ** 31) - 1, "cbc1e0000000200000"],
    [Number.MIN_SAFE_INTEGER, "cbc33fffffffffffff"],
  ]) {
    test(`${number} is ${bytes}`, () => assert.equal(hex(packToBuffer(number)), bytes));
  }

  test("NaNs of every pattern are NaN, and not tokens", () => {
    for (const upper of [0xfffc0003, 0xfffc0006, 0x7ff80001, 0xffffffff]) {
      const nan = new Float64Array(Uint32Array.of(7, upper).buffer);
      assert.equal(hex(packToBuffer([nan[0], 1])), "92cb7ff800000000000001");
    }
  });

  test("a value has PeerJS's bytes", () => {
    const sound = number.filter(
      (number) => number === 0 || (number >= -(2 ** 31) && carried(number) === number),
    );
    const date = fc.date({ noInvalidDate: false });
    fc.assert(
      fc.property(
        anyOf(
          sound,
          binary,
          binary.map(({ buffer }) => buffer),
          date,
        ),
        (value) => {
          assert.equal(hex(packToBuffer(value)), hex(pack(value)));
        },
      ),
      RUNS,
    );
  });

  test("a key that other maps had in the same place has its own bytes", () => {
    const names = [
      "",
      "a",
      "b",
      "ab",
      "\x7f",
      "é",
      "ÿ",
      "€",
      "12345678",
      "123456789",
      "😀",
      "\ud800",
    ];
    const key = fc.constantFrom(...names, ...names.map((name) => name.repeat(2)));
    const map = fc
      .uniqueArray(key, { maxLength: 5 })
      // With and without so many before them that the places begin anew.
      .chain((keys) =>
        fc.constantFrom(keys, [...Array(31).keys()].map((i) => `k${i}`).concat(keys)),
      )
      .map((keys) => Object.fromEntries(keys.map((key) => [key, key.length])));
    fc.assert(
      fc.property(fc.array(map, { maxLength: 12 }), (maps) => {
        assert.equal(hex(packToBuffer(maps)), hex(pack(maps)));
      }),
      { numRuns: 2000 },
    );
  });

  test("PeerJS reads every value of ours back", () => {
    const readable = number.filter((number) => !Number.isNaN(number) && !isSubnormal(number));
    fc.assert(
      fc.property(anyOf(readable), (value) => {
        assert.deepEqual(unpack(packToBuffer(value)), asReceived(value));
      }),
      RUNS,
    );
  });

  test("Blobs are packed in place", async () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i);
    const value = {
      a: new Blob([bytes, "tail"]),
      b: [1, new Blob([]), new File(["ü"], "name")],
      c: bytes,
    };
    const packed = packToBuffer(value);
    assert.ok(packed instanceof Promise);
    const buffer = await packed;
    assert.ok(buffer instanceof ArrayBuffer);
    assert.equal(hex(buffer), hex(await pack(value)));
  });

  test("text of any length has PeerJS's bytes", () => {
    for (const length of [199, 200, 201, 4095, 4096, 50_000, 262_143, 262_144]) {
      for (const text of ["a", "aé", "漢", "😀", `${"a".repeat(1000)}\ud800`]) {
        const value = [text.repeat(Math.ceil(length / text.length)).slice(0, length), "end"];
        assert.ok(Buffer.from(packToBuffer(value)).equals(Buffer.from(pack(value))));
      }
    }
  });

  test("an exact ArrayBuffer of one's own is returned", () => {
    for (const value of [1, "x", new Uint8Array(10_000)]) {
      const packed = packToBuffer(value);
      assert.ok(packed instanceof ArrayBuffer);
      assert.equal(packed.byteLength, pack(value).byteLength);
    }
  });
});

suite("MessagePack", () => {
  // It writes half of a surrogate pair as bytes that are not UTF-8, but only in short strings.
  test("a value has the bytes of @msgpack/msgpack, all text being UTF-8", () => {
    const date = fc.oneof(
      fc.date({ noInvalidDate: false }),
      fc.integer({ min: 0, max: 2 ** 31 }).map((s) => new Date(s * 1000)),
    );
    fc.assert(
      fc.property(anyOf(number, binary, date), (value) => {
        const sound = wellFormed(value);
        assert.equal(hex(packMsgPack(sound)), hex(encode(sound)));
      }),
      RUNS,
    );
  });

  const odd = {
    "an ArrayBuffer": new ArrayBuffer(3),
    "a DataView": new DataView(new ArrayBuffer(8), 2, 3),
    "a Map": new Map([[1, 2]]),
    "a Set": new Set([1]),
    "a RegExp": /x/,
    "an Error": new Error("x"),
    "a Blob": new Blob(["x"]),
    "a boxed string": Object("ab"),
    "a class instance": new (class {
      a = 1;
    })(),
    "an object without prototype": Object.assign(Object.create(null), { a: 1 }),
    "a sparse array": Object.assign(new Array(3), { 1: "x" }),
  };
  for (const [name, value] of Object.entries(odd)) {
    test(`${name} is what it is there`, () =>
      assert.equal(hex(packMsgPack(value)), hex(encode(value))));
  }

  for (const value of [() => {}, Symbol("x"), 1n]) {
    test(`a ${typeof value} is refused, as there`, () => {
      assert.throws(() => encode([value]));
      assert.throws(() => packMsgPack([value]), TypeError);
    });
  }
});

suite("accepted, though PeerJS refuses it", () => {
  function Es5() {
    this.a = 1;
  }
  const realm = (code) => vm.runInNewContext(code);
  const cases = {
    "an object without prototype": [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    "an own constructor": [{ constructor: 1 }, { constructor: 1 }],
    "an own hasOwnProperty": [{ hasOwnProperty: null }, { hasOwnProperty: null }],
    "an ES5 instance": [new Es5(), { a: 1 }],
    "a class with a toStringTag": [
      new (class {
        a = 1;
        get [Symbol.toStringTag]() {
          return "Mine";
        }
      })(),
      { a: 1 },
    ],
    "a DataView": [new DataView(Uint8Array.of(1, 2, 3).buffer, 1), Uint8Array.of(2, 3).buffer],
    "another realm's object": [realm("({ a: [1, 'x'] })"), { a: [1, "x"] }],
    "another realm's ArrayBuffer": [
      realm("Uint8Array.of(1, 2).buffer"),
      Uint8Array.of(1, 2).buffer,
    ],
    "another realm's view": [realm("Uint8Array.of(1, 2)"), Uint8Array.of(1, 2).buffer],
    "another realm's long view": [realm("new Uint8Array(5000)"), new ArrayBuffer(5000)],
    "another realm's Date": [realm("new Date(0)"), String(new Date(0))],
    "a view of shared memory": [new Uint8Array(new SharedArrayBuffer(5000)), new ArrayBuffer(5000)],
    "a Proxy": [new Proxy({ a: 1 }, {}), { a: 1 }],
    "a key __proto__": [JSON.parse('{"__proto__": 1}'), undefined, "81b95f5f70726f746f5f5f01"],
  };
  for (const [name, [value, received, bytes]] of Object.entries(cases)) {
    test(name, () => {
      const packed = packToBuffer({ it: value });
      if (bytes) {
        assert.equal(hex(packToBuffer(value)), bytes);
      } else {
        assert.deepEqual(unpack(packed), { it: received });
      }
    });
  }

  test("long arrays, deep values, and the same value twice", () => {
    const long = Array.from({ length: 300_000 }, (_, i) => (i % 2 ? i : `${i}`));
    assert.deepEqual(unpack(packToBuffer(long)), long);
    assert.equal(packToBuffer(nested(10_000)).byteLength, 10_001);
    const shared = { a: 1 };
    const deep = nested(50, [shared, shared, [shared]]);
    assert.equal(hex(packToBuffer(deep)), hex(pack(deep)));
  });
});

suite("refused", () => {
  const at = (value) => ({ users: [0, { "first name": { it: value } }] });
  for (const [value, message] of [
    [
      new Map(),
      /^data\.users\[1\]\["first name"\]\.it is a Map, which cannot be sent: send \[\.\.\.it\]$/,
    ],
    [new Set(), /it is a Set, .*\[\.\.\.it\]/],
    [1n, /it is a BigInt, .*String\(it\)/],
    [() => {}, /it is a Function, /],
    [Symbol("x"), /it is a Symbol, /],
    [/x/, /it is a RegExp, /],
    [new Error("x"), /it is a Error, /],
    [Promise.resolve(), /it is a Promise, .*its result/],
    [new SharedArrayBuffer(1), /it is a SharedArrayBuffer, .*Uint8Array/],
    [Object("x"), /it is a String, /],
    [new WeakMap(), /it is a WeakMap, /],
  ]) {
    test(String(message), () => {
      assert.throws(() => packToBuffer(at(value)), { name: "TypeError", message });
    });
  }

  test("a value as a whole", () => {
    assert.throws(() => packToBuffer(new Map()), { name: "TypeError", message: /^data is a Map,/ });
  });

  test("cycles, near and far", () => {
    const near = { a: { b: [] } };
    near.a.b.push(near);
    const far = nested(200, near);
    far[0].push(far);
    for (const value of [near, far]) {
      assert.throws(() => packToBuffer(value), {
        name: "TypeError",
        message: /^data\S* contains itself/,
      });
    }
  });

  test("what is nested too deep", () => {
    for (const innermost of [1, { a: 1 }]) {
      assert.throws(() => packToBuffer(nested(10_001, innermost)), {
        name: "TypeError",
        message: /10000 levels/,
      });
    }
  });

  test("what does not fit into memory", () => {
    assert.throws(() => packToBuffer(new Array(4_000_000_000)), RangeError);
    assert.equal(hex(packToBuffer(1)), "01");
  });

  test("after a throw, all is as before", () => {
    const failing = {
      long: new Uint8Array(5000),
      get it() {
        throw new Error("mine");
      },
    };
    assert.throws(() => packToBuffer(failing), /mine/);
    assert.equal(hex(packToBuffer([new Uint8Array(5000)])), hex(pack([new Uint8Array(5000)])));
  });
});

suite("a getter may pack", () => {
  const inner = { text: "inner", list: [1.5, 2.5], long: new Uint8Array(5000) };
  const huge = Array.from({ length: 200_000 }, (_, i) => i);

  for (const [name, meanwhile] of Object.entries({
    "a small value": () => packToBuffer(inner),
    MessagePack: () => packMsgPack(inner),
    "a value for which the tape must grow": () => packToBuffer(huge),
    "what throws": () => assert.throws(() => packToBuffer({ a: [1, Symbol("x")] })),
  })) {
    test(name, () => {
      let packed;
      const getter = {
        get() {
          packed = meanwhile();
          return 7;
        },
        enumerable: true,
      };
      const list = Object.defineProperty([1, 2, 0, 4], 2, getter);
      const value = { before: [1, "x", new Uint8Array(5000)], list, after: "y" };
      Object.defineProperty(value, "it", getter);
      value.end = new Uint8Array(6000);
      const plain = { ...value, list: [1, 2, 7, 4] };
      assert.equal(hex(packToBuffer(value)), hex(pack(plain)));
      if (packed instanceof ArrayBuffer) {
        assert.deepEqual(hex(packed), hex(packToBuffer(name === "a small value" ? inner : huge)));
      }
      assert.equal(hex(packToBuffer(inner)), hex(pack(inner)));
    });
  }
});

function ieee(number) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  return view.buffer;
}

function nested(depth, innermost = 1) {
  let value = innermost;
  for (let i = 0; i < depth; i++) {
    value = [value];
  }
  return value;
}

/** The same value with every string as UTF-8 has it. */
function wellFormed(value, leaf = (value) => value) {
  if (typeof value === "string") return Buffer.from(value).toString();
  if (Array.isArray(value)) return value.map((part) => wellFormed(part, leaf));
  if (Object.getPrototypeOf(value ?? 0) !== Object.prototype) return leaf(value);
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [wellFormed(key), wellFormed(part, leaf)]),
  );
}

/** What a receiver gets. */
const asReceived = (value) =>
  wellFormed(value, (leaf) => (leaf === undefined ? null : leaf === 0 ? 0 : leaf));
