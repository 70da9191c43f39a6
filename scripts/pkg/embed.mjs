// Encodes the wasm as text, for the builds that embed it. js/embed.js decodes it and describes the encoding.

/**
 * @param {Uint8Array} bytes
 * @returns {{ text: string, key: number, mark: number, marks: number[] }}
 */
export function encode(bytes) {
  const { key, rarest } = bestKey(bytes);
  const mark = rarest ^ key;
  const marks = [];
  let text = "";
  for (const [at, byte] of bytes.entries()) {
    const code = byte ^ key;
    if (code === mark) marks.push(at);
    text +=
      code > 127 || code === mark
        ? String.fromCharCode(mark, code & 127)
        : String.fromCharCode(code);
  }
  return { text, key, mark, marks };
}

/**
 * Returns the key that gives the shortest literal, and the mark: the rarest byte that this key makes ASCII. A mark that is
 * escaped in the literal would make it 900 bytes longer after gzip.
 */
function bestKey(bytes) {
  const count = new Array(256).fill(0);
  for (const byte of bytes) count[byte]++;
  const length = (key) => count.reduce((sum, n, byte) => sum + n * width(byte ^ key), 0);
  const key = [...count.keys()].reduce((best, key) => (length(key) < length(best) ? key : best));
  const bytesFor = [...count.keys()].filter((byte) => width(byte ^ key) === 1);
  const rarest = bytesFor.reduce((best, byte) => (count[byte] < count[best] ? byte : best));
  return { key, rarest };
}

/** Returns how many characters a code takes in the literal, with its mark and the escapes (`\b`, `\x07`) of esbuild. */
const width = (code) => Number(code > 127) + (WIDTHS[code & 127] ?? 1);
const WIDTHS = { 0: 2, 7: 4, 8: 2, 10: 2, 11: 2, 12: 2, 13: 2, 27: 4, 34: 2, 92: 2 };
