import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decode } from "../../js/embed.js";
import { encode } from "../../scripts/pkg/embed.mjs";

test("any bytes survive", () => {
  const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i);
  assert.deepEqual(decode(encode(everyByte)), everyByte);
  fc.assert(
    // Of few values, so that the rarest, which the escape is made of, comes up too.
    fc.property(fc.uint8Array({ maxLength: 1000, max: 2 }), fc.nat(255), (bytes, first) => {
      const every = Uint8Array.from([...everyByte, ...bytes.map((byte) => byte + first)]);
      assert.deepEqual(decode(encode(every)), every);
    }),
  );
});

test("the text is ASCII, whatever the bytes are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1000 }), (bytes) => {
      assert.match(encode(bytes).text, /^[\0-\x7f]*$/);
    }),
  );
});
