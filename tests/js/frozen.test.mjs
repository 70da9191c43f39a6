// A page may freeze Object.prototype (SES, a careful application): keys named like its properties are data all the same.
import "./setup.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { packMsgPack, packToBuffer } from "../../js/codec/pack.js";
import { StreamDecoder, unpack } from "../../js/codec/reader.js";

const value = { toString: 1, valueOf: { constructor: "x" }, hasOwnProperty: [null], free: 2 };
/** More than one window of the tape. */
const long = { ...value, filler: Array.from({ length: 20_000 }, (_, i) => i / 3) };
// PeerJS's encoder calls the value's own `hasOwnProperty`, so that it cannot send these.
const packed = [value, long].map((each) => packToBuffer(each));

Object.freeze(Object.prototype);

test("BinaryPack: keys that a frozen Object.prototype has are properties of the value", () => {
  for (const [i, expected] of [value, long].entries()) {
    const got = unpack(packed[i]);
    assert.deepEqual(Object.keys(got), Object.keys(expected));
    assert.deepEqual(Object.entries(got), Object.entries(expected));
    assert.deepEqual(new Uint8Array(packToBuffer(got)), new Uint8Array(packed[i]));
  }
});

test("MessagePack: the same", () => {
  const [got] = new StreamDecoder(1 << 20).push(packMsgPack(value));
  assert.deepEqual(Object.entries(got), Object.entries(value));
});
