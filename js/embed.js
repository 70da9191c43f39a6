// The wasm as a string literal of ASCII only, which no charset and no bundler changes. scripts/pkg/embed.mjs is the other
// half.
//
// Measured with a module of 105,276 bytes, 47,474 after gzip: the literal after gzip, and after gzip once a bundler that
// writes only ASCII has escaped the rest.
//
//                                                                  as it is   as ASCII
//   base64                                                           64,600     64,600
//   a character per byte ^ key                                       48,830     49,390
//   a mark before what is above 127, a character per byte ^ key      47,936     47,936
//
// The key makes the frequent bytes printable. The wasm is not hidden: slim.js has the same bytes beside it.

/**
 * @param {object} embedded
 * @param {string} embedded.text every byte ^ key as a character, or above 127 as the mark and the character 128 below
 * @param {number} embedded.key
 * @param {number} embedded.mark the code of a character
 * @param {number[]} embedded.marks where the bytes are that would be the mark itself: they are written as if 128 above
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
