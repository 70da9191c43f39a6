// The wasm as text, for the builds that carry it. js/embed.js is the other half and describes it.

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function encode(bytes) {
  const key = bestKey(bytes);
  const spare = -bytes.length & 3;
  let text = `${String.fromCharCode(255, key, spare)} `;
  for (const byte of bytes) text += String.fromCharCode(byte ^ key);
  return text + " ".repeat(spare);
}

/** The key that makes most of the characters one byte long in the script. */
function bestKey(bytes) {
  const count = new Array(256).fill(0);
  for (const byte of bytes) count[byte]++;
  const length = (key) => count.reduce((sum, n, byte) => sum + n * width(byte ^ key), 0);
  const keys = [...count.keys()];
  return keys.reduce((best, key) => (length(key) < length(best) ? key : best));
}

/** The string literal's quote, backslash and line ends are escaped; from 128 on UTF-8 takes two. */
const width = (code) => (code > 127 || [0, 10, 13, 34, 92].includes(code) ? 2 : 1);
