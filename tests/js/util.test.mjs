import "./setup.mjs";
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import PeerJS from "peerjs";
import * as binaryPack from "peerjs-js-binarypack";
import { detectBrowser } from "webrtc-adapter/src/js/utils.js";
import { util } from "../../js/index.js";

const theirs = PeerJS.util;

/** Runs with some globals in place of what Node has. */
async function withGlobals(globals, run) {
  const before = Object.keys(globals).map((key) => [
    key,
    Object.getOwnPropertyDescriptor(globalThis, key),
  ]);
  for (const [key, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, key, { value, configurable: true, writable: true });
  }
  try {
    return await run();
  } finally {
    for (const [key, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, key, descriptor);
      else delete globalThis[key];
    }
  }
}

let copies = 0;
/** A `util` that nobody has read from yet. */
async function freshUtil() {
  copies += 1;
  return (await import(`../../js/util.js?copy=${copies}`)).util;
}

/** A stand-in for RTCPeerConnection that counts, and fails where told to. */
function fakeConnection(failing) {
  const seen = { made: 0, closed: 0 };
  const fail = (step) => {
    if (step === failing) throw new Error(`no ${step}`);
  };
  class Channel {
    ordered = true;
    set binaryType(type) {
      fail(type);
    }
  }
  class RTCPeerConnection {
    constructor() {
      fail("connection");
      seen.made += 1;
    }
    createDataChannel() {
      fail("channel");
      return new Channel();
    }
    close() {
      seen.closed += 1;
    }
  }
  return { seen, RTCPeerConnection };
}

test("everything PeerJS's util has is there", () => {
  const members = new Set(Object.keys(theirs));
  for (let level = Object.getPrototypeOf(theirs); level !== Object.prototype; ) {
    for (const name of Object.getOwnPropertyNames(level)) members.add(name);
    level = Object.getPrototypeOf(level);
  }
  members.delete("_dataCount"); // A private counter.
  const missing = [...members].filter((name) => typeof util[name] !== typeof theirs[name]);
  assert.deepEqual(missing, []);
});

test("the constants are PeerJS's", () => {
  for (const name of ["CLOUD_HOST", "CLOUD_PORT", "chunkedMTU", "chunkedBrowsers"]) {
    assert.deepEqual(util[name], theirs[name], name);
  }
});

const agent = (text, more = {}) => ({ navigator: { userAgent: text, ...more } });
const brands = (version) => ({
  userAgentData: { brands: [{ brand: "Not)A;Brand" }, { brand: "Chromium", version }] },
});
const CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36";
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15";
const windows = {
  "no window": undefined,
  "no navigator": {},
  "no user agent": agent(""),
  "Chromium by its brand": agent(CHROME, brands("156")),
  "Chromium by a brand too old to be true": agent(CHROME, {
    ...brands("89"),
    webkitGetUserMedia() {},
  }),
  "Chromium by its media": agent(CHROME, { webkitGetUserMedia() {} }),
  "Chromium without a version": agent("Mozilla/5.0", { webkitGetUserMedia() {} }),
  "Chromium on http": {
    ...agent("Chromium/74.0.1"),
    isSecureContext: false,
    webkitRTCPeerConnection() {},
  },
  Firefox: agent(FIREFOX, { mozGetUserMedia() {} }),
  "Firefox without a version": agent("Gecko", { mozGetUserMedia() {} }),
  Safari: { ...agent(SAFARI), RTCPeerConnection() {} },
  "Safari without WebRTC": agent(SAFARI),
  "something else": { ...agent("Links (2.29)"), RTCPeerConnection() {} },
};
for (const [name, window] of Object.entries(windows)) {
  test(`browser and version are what PeerJS finds: ${name}`, async () => {
    const { browser, version } = detectBrowser(window);
    await withGlobals({ window }, () => {
      assert.equal(util.browser, browser);
      assert.equal(util.browserVersion, version || 0);
    });
  });
}

test("supports is found out when first read, once, and leaves nothing behind", async () => {
  const { seen, RTCPeerConnection } = fakeConnection();
  const window = agent(FIREFOX, { mozGetUserMedia() {} });
  await withGlobals({ RTCPeerConnection, window }, async () => {
    const fresh = await freshUtil();
    assert.deepEqual(seen, { made: 0, closed: 0 }, "loading made a connection");
    assert.deepEqual(fresh.supports, {
      browser: true,
      webRTC: true,
      audioVideo: true,
      data: true,
      binary: true,
      binaryBlob: true,
      reliable: true,
    });
    assert.equal(fresh.supports, fresh.supports);
    assert.deepEqual(seen, { made: 1, closed: 1 });
  });
});

for (const [failing, supported, closed] of [
  ["connection", ["webRTC"], 0],
  ["channel", ["audioVideo", "webRTC"], 1],
  ["arraybuffer", ["audioVideo", "data", "reliable", "webRTC"], 1],
  ["blob", ["audioVideo", "binary", "data", "reliable", "webRTC"], 1],
]) {
  test(`supports where the browser has no ${failing}`, async () => {
    const { seen, RTCPeerConnection } = fakeConnection(failing);
    await withGlobals({ RTCPeerConnection }, async () => {
      const { supports } = await freshUtil();
      const found = Object.keys(supports).filter((name) => supports[name]);
      assert.deepEqual(found.sort(), supported);
      assert.equal(seen.closed, closed);
    });
  });
}

test("supports without WebRTC, as in Node, is false throughout, until a polyfill comes", async () => {
  const fresh = await freshUtil();
  assert.deepEqual(Object.values(fresh.supports), Array(7).fill(false));
  const { RTCPeerConnection } = fakeConnection();
  await withGlobals({ RTCPeerConnection }, () => assert.ok(fresh.supports.data));
});

for (const [name, globals, expected] of [
  ["Firefox 58", { window: agent("Firefox/58.0", { mozGetUserMedia() {} }) }, false],
  ["Chromium 72", { window: agent("Chrome/72.0", { webkitGetUserMedia() {} }) }, true],
  ["Safari", { window: windows.Safari, navigator: { platform: "MacIntel" } }, true],
  ["Safari on iOS", { window: windows.Safari, navigator: { platform: "iPhone" } }, false],
]) {
  test(`supports.browser is ${expected} in ${name}`, async () => {
    await withGlobals(globals, async () => {
      assert.equal((await freshUtil()).supports.browser, expected);
    });
  });
}

for (const size of [0, 1, 16_299, 16_300, 16_301, 50_000]) {
  test(`chunk cuts ${size} bytes as PeerJS does`, () => {
    const bytes = Uint8Array.from({ length: size }, (_, i) => i);
    for (const packed of [bytes, bytes.buffer]) {
      const withoutNumber = ({ __peerData, ...rest }) => rest;
      const pieces = util.chunk(packed);
      assert.deepEqual(pieces.map(withoutNumber), theirs.chunk(packed).map(withoutNumber));
      for (const { data } of pieces) assert.equal(data.constructor, packed.constructor);
      assert.ok(new Set(pieces.map(({ __peerData }) => __peerData)).size <= 1);
    }
  });
}

test("each message that is chunked gets the next number, the first one 1", async () => {
  const { chunk } = await freshUtil();
  const numbers = [1, 2, 3].map(() => chunk(new ArrayBuffer(20_000))[1].__peerData);
  assert.deepEqual(numbers, [1, 2, 3]);
});

test("validateId accepts what the documents allow", () => {
  for (const id of ["a", "Z9", "a b", "a-b", "a_b", "a--b", "a -_ b", "0".repeat(100)]) {
    assert.equal(util.validateId(id), true, id);
  }
  for (const id of ["", undefined, null]) assert.equal(util.validateId(id), true, String(id));
  for (const id of ["-a", "a-", " a", "a ", "_", "a.b", "a/b", "ä", "a\n", "a\nb", "日本"]) {
    assert.equal(util.validateId(id), false, id);
  }
});

test("validateId accepts whatever PeerJS accepts", () => {
  const character = fc.constantFrom(..."aZ09 -_.ä");
  fc.assert(
    fc.property(fc.string({ unit: character, maxLength: 6 }), (id) => {
      if (theirs.validateId(id)) assert.ok(util.validateId(id), id);
    }),
    { numRuns: 1000 },
  );
});

test("randomToken is unguessable text of small letters and digits", (t) => {
  const weak = t.mock.method(Math, "random");
  const tokens = Array.from({ length: 1000 }, () => util.randomToken());
  assert.equal(new Set(tokens).size, tokens.length);
  for (const token of tokens) assert.match(token, /^[0-9a-z]{3,21}$/);
  assert.equal(weak.mock.callCount(), 0);
});

test("pack and unpack speak PeerJS's BinaryPack", () => {
  const value = { text: "ä", list: [1, -1, 0.5, null, true], bytes: new Uint8Array([1, 2]).buffer };
  assert.deepEqual(util.pack(value), binaryPack.pack(value));
  assert.deepEqual(util.unpack(binaryPack.pack(value)), value);
});

test("pack returns a promise when a Blob is inside", async () => {
  const packing = util.pack({ blob: new Blob(["abc"]) });
  assert.ok(packing instanceof Promise);
  assert.deepEqual(await packing, await binaryPack.pack({ blob: new Blob(["abc"]) }));
});

test("binaryStringToArrayBuffer takes the low byte of every character, as PeerJS does", () => {
  for (const text of ["", "abc", "\x00\xff", "ā\u{1f600}x"]) {
    const bytes = util.binaryStringToArrayBuffer(text);
    assert.ok(bytes instanceof ArrayBuffer);
    assert.deepEqual(bytes, theirs.binaryStringToArrayBuffer(text));
  }
});

test("blobToArrayBuffer calls back with the bytes, or with null when there are none to be had", async () => {
  class FileReader {
    result = null;
    async readAsArrayBuffer(blob) {
      this.result = await blob.arrayBuffer().catch(() => null);
      if (this.result) this.onload();
      else this.onerror();
    }
  }
  await withGlobals({ FileReader }, async () => {
    const read = (blob) =>
      new Promise((done) => {
        const reader = util.blobToArrayBuffer(blob, done);
        assert.ok(reader instanceof FileReader);
      });
    assert.deepEqual(await read(new Blob(["ab"])), Uint8Array.of(97, 98).buffer);
    assert.equal(await read({ arrayBuffer: async () => Promise.reject(new Error("gone")) }), null);
  });
});

test("isSecure tells https from the rest, and from no page at all", async () => {
  assert.equal(util.isSecure(), false);
  await withGlobals({ location: { protocol: "https:" } }, () => assert.ok(util.isSecure()));
  await withGlobals({ location: { protocol: "http:" } }, () => assert.ok(!util.isSecure()));
});

test("helpers work when taken off util", () => {
  const { chunk, noop, isSecure, binaryStringToArrayBuffer } = util;
  assert.equal(chunk(new ArrayBuffer(1)).length, 1);
  assert.equal(noop(), undefined);
  assert.equal(isSecure(), false);
  assert.equal(binaryStringToArrayBuffer("a").byteLength, 1);
});

test("the default ICE server is the documents' STUN server alone: PeerJS's TURN servers are gone", () => {
  assert.deepEqual(util.defaultConfig, {
    iceServers: [{ urls: "stun:stun.l.google.com:19302" }],
    sdpSemantics: "unified-plan",
  });
});

test("an ICE server is named in one place, and in what is made from it", () => {
  const root = new URL("../../", import.meta.url);
  const sources = ["js", "src"].flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true }).map((name) => `${folder}/${name}`),
  );
  const naming = sources.filter(
    (name) =>
      statSync(new URL(name, root)).isFile() &&
      // Names that end in .example, and this machine's address, are those of documents and tests.
      /["'`](stun|turn)s?:(?!127\.)[\w-]+\.(?!example\b)/.test(
        readFileSync(new URL(name, root), "utf8"),
      ),
  );
  assert.deepEqual(naming, ["js/border/policy.js", "src/proto/peer_server/options.rs"]);
});
