// Many short inputs of a fuzz target in one file: each behind its length, which takes four bytes, the low one first.
// tests/corpus.rs reads it too.

/**
 * Packs inputs, sorted, so that the same inputs always make the same file.
 * @param {Buffer[]} inputs
 * @returns {Buffer}
 */
export function pack(inputs) {
  const parts = inputs.toSorted(Buffer.compare).flatMap((input) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(input.length);
    return [length, input];
  });
  return Buffer.concat(parts);
}

/**
 * Unpacks the inputs of an archive.
 * @param {Buffer} archive
 * @returns {Buffer[]}
 */
export function unpack(archive) {
  const inputs = [];
  for (let at = 0; at < archive.length; ) {
    const start = at + 4;
    at = start + archive.readUInt32LE(at);
    if (at > archive.length) throw new RangeError("The archive is cut off.");
    inputs.push(archive.subarray(start, at));
  }
  return inputs;
}
