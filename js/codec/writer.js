// A JavaScript value onto the tape: flat tokens in wasm memory, see src/proto/codec/tape.rs. Rust
// decides what the bytes are; this file only classifies values.

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

/** ASCII strings up to this many units are copied faster by a loop than by calling the platform's encoder. */
const SHORT = 200;
/** Binary from this many bytes, and text from this many units, does not pass through wasm memory. */
const LONG = 4096;
const LONG_TEXT = 1 << 18;
/** The tape's length in slots at first, and what it shrinks back to after it was longer than KEEP. */
const FIRST = 4096;
const KEEP = 1 << 17;
/** Values may be nested this deep, */
const DEEPEST = 10000;
/** and this deep by calls, which are faster than a stack of our own. */
const CALLS = 200;
const MOST = 0xffffffff;
/** In how many places of a map the last short key is known. */
const PLACES = 32;

let encoder;

/** Importing this must not make an encoder: a test runner may have none. */
function encodeInto(text, part) {
  encoder ??= new TextEncoder();
  return encoder.encodeInto(text, part);
}

const { getPrototypeOf, keys: keysOf, prototype: plain } = Object;
const kindOf = plain.toString;

// Views of the tape. They shrink to nothing when wasm memory grows, so that looking whether there is room finds out
// that too.
let f64 = new Float64Array(0);
let i32 = new Int32Array(0);
let u8 = new Uint8Array(0);
/** The tape's length. */
let capacity = FIRST;
/** The next free slot. */
let top = 0;
/** Where Rust believes that the value begins. */
let base = 0;
/** The short keys that maps had last in each place, and their text: both halves of its slot. */
const knownKeys = new Array(PLACES).fill(null);
const knownTexts = new Int32Array(PLACES * 2);
/** Whether the value is for MessagePack. */
let forMsgPack = false;
/** What is not on the tape, in the order of its tokens. */
let bodies;

/**
 * Writes a value onto the tape, where it stays until the next is written: pass both parts of the result on at once. A
 * getter in the value may send another value meanwhile.
 *
 * @param {unknown} value
 * @param {boolean} [msgPack] whether it is for MessagePack
 * @returns {{slots: number, bodies: (Uint8Array | Blob)[] | undefined}}
 * @throws {TypeError} for what the format cannot carry
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
      // Once more, in the way that finds out where in the data it was.
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

/** Writes a value and all that is in it: what nearly every message consists of in the fastest way there is. */
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
    // What comes last needs no call: Firefox is twice as fast with lists and deep values.
    putKey(keys[last], last % PLACES);
    value = value[keys[last]];
  }
}

function putItems(array, depth) {
  const { length } = array;
  for (let i = putNumbers(array); i < length; i++) put(array[i], depth);
}

/** Writes a value that has no parts. Returns whether it is one. */
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

/** Whether its own properties are all that there is. Its constructor tells sooner than its prototype. */
function isPlain(value) {
  if (value.constructor === Object) return true;
  const prototype = getPrototypeOf(value);
  return prototype === plain || prototype === null;
}

/** The same with a stack of its own: values may be nested deeper than calls can be. */
function walk(root, depth = 0) {
  let frame = { source: [root], keys: null, length: 1, next: 0, depth, parent: null };
  // The frame on the way here whose depth is the last power of two. In a cycle one comes by it again.
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

/** Writes what is neither a primitive nor null. Returns a frame when parts of it remain to be written. */
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
 * Begins an array. Numbers at its beginning (often that is all there is) are written at once: returns how many.
 */
function putNumbers(array) {
  const { length } = array;
  reserve(length + 1);
  putToken(ARRAY, length);
  // As long as that lasts, all the room is taken: an element may be a getter that sends.
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

/** Writes a key of a map. Maps that follow each other often have the same one in the same place. */
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
  // One slot of ASCII.
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
    // Faster than `encode` by far, and memory that is never written to costs next to nothing.
    const bytes = new Uint8Array(length * 3);
    const { written } = encodeInto(text, bytes);
    putBody(TEXT_BODY, bytes.subarray(0, written), written);
    return;
  }
  // A unit can take three bytes, but in a long string it rarely does.
  let { read, written } = encodeAt(0, text, length < LONG ? length * 3 : length);
  if (read < length) {
    written += encodeAt(written, text.slice(read), (length - read) * 3).written;
  }
  putToken(STRING, written);
  top += (written + 7) >> 3;
}

/** Encodes as much of a text as fits into `room` bytes, this many bytes behind the next token. */
function encodeAt(offset, text, room) {
  reserve(1 + ((offset + room + 7) >> 3));
  const at = top * 8 + 8 + offset;
  return encodeInto(text, u8.subarray(at, at + room));
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

/** Makes room for this many slots more. */
function reserve(slots) {
  if (top + slots > f64.length) {
    let size = capacity;
    while (size < top + slots) size *= 2;
    resize(size);
  }
}

/** What Rust has put in the place of the last value's first token. */
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

/** What to send instead of what cannot be sent. */
const INSTEAD = {
  BigInt: "String(it)",
  Map: "[...it]",
  Set: "[...it]",
  Promise: "what it resolves to",
  SharedArrayBuffer: "new Uint8Array(it)",
};

function unsendable(value, frame) {
  const kind = kindOf.call(value).slice(8, -1);
  const instead = INSTEAD[kind] ?? "a plain object or a string with what matters of it";
  return new TypeError(`${pathTo(frame)} is a ${kind}, which cannot be sent: send ${instead}`);
}

/** Where in the data the value is that a frame has come to. */
function pathTo(frame) {
  let path = "";
  for (; frame.parent !== null; frame = frame.parent) {
    const at = frame.keys === null ? frame.next - 1 : frame.keys[frame.next - 1];
    if (typeof at === "number") {
      path = `[${at}]${path}`;
    } else {
      // \p{ID_Start} would be exact, but costs Chromium half a millisecond at each start, whether it is used or not.
      path = /^[A-Za-z_$][\w$]*$/.test(at) ? `.${at}${path}` : `[${JSON.stringify(at)}]${path}`;
    }
  }
  return `data${path}`;
}
