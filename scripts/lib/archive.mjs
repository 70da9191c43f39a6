// Packs many short inputs of a fuzz target into one file: each after its length, a little-endian 32-bit integer.
// tests/corpus.rs reads such a file too.

/**
 * Packs inputs. They are sorted, so that equal inputs make equal files.
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
