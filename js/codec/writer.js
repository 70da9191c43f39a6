// Writes a JavaScript value onto the tape: flat tokens in wasm memory, see src/proto/codec/tape.rs.
// This file only classifies values; Rust encodes them.

import {
  ARRAY,
  BODY,
  BYTES,
  DATE,
  FALSE,
  MAP,
  NAN,
  NULL,
  STRING,
  TEXT_BODY,
  TRUE,
} from "../border/write.js";
import { tape_base, tape_resize } from "../glue.js";
import { memory } from "../loader.js";

/** ASCII strings up to this many units are copied by a loop, which is faster than TextEncoder. */
const SHORT = 200;
/** Binary of this many bytes or more does not pass through wasm memory. */
const LONG = 4096;
/** Text of this many units or more does not pass through wasm memory. */
const LONG_TEXT = 1 << 18;
/** The initial length of the tape in slots. It shrinks to this length again after it was longer than KEEP. */
const FIRST = 4096;
const KEEP = 1 << 17;
/** How deep values may be nested. */
const DEEPEST = 10000;
/** The depth up to which values are written by recursion, which is faster than an explicit stack. */
const CALLS = 200;
const MOST = 0xffffffff;
/** For how many positions in a map the last short key is cached. */
const PLACES = 32;

let encoder;

/** Encodes UTF-8. The encoder is made at the first use, because a test runner may lack TextEncoder. */
function encodeInto(text, part) {
  encoder ??= new TextEncoder();
  return encoder.encodeInto(text, part);
}

const { getPrototypeOf, keys: keysOf, prototype: plain } = Object;
const kindOf = plain.toString;

// Views of the tape. Their length becomes 0 when wasm memory grows, so that the check for free slots detects that too.
let f64 = new Float64Array(0);
let i32 = new Int32Array(0);
let u8 = new Uint8Array(0);
/** The length of the tape in slots. */
let capacity = FIRST;
/** The next free slot. */
let top = 0;
/** The slot at which the value begins, as last reported to Rust. */
let base = 0;
/** The last short key at each position in a map, and its text: both halves of its slot. */
const knownKeys = new Array(PLACES).fill(null);
const knownTexts = new Int32Array(PLACES * 2);
/** Whether the value is for MessagePack. */
let forMsgPack = false;
/** The bodies: binaries and texts that are not on the tape, in the order of their tokens. */
let bodies;

/**
 * Writes a value onto the tape, where it stays until the next value is written: pass both parts of the result to Rust
 * at once. A getter in the value may call this function to send another value.
 *
 * @param {unknown} value
 * @param {boolean} [msgPack] whether it is for MessagePack
 * @returns {{slots: number, bodies: (Uint8Array | Blob)[] | undefined}}
 * @throws {TypeError} if the format cannot represent a part of the value
 */
export function writeValue(value, msgPack = false) {
  const [start, outerBodies, outerMsgPack] = [top, bodies, forMsgPack];
  if (start === 0 && capacity > KEEP) {
    resize(FIRST);
  }
  bodies = undefined;
  forMsgPack = msgPack;
  try {
    try {
      put(value, 0);
    } catch {
      // Tries again with an explicit stack, which knows the path for the error text.
      top = start;
      bodies = undefined;
      walk(value);
    }
    if (base !== start) {
      base = start;
      tape_base(start);
    }
    return { slots: top - start, bodies };
  } finally {
    top = start;
    bodies = outerBodies;
    forMsgPack = outerMsgPack;
  }
}

/** Writes a value with its parts. This is the fast path for plain values; `walk` writes all others. */
function put(value, depth) {
  while (!putPrimitive(value)) {
    if (depth < CALLS && Array.isArray(value)) {
      putItems(value, depth + 1);
      return;
    }
    if (depth >= CALLS || !isPlain(value)) {
      walk(value, depth);
      return;
    }
    const keys = keysOf(value);
    const last = keys.length - 1;
    putToken(MAP, keys.length);
    if (last < 0) return;
    depth++;
    for (let i = 0; i < last; i++) {
      putKey(keys[i], i % PLACES);
      put(value[keys[i]], depth);
    }
    // The last entry needs no recursion: Firefox is twice as fast with lists and deep values.
    putKey(keys[last], last % PLACES);
    value = value[keys[last]];
  }
}

function putItems(array, depth) {
  const { length } = array;
  for (let i = putNumbers(array); i < length; i++) put(array[i], depth);
}

/** Writes a value that has no parts. Returns false if it is another value. */
function putPrimitive(value) {
  if (typeof value === "string") {
    putString(value);
  } else if (typeof value === "number") {
    putNumber(value);
  } else if (typeof value === "boolean") {
    putToken(value ? TRUE : FALSE, 0);
  } else if (value === null || value === undefined) {
    putToken(NULL, 0);
  } else {
    return false;
  }
  return true;
}

/** Whether an object is plain, so that its own properties are its value. Checking the constructor first is faster. */
function isPlain(value) {
  if (value.constructor === Object) return true;
  const prototype = getPrototypeOf(value);
  return prototype === plain || prototype === null;
}

/** Writes a value with an explicit stack, because values may be nested deeper than recursion allows. */
function walk(root, depth = 0) {
  let frame = { source: [root], keys: null, length: 1, next: 0, depth, parent: null };
  // The last frame on the path whose depth is a power of two. A cycle comes to its object again.
  let milestone = frame;
  while (frame !== null) {
    const { source, keys, length } = frame;
    let i = frame.next;
    let child = null;
    while (child === null && i < length) {
      let value;
      if (keys === null) {
        value = source[i];
      } else {
        const key = keys[i];
        putKey(key, i % PLACES);
        value = source[key];
      }
      i++;
      if (!putPrimitive(value)) {
        frame.next = i;
        child = putObject(value, frame);
      }
    }
    if (child === null) {
      if (frame === milestone) milestone = frame.parent;
      frame = frame.parent;
    } else {
      if (child.source === milestone.source) {
        throw new TypeError(`${pathTo(frame)} contains itself: a cycle cannot be sent`);
      }
      frame = child;
      if ((frame.depth & (frame.depth - 1)) === 0) milestone = frame;
    }
  }
}

/** Writes an object or array. Returns a stack frame if parts of it remain to be written. */
function putObject(value, parent) {
  if (typeof value !== "object") {
    throw unsendable(value, parent);
  }
  if (Array.isArray(value)) {
    return putArray(value, parent);
  }
  if (isPlain(value)) {
    return putMap(value, parent);
  }
  if (ArrayBuffer.isView(value)) {
    return putBytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), parent);
  }
  const kind = kindOf.call(value);
  if (kind === "[object Date]") {
    return putDate(value);
  }
  if (forMsgPack || kind === "[object Object]") {
    return putMap(value, parent);
  }
  if (kind === "[object ArrayBuffer]") {
    return putBytes(new Uint8Array(value), parent);
  }
  if (kind === "[object Blob]" || kind === "[object File]") {
    return putBody(BODY, value, value.size, parent);
  }
  if (isClass(getPrototypeOf(value).constructor)) {
    return putMap(value, parent);
  }
  throw unsendable(value, parent);
}

function isClass(maker) {
  return typeof maker === "function" && /^class/.test(Function.prototype.toString.call(maker));
}

function putArray(array, parent) {
  checkDepth(parent);
  const { length } = array;
  const i = putNumbers(array);
  return i < length ? frameOf(array, null, length, i, parent) : null;
}

/**
 * Writes the token of an array, and the numbers at its beginning (often all of it). Returns how many it has written.
 */
function putNumbers(array) {
  const { length } = array;
  reserve(length + 1);
  putToken(ARRAY, length);
  // Reserves the slots during the loop: an element may be a getter that sends another value.
  let at = top;
  top += length;
  let i = 0;
  while (i < length) {
    const number = array[i];
    if (typeof number !== "number" || Number.isNaN(number) || at >= f64.length) break;
    f64[at++] = number;
    i++;
  }
  top = at;
  return i;
}

function putMap(object, parent) {
  checkDepth(parent);
  const keys = keysOf(object);
  putToken(MAP, keys.length);
  return keys.length > 0 ? frameOf(object, keys, keys.length, 0, parent) : null;
}

function checkDepth(parent) {
  if (parent.depth >= DEEPEST) {
    throw new TypeError(`data is nested more than ${DEEPEST} levels deep, which cannot be sent`);
  }
}

function frameOf(source, keys, length, next, parent) {
  return { source, keys, length, next, depth: parent.depth + 1, parent };
}

function putNumber(number) {
  if (top >= f64.length) reserve(1);
  if (Number.isNaN(number)) {
    i32[top * 2] = 0;
    i32[top * 2 + 1] = NAN;
  } else {
    f64[top] = number;
  }
  top++;
}

function putToken(token, payload) {
  if (top >= f64.length) reserve(1);
  i32[top * 2] = payload;
  i32[top * 2 + 1] = token;
  top++;
}

/** Writes a key of a map, from the cache if the last map had the same key at this position. */
function putKey(key, place) {
  const at = top * 2;
  if (key === knownKeys[place] && top + 2 <= f64.length) {
    i32[at] = key.length;
    i32[at + 1] = STRING;
    i32[at + 2] = knownTexts[place * 2];
    i32[at + 3] = knownTexts[place * 2 + 1];
    top += 2;
    return;
  }
  putString(key);
  // Only keys that take one slot of ASCII are cached.
  if (top * 2 === at + 4 && i32[at] === key.length) {
    knownKeys[place] = key;
    knownTexts[place * 2] = i32[at + 2];
    knownTexts[place * 2 + 1] = i32[at + 3];
  }
}

function putString(text) {
  const { length } = text;
  if (length > SHORT) {
    putLongString(text);
    return;
  }
  const slots = 1 + ((length + 7) >> 3);
  if (top + slots > f64.length) reserve(slots);
  const at = top * 8 + 8;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) {
      putLongString(text);
      return;
    }
    u8[at + i] = unit;
  }
  i32[top * 2] = length;
  i32[top * 2 + 1] = STRING;
  top += slots;
}

function putLongString(text) {
  const { length } = text;
  if (length >= LONG_TEXT) {
    // Much faster than `encode`, and memory that is not written costs next to nothing.
    const bytes = new Uint8Array(length * 3);
    const { written } = encodeInto(text, bytes);
    putBody(TEXT_BODY, bytes.subarray(0, written), written);
    return;
  }
  // A unit can take three bytes, but rarely does: in a long string, the first try assumes one byte.
  let { read, written } = encodeAt(0, text, length < LONG ? length * 3 : length);
  if (read < length) {
    written += encodeAt(written, text.slice(read), (length - read) * 3).written;
  }
  putToken(STRING, written);
  top += (written + 7) >> 3;
}

/** Encodes as much of a text as fits into `capacity` bytes, `offset` bytes after the slot of the next token. */
function encodeAt(offset, text, capacity) {
  reserve(1 + ((offset + capacity + 7) >> 3));
  const at = top * 8 + 8 + offset;
  return encodeInto(text, u8.subarray(at, at + capacity));
}

function putBytes(bytes, parent) {
  const { length } = bytes;
  if (length >= LONG) {
    return putBody(BODY, bytes, length, parent);
  }
  reserve(1 + ((length + 7) >> 3));
  putToken(BYTES, length);
  u8.set(bytes, top * 8);
  top += (length + 7) >> 3;
  return null;
}

function putBody(token, source, length, parent) {
  if (length > MOST) {
    throw new TypeError(`${pathTo(parent)} is longer than 4 GiB: send it in parts`);
  }
  putToken(token, length);
  bodies ??= [];
  bodies.push(source);
  return null;
}

function putDate(date) {
  if (forMsgPack) {
    const time = date.getTime();
    putToken(DATE, 0);
    putNumber(time);
  } else {
    putString(String(date));
  }
  return null;
}

/** Makes sure that this many slots are free. */
function reserve(slots) {
  if (top + slots > f64.length) {
    let size = capacity;
    while (size < top + slots) size *= 2;
    resize(size);
  }
}

/** Returns the number that Rust has stored in place of the first token of the last value. */
export function firstOfTape() {
  if (i32.length === 0) resize(capacity);
  return i32[top * 2] >>> 0;
}

function resize(slots) {
  const address = (slots <= MOST / 8 && tape_resize(slots)) || outOfMemory();
  capacity = slots;
  const { buffer } = memory();
  f64 = new Float64Array(buffer, address, slots);
  i32 = new Int32Array(buffer, address, slots * 2);
  u8 = new Uint8Array(buffer, address, slots * 8);
}

export function outOfMemory() {
  throw new RangeError("there is not enough memory to send so large a value");
}

/** What the error text suggests to send instead of a value that cannot be sent. */
const INSTEAD = {
  BigInt: "String(it)",
  Map: "[...it]",
  Set: "[...it]",
  Promise: "its result",
  SharedArrayBuffer: "new Uint8Array(it)",
};

function unsendable(value, frame) {
  const kind = kindOf.call(value).slice(8, -1);
  const instead = INSTEAD[kind] ?? "a plain object or a string with its data";
  return new TypeError(`${pathTo(frame)} is a ${kind}, which cannot be sent: send ${instead}`);
}

/** Returns the path to the value that a stack frame has come to. */
function pathTo(frame) {
  let path = "";
  for (; frame.parent !== null; frame = frame.parent) {
    const at = frame.keys === null ? frame.next - 1 : frame.keys[frame.next - 1];
    if (typeof at === "number") {
      path = `[${at}]${path}`;
    } else {
      // \p{ID_Start} would be exact, but costs Chromium half a millisecond at each start, even if it is not used.
      path = /^[A-Za-z_$][\w$]*$/.test(at) ? `.${at}${path}` : `[${JSON.stringify(at)}]${path}`;
    }
  }
  return `data${path}`;
}
