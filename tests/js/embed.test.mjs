import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decode } from "../../js/embed.js";
import { encode } from "../../scripts/pkg/embed.mjs";

// Those of the Encoding Standard, as far as Node has them.
const LEGACY_ENCODINGS = `
  big5 euc-jp euc-kr gb18030 gbk ibm866 iso-2022-jp iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5
  iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-10 iso-8859-13 iso-8859-14 iso-8859-15 koi8-r koi8-u
  macintosh shift_jis utf-16be utf-16le windows-874 windows-1250 windows-1251 windows-1252
  windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 x-mac-cyrillic`;

test("any bytes survive", () => {
  const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i);
  assert.deepEqual(decode(encode(everyByte)), everyByte);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1000 }), (bytes) => {
      assert.deepEqual(decode(encode(bytes)), bytes);
    }),
  );
});

test("text that was not read as UTF-8 is refused, and the error says why", () => {
  const utf8 = new TextEncoder().encode(encode(Uint8Array.of(0, 97, 115, 109)));
  for (const encoding of LEGACY_ENCODINGS.trim().split(/\s+/)) {
    const misread = new TextDecoder(encoding).decode(utf8);
    assert.throws(() => decode(misread), /charset=utf-8/, encoding);
  }
});
