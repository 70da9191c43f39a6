// Reorders functions so that similar ones are close together: gzip finds matches within 32 KiB, and nearer matches take
// fewer bits.
import binaryen from "binaryen";

const WINDOW = 1 << 15;
const LONGEST_MATCH = 258;
/** The shortest match that counts, in bytes. */
const SHORTEST_MATCH = 4;

// Approximate cost of a literal and of a match in gzip, in bits.
const LITERAL = 6;
const MATCH = 8; // plus the logarithm of its distance

const CODE_SECTION = 10;

/**
 * Reorders the functions of a module.
 *
 * @param {Uint8Array} wasm with the name section
 * @returns {Uint8Array} with the name section
 */
export function order(wasm) {
  const code = bodies(wasm);
  const module = binaryen.readBinary(wasm);
  binaryen.setDebugInfo(true);
  const functions = Array.from({ length: module.getNumFunctions() }, (_, i) =>
    binaryen.getFunctionInfo(module.getFunctionByIndex(i)),
  ).filter((info) => !info.module);
  for (const index of alike(code)) {
    const { name, params, results, vars, body } = functions[index];
    module.removeFunction(name);
    module.addFunction(name, params, results, vars, body); // after the others
  }
  const ordered = module.emitBinary();
  module.dispose();
  return ordered;
}

/** Returns the bytes of each function. */
function bodies(wasm) {
  let at = 8; // after the magic number and the version
  const number = () => {
    let [value, shift, byte] = [0, 0, 0];
    do {
      byte = wasm[at++];
      value |= (byte & 127) << shift;
      shift += 7;
    } while (byte & 128);
    return value >>> 0;
  };
  while (wasm[at++] !== CODE_SECTION) {
    const size = number();
    at += size;
  }
  number();
  return Array.from({ length: number() }, () => {
    const length = number();
    at += length;
    return wasm.subarray(at - length, at);
  });
}

/**
 * Returns the new order: the largest function first, then always the function that is cheapest after the placed ones.
 * @returns {number[]} indices
 */
function alike(code) {
  const left = new Set(code.keys());
  const placed = new Placed(code.reduce((sum, { length }) => sum + length, 0));
  let next = code.reduce((best, { length }, i) => (length > code[best].length ? i : best), 0);
  const result = [];
  while (left.delete(next)) {
    result.push(next);
    placed.add(code[next]);
    let least = Infinity;
    for (const i of left) {
      const cost = placed.cost(code[i]) / (code[i].length + 2);
      if (cost < least) [least, next] = [cost, i];
    }
  }
  return result;
}

/** The functions that are placed already. */
class Placed {
  constructor(size) {
    this.bytes = new Uint8Array(size);
    this.length = 0;
    this.latest = new Int32Array(1 << 16).fill(-1); // the last position of bytes with this hash
  }

  add(body) {
    this.bytes.set(body, this.length);
    for (let i = 0; i + SHORTEST_MATCH <= body.length; i++) {
      this.latest[hash(body, i)] = this.length + i;
    }
    this.length += body.length;
  }

  /** Returns approximately how many bits a function takes after the placed ones. */
  cost(body) {
    let bits = 0;
    for (let i = 0; i < body.length; ) {
      const [length, distance] = this.match(body, i);
      bits += length > 1 ? MATCH + 31 - Math.clz32(distance) : LITERAL;
      i += length;
    }
    return bits;
  }

  match(body, i) {
    const from = i + SHORTEST_MATCH <= body.length ? this.latest[hash(body, i)] : -1;
    if (from < 0 || this.length - from > WINDOW) return [1, 0];
    const most = Math.min(LONGEST_MATCH, body.length - i, this.length - from);
    let length = 0;
    while (length < most && this.bytes[from + length] === body[i + length]) length++;
    return length < SHORTEST_MATCH ? [1, 0] : [length, this.length - from + i];
  }
}

function hash(bytes, i) {
  const word = bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
  return Math.imul(word, 0x9e3779b1) >>> 16;
}
