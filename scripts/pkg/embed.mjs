// The wasm as text, for the builds that carry it. js/embed.js is the other half and describes it.

/** What cannot stand in a string literal: there, and only there, the character is 256 higher. */
const UNQUOTABLE = new Set([0x00, 0x0a, 0x0d, 0x22, 0x5c]);

const character = (byte, key) => {
  const code = byte ^ key;
  return UNQUOTABLE.has(code) ? code + 256 : code;
};

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function encode(bytes) {
  const key = bestKey(bytes);
  let text = String.fromCharCode(0x700 + key);
  for (const byte of bytes) text += String.fromCharCode(character(byte, key));
  return text;
}

/** The key that makes most bytes ASCII. */
function bestKey(bytes) {
  const count = new Array(256).fill(0);
  for (const byte of bytes) count[byte]++;
  const length = (key) =>
    count.reduce((sum, n, byte) => sum + n * (character(byte, key) < 128 ? 1 : 2), 0);
  return count
    .map((_, key) => key)
    .reduce((best, key) => (length(key) < length(best) ? key : best));
}
