// The wasm as a string literal, one character per byte. scripts/pkg/embed.mjs is the other half.
//
// Measured with a module of 103,578 bytes: the single file, and the time from its script to the first Peer.
//
//                             gzip   brotli   Chromium 156   Firefox 153
//   base64                  74,468   65,160
//   bytes as they are       64,050   55,726         9.3 ms       13.9 ms
//   bytes ^ key, a loop     62,491   54,006        10.4 ms       14.2 ms
//   bytes ^ key, in wasm    62,610   54,160         8.8 ms       14.5 ms
//
// so the key, which makes the frequent bytes printable, and UTF-8. The first character is U+00FF: its two bytes begin
// with another character in every encoding but UTF-8.

/**
 * A loop that no compiler has seen yet takes 2 ms for what this module does. It has a memory `m`, and `x(end, key)`
 * makes `word ^ key` of every word of four bytes before `end`:
 *
 *   (module (memory (export "m") 4) (func (export "x") (param $at i32) (param $key i32) (loop $next
 *     (i32.store (local.tee $at (i32.sub (local.get $at) (i32.const 4)))
 *                (i32.xor (i32.load (local.get $at)) (local.get $key)))
 *     (br_if $next (local.get $at)))))
 */
const UNLOCK =
  "AGFzbQEAAAABBgFgAn9/AAMCAQAFAwEABAcJAgFtAgABeAAACh0BGwADQCAAQQRrIgAgACgCACABczYCACAADQALCw==";

const bytesOf = (text) => Uint8Array.from(text, (character) => character.charCodeAt());

/**
 * @param {string} text U+00FF, the key, how many characters are there only to make their number one of four, a space,
 *   and every byte ^ key
 * @returns {Uint8Array}
 */
export function decode(text) {
  if (text.charCodeAt(0) !== 255) {
    throw new Error("PeerJS: this script was not read as UTF-8, serve it with charset=utf-8");
  }
  const { m, x } = new WebAssembly.Instance(new WebAssembly.Module(bytesOf(atob(UNLOCK)))).exports;
  const bytes = new Uint8Array(m.buffer, 0, text.length);
  // The way there by base64 is the browser's own code, and saves 3 ms.
  if (bytes.setFromBase64) bytes.setFromBase64(btoa(text));
  else bytes.set(bytesOf(text));
  const [, key, spare] = bytes;
  x(bytes.length, key * 0x01010101);
  return bytes.subarray(4, bytes.length - spare);
}
