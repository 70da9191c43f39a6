// The wasm as a string literal, one character per byte. scripts/pkg/embed.mjs is the other half.
//
// Measured with a module of 72,113 bytes (34,601 after gzip -9, 30,069 after brotli 11), glue
// included, and the time from the decoding of the script to the first instance:
//
//                        gzip   brotli   Chromium 156   Firefox 153
//   base64             45,993   40,856        11.1 ms       20.3 ms
//   bytes as they are  39,535   34,094        12.3 ms       19.8 ms
//   bytes ^ key        38,339   32,820        12.8 ms       19.7 ms
//   and all in ASCII   39,217   34,850        13.0 ms       19.5 ms
//
// so the key, which makes the frequent bytes printable, and UTF-8. The first character is U+00FF:
// its two bytes begin with another character in every encoding but UTF-8.

/**
 * @param {string} text U+00FF, the key, how many characters are there only to make their number one of four, a space,
 *   and every byte ^ key
 * @returns {Uint8Array}
 */
export function decode(text) {
  if (text.charCodeAt(0) !== 255) {
    throw new Error("PeerJS: this script was not read as UTF-8, serve it with charset=utf-8");
  }
  // The way there by base64 is the browser's own code, and saves 3 ms of a loop that no compiler has seen yet.
  const bytes = Uint8Array.fromBase64
    ? Uint8Array.fromBase64(btoa(text))
    : Uint8Array.from(text, (character) => character.charCodeAt());
  const [, key, spare] = bytes;
  const words = new Uint32Array(bytes.buffer);
  for (let i = 0; i < words.length; i++) words[i] ^= key * 0x01010101;
  return bytes.subarray(4, bytes.length - spare);
}
