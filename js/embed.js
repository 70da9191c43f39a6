// The wasm as a string literal, one character per byte: 5 % more than the wasm itself after gzip,
// where base64 is 28 % more. scripts/pkg/embed.mjs is the other half.
//
// The first character is U+0700 + key, every other one its byte ^ key, modulo 256. No legacy
// encoding has a character from U+0700 to U+07FF, so a script that was not read as UTF-8 shows.

/**
 * @param {string} text
 * @returns {Uint8Array}
 */
export function decode(text) {
  const key = text.charCodeAt(0);
  if (key >> 8 !== 7) {
    throw new Error("PeerJS: this script was not read as UTF-8, serve it with charset=utf-8");
  }
  const bytes = new Uint8Array(text.length - 1);
  for (let i = 0; i < bytes.length; ) bytes[i] = text.charCodeAt(++i) ^ key;
  return bytes;
}
