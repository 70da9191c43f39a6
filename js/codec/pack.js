// Packs values into bytes of their own: for util.pack and for streams.

import { pack_around, pack_value } from "../glue.js";
import { load, memory } from "../loader.js";
import { firstOfTape, outOfMemory, writeValue } from "./writer.js";

/** View of the wasm memory. Its length becomes 0 when the memory grows. */
let heap = new Uint8Array(0);

/**
 * Packs a value as BinaryPack.
 *
 * @param {unknown} value
 * @returns {ArrayBuffer | Promise<ArrayBuffer>} a promise if the value contains a Blob
 */
export function packToBuffer(value) {
  const reading = [];
  const buffer = pack(value, false, reading);
  return reading.length > 0 ? Promise.all(reading).then(() => buffer) : buffer;
}

/**
 * Packs a value as MessagePack.
 *
 * @param {unknown} value
 * @returns {Uint8Array}
 */
export function packMsgPack(value) {
  return new Uint8Array(pack(value, true));
}

function pack(value, msgPack, reading) {
  load();
  const { slots, bodies } = writeValue(value, msgPack);
  if (bodies === undefined) {
    const at = pack_value(slots, msgPack) || outOfMemory();
    if (heap.length === 0) heap = new Uint8Array(memory().buffer);
    return heap.slice(at, at + firstOfTape()).buffer;
  }
  const bytes = pack_around(slots, bodies, msgPack, (blob, at) => {
    reading.push(blob.arrayBuffer().then((part) => bytes.set(new Uint8Array(part), at)));
  });
  return (bytes ?? outOfMemory()).buffer;
}
