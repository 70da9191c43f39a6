// Values that PeerJS 1.5.5 carries, and how they must arrive.

(() => {
  const bytes = (length) => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255);
  const text = (length) => "0123456789abcdef".repeat(Math.ceil(length / 16)).slice(0, length);
  const keys = (count) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`key ${i}`, i]));

  const MEGABYTE = 1 << 20;
  // Raw messages go out in one frame, of which Chromium takes 256 KB.
  const RAW_LIMIT = 200_000;
  // PeerJS refuses JSON from here on.
  const JSON_LIMIT = 16_300;

  const integers = [
    1, 31, 32, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2147483647, 2147483648, 4294967295,
    4294967296, 9007199254740991, -1, -31, -32, -33, -127, -128, -129, -255, -256, -32768, -32769,
    -65536, -2147483647, -2147483648,
  ];
  const fractions = [0.5, -0.5, 1.1, Math.PI, -Math.PI, 1e-7, 123456.789, -1e-200, 4294967296.5];

  class Point {
    constructor(x, y) {
      this.x = x;
      this.y = y;
    }
    norm() {
      return Math.hypot(this.x, this.y);
    }
  }

  const makers = {
    zero: () => 0,
    integers: () => integers,
    "an integer alone": () => -129,
    fractions: () => fractions,
    "a fraction alone": () => 0.1,
    booleans: () => [true, false],
    "true alone": () => true,
    "false alone": () => false,
    "null and undefined inside": () => ({ a: null, b: undefined, c: [null, undefined] }),
    "empty string": () => "",
    string: () => "hello",
    "string of 15, 16, 31, 32": () => [text(15), text(16), text(31), text(32)],
    "string of 255, 256": () => [text(255), text(256)],
    Unicode: () => "äöü € 漢字 \u0000 \u2028 😀 👩‍👩‍👧 é e\u0301",
    "every plane": () => ["\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff", "\u{10000}\u{10ffff}"],
    "string of 65,535 bytes": () => text(65535),
    "string of 65,536 bytes": () => text(65536),
    "string of 1 MB": () => text(MEGABYTE),
    "Unicode string of 1 MB": () => "😀".repeat(MEGABYTE / 4),
    "empty array": () => [],
    "array of 15": () => Array.from({ length: 15 }, (_, i) => i),
    "array of 16": () => Array.from({ length: 16 }, (_, i) => i),
    "array of 5,000": () => Array.from({ length: 5000 }, (_, i) => i),
    "empty object": () => ({}),
    "object of 15": () => keys(15),
    "object of 16": () => keys(16),
    "object of 1,000": () => keys(1000),
    "odd keys": () => ({ "": 1, " ": 2, ключ: 3, "😀": 4, 1: 5, "a.b": 6 }),
    nested: () => ({ a: [{ b: [[[{ c: "deep" }]]] }, []], d: { e: { f: { g: {} } } } }),
    "nested 200 deep": () => {
      let value = "bottom";
      for (let i = 0; i < 100; i++) value = { in: [value] };
      return value;
    },
    date: () => new Date(86_400_000),
    "class instance": () => new Point(3, 4),
    "empty ArrayBuffer": () => new ArrayBuffer(0),
    ArrayBuffer: () => bytes(100).buffer,
    "ArrayBuffer of 65,536": () => bytes(65536).buffer,
    "ArrayBuffer of 150,000": () => bytes(150_000).buffer,
    "ArrayBuffer of 1 MB": () => bytes(MEGABYTE).buffer,
    Uint8Array: () => bytes(20),
    "Uint8Array over a part": () => bytes(100).subarray(7, 33),
    Int16Array: () => Int16Array.of(1, -1, 32767, -32768),
    Float64Array: () => Float64Array.of(0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY),
    "empty Blob": () => new Blob([]),
    Blob: () => new Blob(["some ", bytes(300)]),
    "Blob of 150,000": () => new Blob([bytes(150_000)]),
    "Blob of 1 MB": () => new Blob([bytes(MEGABYTE)]),
    File: () => new File([bytes(77)], "name.bin", { type: "application/x-thing" }),
    "binary inside": () => ({
      name: "n",
      parts: [bytes(3).buffer, bytes(4)],
      blob: new Blob(["b"]),
    }),
    "large binary inside": () => [{ file: bytes(100_000).buffer, end: "end" }],
  };

  const isBinary = (value) =>
    value instanceof ArrayBuffer || ArrayBuffer.isView(value) || value instanceof Blob;

  // Of binary MessagePack knows views alone, in PeerJS's words.
  const isBuffer = (value) => isBinary(value) && !ArrayBuffer.isView(value);

  const holds = (value, is) =>
    is(value) ||
    (typeof value === "object" &&
      value !== null &&
      Object.values(value).some((item) => holds(item, is)));

  // The custom serializer of the tests is JSON, too.
  const isJSON = (serialization) => serialization === "json" || serialization === "custom";

  function carriedBy(serialization, value) {
    if (serialization === "raw" || serialization === "none") {
      if (typeof value === "string") return value.length <= RAW_LIMIT;
      return isBinary(value) && (value.size ?? value.byteLength) <= RAW_LIMIT;
    }
    if (serialization === "MsgPack") return !holds(value, isBuffer);
    if (!isJSON(serialization)) return true;
    if (holds(value, isBinary)) return false;
    return new TextEncoder().encode(JSON.stringify(value)).length < JSON_LIMIT;
  }

  /** What the far side must get for `value`. */
  async function arriving(serialization, value) {
    if (isJSON(serialization)) return JSON.parse(JSON.stringify(value));
    if (value instanceof ArrayBuffer) return value;
    if (ArrayBuffer.isView(value)) {
      const { buffer, byteOffset, byteLength } = value;
      if (serialization === "MsgPack") return new Uint8Array(buffer, byteOffset, byteLength);
      return buffer.slice(byteOffset, byteOffset + byteLength);
    }
    if (serialization === "MsgPack" && value instanceof Date) return value;
    if (value instanceof Blob) return value.arrayBuffer();
    if (value instanceof Date) return value.toString();
    if (value === undefined) return null;
    if (Array.isArray(value)) {
      return Promise.all(value.map((item) => arriving(serialization, item)));
    }
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(async ([key, item]) => [
      key,
      await arriving(serialization, item),
    ]);
    return Object.fromEntries(await Promise.all(entries));
  }

  const brief = (value) => {
    if (value instanceof ArrayBuffer) return `ArrayBuffer(${value.byteLength})`;
    if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value.byteLength})`;
    const said = JSON.stringify(value) ?? String(value);
    return said.length > 60 ? `${said.slice(0, 60)}… (${said.length})` : said;
  };

  /** Where `actual` differs from `expected`, in words; undefined if nowhere. */
  function difference(expected, actual, lenient = false, path = "value") {
    const differs = () => `${path} is ${brief(actual)}, not ${brief(expected)}`;
    if (expected instanceof ArrayBuffer) {
      // PeerJS delivers a Uint8Array when a message came in pieces.
      const view = lenient && actual instanceof Uint8Array;
      if (!view && !(actual instanceof ArrayBuffer)) return differs();
      const [a, b] = [new Uint8Array(expected), view ? actual : new Uint8Array(actual)];
      if (a.length !== b.length) return differs();
      const at = a.findIndex((byte, i) => byte !== b[i]);
      return at < 0 ? undefined : `${path}: byte ${at} is ${b[at]}, not ${a[at]}`;
    }
    if (expected instanceof Uint8Array) {
      if (!(actual instanceof Uint8Array)) return differs();
      return difference(expected.slice().buffer, actual.slice().buffer, false, path);
    }
    if (expected instanceof Date) {
      const same = actual instanceof Date && Number(expected) === Number(actual);
      return same ? undefined : differs();
    }
    if (typeof expected !== "object" || expected === null) {
      return Object.is(expected, actual) ? undefined : differs();
    }
    if (typeof actual !== "object" || actual === null) return differs();
    if (Array.isArray(expected) !== Array.isArray(actual)) return differs();
    const names = Object.keys(expected);
    if (names.length !== Object.keys(actual).length) return differs();
    for (const name of names) {
      if (!Object.hasOwn(actual, name)) return `${path}.${name} is missing`;
      const found = difference(expected[name], actual[name], lenient, `${path}.${name}`);
      if (found) return found;
    }
  }

  e2e.values = {
    /** [name, value] of everything that `serialization` carries. */
    of(serialization, large) {
      return (
        Object.entries(makers)
          .filter(([name]) => large || !name.endsWith("1 MB"))
          // PeerJS's MsgPack goes 100 levels deep.
          .filter(([name]) => serialization !== "MsgPack" || name !== "nested 200 deep")
          .map(([name, make]) => [name, make()])
          .filter(([, value]) => carriedBy(serialization, value))
      );
    },
    arriving,
    difference,
  };
})();
