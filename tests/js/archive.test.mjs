// The archives of the fuzz corpus.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pack, unpack } from "../../scripts/lib/archive.mjs";

test("gives back what was put in, in one order", () => {
  const input = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.array(input), (inputs) => {
      const archive = pack(inputs);
      assert.deepEqual(unpack(archive), inputs.toSorted(Buffer.compare));
      assert.deepEqual(pack(inputs.toReversed()), archive);
    }),
  );
});

test("an archive that is cut off is an error", () => {
  const archive = pack([Buffer.from("input")]);
  assert.throws(() => unpack(archive.subarray(0, -1)), RangeError);
});
