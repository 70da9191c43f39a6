import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decode } from "../../js/embed.js";
import { encode } from "../../scripts/pkg/embed.mjs";

const LEGACY = [
  "big5 euc-jp euc-kr gb18030 gbk ibm866 iso-2022-jp iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5",
  "iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-10 iso-8859-13 iso-8859-14 iso-8859-15",
  "koi8-r koi8-u macintosh shift_jis windows-874 windows-1250 windows-1251 windows-1252",
  "windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 x-mac-cyrillic",
]
  .join(" ")
  .split(" ");

const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i);

test("any bytes survive", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual(decode(encode(bytes)), bytes);
    }),
  );
  assert.deepEqual(decode(encode(everyByte)), everyByte);
});

test("the text stands in a string literal as it is", () => {
  for (const quote of ['"', "\\", "\n", "\r", "\0"]) {
    assert.ok(!encode(everyByte).includes(quote), JSON.stringify(quote));
  }
});

// The key is in the first character: all of them are tried.
for (const encoding of LEGACY) {
  test(`text read as ${encoding} is refused`, () => {
    for (let key = 0; key < 256; key++) {
      const utf8 = new TextEncoder().encode(String.fromCharCode(0x700 + key, 0x41));
      assert.throws(() => decode(new TextDecoder(encoding).decode(utf8)), /charset=utf-8/);
    }
  });
}
