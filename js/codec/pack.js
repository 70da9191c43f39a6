// Values as bytes, for whoever wants the bytes themselves.

import { memory, wasm } from "../loader.js";
import { outOfMemory, writeValue } from "./writer.js";

/**
 * Packs a value as BinaryPack.
 *
 * @param {unknown} value
 * @returns {ArrayBuffer | Promise<ArrayBuffer>} a promise when there is a Blob in it
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
  const { slots, bodies } = writeValue(value, msgPack);
  const glue = wasm();
  if (bodies === undefined) {
    const length = glue.pack(slots, msgPack);
    const at = glue.packed_at();
    return memory().buffer.slice(at, at + (length || outOfMemory()));
  }
  const bytes = glue.pack_around(slots, bodies, msgPack, (blob, at) => {
    reading.push(blob.arrayBuffer().then((part) => bytes.set(new Uint8Array(part), at)));
  });
  return (bytes ?? outOfMemory()).buffer;
}
