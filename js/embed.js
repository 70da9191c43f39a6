// Decodes the wasm from a string literal of ASCII only, which no charset and no bundler changes. scripts/pkg/embed.mjs
// encodes it.
//
// Measured with a module of 105,276 bytes, 47,474 after gzip: the size of the literal after gzip, unchanged and with
// all other characters escaped by a bundler that writes only ASCII.
//
//                                                                  unchanged  as ASCII
//   base64                                                           64,600     64,600
//   a character per byte ^ key                                       48,830     49,390
//   a mark before what is above 127, a character per byte ^ key      47,936     47,936
//
// The key maps frequent bytes to printable characters. It hides nothing: the package has the same wasm as a file.

/**
 * @param {object} embedded
 * @param {string} embedded.text each byte ^ key as a character; above 127 as the mark and the character of byte - 128
 * @param {number} embedded.key
 * @param {number} embedded.mark the character code of the mark
 * @param {number[]} embedded.marks the positions of bytes equal to the mark: they are written as if 128 higher
 * @returns {Uint8Array}
 */
export function decode({ text, key, mark, marks }) {
  const bytes = new TextEncoder().encode(text);
  let length = 0;
  for (let from = 0; from < bytes.length; from++) {
    const byte = bytes[from];
    bytes[length++] = (byte === mark ? bytes[++from] | 128 : byte) ^ key;
  }
  for (const at of marks) bytes[at] ^= 128;
  return bytes.subarray(0, length);
}
