// Values as bytes, for whoever wants the bytes themselves.

import { pack_value } from "../glue.js";
import { load } from "../loader.js";
import { writeValue } from "./writer.js";

/**
 * Packs a value as BinaryPack.
 *
 * @param {unknown} value
 * @returns {ArrayBuffer | Promise<ArrayBuffer>} a promise when there is a Blob in it
 */
export function packToBuffer(value) {
  load();
  const { slots, bodies } = writeValue(value);
  const reading = [];
  const bytes = pack_value(slots, bodies, true, (blob, at) => {
    reading.push(blob.arrayBuffer().then((part) => bytes.set(new Uint8Array(part), at)));
  });
  return reading.length > 0 ? Promise.all(reading).then(() => bytes.buffer) : bytes.buffer;
}

/**
 * Packs a value as MessagePack.
 *
 * @param {unknown} value
 * @returns {Uint8Array}
 */
export function packMsgPack(value) {
  load();
  const { slots, bodies } = writeValue(value, true);
  return pack_value(slots, bodies, false);
}
