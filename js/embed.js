// The wasm as a string literal, one character per byte. scripts/pkg/embed.mjs is the other half.
//
// The single file with a module of 104,585 bytes:
//
//                             gzip   brotli
//   bytes as they are       64,591   55,922
//   bytes ^ key             62,489   53,981
//
// The key makes the frequent bytes printable: NUL, line ends and everything from 128 on take two bytes or more in UTF-8
// or as an escape. Base64 takes another 10,000. The wasm is not hidden: slim.js has the same bytes beside it.
//
// The first character is U+00FF: its two bytes begin with another character in every encoding but UTF-8.

const HEADER = 4;

/**
 * @param {string} text U+00FF, the key, how many characters are there only to make their number one of four, a space,
 *   and every byte ^ key
 * @returns {Uint8Array}
 */
export function decode(text) {
  if (text.charCodeAt(0) !== 255) {
    throw new Error("PeerJS: this script was not read as UTF-8, serve it with charset=utf-8");
  }
  // The way there by base64 is the browser's own code, and saves 3 ms.
  const bytes =
    Uint8Array.fromBase64?.(btoa(text)) ??
    Uint8Array.from(text, (character) => character.charCodeAt());
  const [, key, spare] = bytes;
  // Four bytes at a time: no compiler has seen this loop yet.
  const words = new Uint32Array(bytes.buffer);
  for (let i = 0; i < words.length; i++) words[i] ^= key * 0x01010101;
  return bytes.subarray(HEADER, bytes.length - spare);
}
