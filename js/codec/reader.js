// Builds values from the read tape, which src/proto/codec/tape.rs describes.
//
// Rust checks all lengths and bounds. The reader converts one token after the other to a JS value,
// without recursion. A value that comes in many parts is built as they come.
import { AREA_SLOTS, AREA_TEXT, AREA_WINDOW } from "../border/handles.js";
import {
  ARRAY,
  BOXED,
  BYTES,
  DATE,
  EXT,
  FALSE,
  KNOWN,
  LIST,
  LONG_BYTES,
  LONG_TEXT,
  LONG_VALUE,
  MAP,
  NEW,
  NULL,
  NUMBERS,
  PLACE_SHIFT,
  PROTO,
  RANGE_SHIFT,
  TEXT,
  TRUE,
  UNDEFINED,
  WIDE,
  WINDOW,
} from "../border/read.js";
import { MessagePackStream, tape_address, unpack_value, unpack_window } from "../glue.js";
import { load, memory } from "../loader.js";

const RANGE_START = (1 << RANGE_SHIFT) - 1;
const PLACE_LENGTH = (1 << (PLACE_SHIFT - RANGE_SHIFT)) - 1;

/** Text up to this length in bytes is built from character codes, which is faster than TextDecoder. */
const SHORT_TEXT = 64;
/** How many bytes of a long text are decoded at a time: Firefox takes several times as long for the whole text. */
const TEXT_PART = WINDOW;
/** For each length of a short text one array of codes, reused: resizing a single array would reallocate it. */
const codes = Array.from({ length: SHORT_TEXT + 1 }, (_, length) => new Array(length).fill(0));

/** What the innermost open container takes next: ELEMENT and the following constants. */
const ELEMENT = 0;
const MAP_KEY = 1;
const MAP_VALUE = 2;
/** The value of the key `__proto__`. */
const MAP_PROTO = 3;

/** Options of all decoders: malformed UTF-8 is replaced, as in PeerJS, and a leading U+FEFF is kept. */
const UTF8 = { ignoreBOM: true };
let utf8;

/** Decodes UTF-8. The decoder is made at the first use, because a test runner may lack TextDecoder. */
function decode(part) {
  utf8 ??= new TextDecoder("utf-8", UTF8);
  return utf8.decode(part);
}

let bytes = new Uint8Array(0);
let slots = new Float64Array(0);
let halves = new Int32Array(0);
let textAt = 0;
let windowAt = 0;

/** The dictionary of strings that Rust and the reader share, by index. */
const known = [];

/** The last complete value. */
let done;

/** Renews the views of wasm memory if it has grown. */
function attach() {
  if (bytes.length > 0) return;
  const slotsAt = tape_address(AREA_SLOTS);
  textAt = tape_address(AREA_TEXT);
  windowAt = tape_address(AREA_WINDOW);
  const { buffer } = memory();
  bytes = new Uint8Array(buffer);
  slots = new Float64Array(buffer, slotsAt);
  halves = new Int32Array(buffer, slotsAt);
}

/** A MessagePack extension type, as @msgpack/msgpack represents it. */
export class ExtData {
  constructor(type, data) {
    this.type = type;
    this.data = data;
  }
}

/** A string or binary whose bytes come outside of the tape. */
class Long {
  filled = 0;
  text = "";
  decoder;
  bytes;

  constructor(size, isText) {
    this.size = size;
    this.isText = isText;
  }
}

/** Builds a value from tapes. */
class Builder {
  constructor() {
    /** The containers around the innermost one. Only the first `depth` are in use, the others are kept for reuse. */
    this.outer = [];
    this.depth = 0;
    /** The outermost container, whose only element is the value. */
    this.root = [undefined];
    /** The innermost open container. */
    this.into = this.root;
    this.index = 0;
    this.end = 1;
    this.takes = ELEMENT;
    this.key = undefined;
    /** The long string or binary that the tape ended with. */
    this.long = undefined;
    /** The type of the extension whose binary follows. */
    this.extension = undefined;
  }

  /** Adds the tokens of the tape to the value. */
  read() {
    attach();
    const { outer } = this;
    const numbers = slots;
    const tokens = halves;
    let { depth, into, index, end, takes, key } = this;
    const count = tokens[0];
    // All texts are slices of one string. They keep it alive, which is one window at most.
    const text = tokens[1] > 0 ? readText(tokens[1]) : "";
    for (let at = 1; at <= count; at++) {
      // Fast path: most map entries begin with a key of the dictionary.
      if (takes === MAP_KEY && at < count && tokens[2 * at + 1] === (BOXED | KNOWN)) {
        key = known[tokens[2 * at]];
        takes = MAP_VALUE;
        at++;
      }
      let value = numbers[at];
      let opens = 0;
      let opened = ELEMENT;
      // Every token is NaN as a number.
      if (Number.isNaN(value)) {
        const low = tokens[2 * at];
        const start = low & RANGE_START;
        const stop = start + (low >>> RANGE_SHIFT);
        switch (tokens[2 * at + 1] ^ BOXED) {
          case KNOWN:
            value = known[low];
            break;
          case NEW:
            value = text.slice(start, start + ((low >>> RANGE_SHIFT) & PLACE_LENGTH));
            known[low >>> PLACE_SHIFT] = value;
            break;
          case PROTO:
            takes = MAP_PROTO;
            continue;
          case TEXT:
            value = text.slice(start, stop);
            break;
          case WIDE:
            value = decode(bytes.subarray(windowAt + start, windowAt + stop));
            break;
          case BYTES:
            value = this.binary(bytes.buffer.slice(windowAt + start, windowAt + stop));
            break;
          case MAP:
            value = {};
            opens = low >>> 0;
            opened = MAP_KEY;
            break;
          case ARRAY:
            value = new Array(low);
            opens = low;
            break;
          case NUMBERS:
            value = readNumbers(numbers, at + 1, low);
            at += low;
            break;
          case LIST:
            value = [];
            opens = low >>> 0;
            break;
          case NULL:
            value = null;
            break;
          case TRUE:
            value = true;
            break;
          case FALSE:
            value = false;
            break;
          case UNDEFINED:
            value = undefined;
            break;
          case DATE:
            at++;
            value = new Date(numbers[at]);
            break;
          case EXT:
            this.extension = (low << 24) >> 24;
            continue;
          case LONG_TEXT:
            this.long = new Long(low >>> 0, true);
            continue;
          case LONG_BYTES:
            this.long = new Long(low >>> 0, false);
            continue;
          case LONG_VALUE:
            value = this.long;
            this.long = undefined;
        }
      }
      switch (takes) {
        case ELEMENT:
          into[index] = value;
          break;
        case MAP_KEY:
          key = value;
          takes = MAP_VALUE;
          continue;
        case MAP_VALUE:
          try {
            into[key] = value;
          } catch {
            // The page has frozen Object.prototype, and that has a property with this name.
            define(into, key, value);
          }
          takes = MAP_KEY;
          break;
        default:
          define(into, "__proto__", value);
          takes = MAP_KEY;
      }
      index++;
      if (opens > 0) {
        // A container whose last member this is needs no further work.
        if (index < end) {
          if (depth === outer.length) outer.push({ into, index, end, takes });
          const open = outer[depth++];
          open.into = into;
          open.index = index;
          open.end = end;
          open.takes = takes;
        }
        into = value;
        index = 0;
        end = opens;
        takes = opened;
      } else {
        while (index === end && depth > 0) {
          const open = outer[--depth];
          into = open.into;
          index = open.index;
          end = open.end;
          takes = open.takes;
          open.into = undefined;
        }
      }
    }
    // Marks the tape as read, only after all of it: otherwise Rust must clear the dictionary.
    tokens[0] = 0;
    this.depth = depth;
    this.into = into;
    this.index = index;
    this.end = end;
    this.takes = takes;
    this.key = key;
    if (index === end) this.complete(this.restart());
  }

  /**
   * Adds the next bytes of the long string or binary that the tape ended with. `capacity` is how many bytes to allocate
   * for a binary.
   */
  fill(source, at, count, capacity) {
    const { long } = this;
    const isWhole = count === long.size;
    long.filled += count;
    const isLast = long.filled === long.size;
    if (long.isText) {
      // Decoded part by part: a long string at once would block the page.
      long.decoder ??= new TextDecoder("utf-8", UTF8);
      for (let done = 0; done < count; done += TEXT_PART) {
        const part = new Uint8Array(source, at + done, Math.min(TEXT_PART, count - done));
        long.text += long.decoder.decode(part, { stream: true });
      }
      if (isLast) long.text += long.decoder.decode();
    } else if (isWhole) {
      long.bytes = source.slice(at, at + count);
    } else {
      if (capacity > (long.bytes?.byteLength ?? 0)) long.bytes = enlarged(long.bytes, capacity);
      new Uint8Array(long.bytes).set(new Uint8Array(source, at, count), long.filled - count);
    }
    if (!isLast) return;
    this.long = long.isText ? long.text : this.binary(long.bytes);
    attach();
    halves[0] = 1;
    halves[3] = BOXED | LONG_VALUE;
    this.read();
  }

  /** Returns the complete value, and prepares for the next one. */
  restart() {
    const { root } = this;
    this.into = root;
    this.index = 0;
    this.end = 1;
    this.takes = ELEMENT;
    const [value] = root;
    root[0] = undefined;
    return value;
  }

  binary(buffer) {
    return buffer;
  }

  complete(value) {
    done = value;
  }
}

/** Builds the values of a MessagePack stream, with its types. */
class StreamBuilder extends Builder {
  values = [];

  binary(buffer) {
    const data = new Uint8Array(buffer);
    const type = this.extension;
    if (type === undefined) return data;
    this.extension = undefined;
    return new ExtData(type, data);
  }

  complete(value) {
    this.values.push(value);
  }
}

function define(object, key, value) {
  const free = { writable: true, enumerable: true, configurable: true };
  Object.defineProperty(object, key, { value, ...free });
}

/** A function of its own, so that engines see that the array holds only numbers. */
function readNumbers(numbers, start, count) {
  const list = new Array(count);
  for (let at = 0; at < count; at++) list[at] = numbers[start + at];
  return list;
}

function readText(length) {
  if (length > SHORT_TEXT) return decode(bytes.subarray(textAt, textAt + length));
  const text = codes[length];
  for (let at = 0; at < length; at++) text[at] = bytes[textAt + at];
  return String.fromCharCode(...text);
}

function enlarged(old, size) {
  // `transfer` frees the old memory at once, without waiting for garbage collection.
  if (old?.transfer) return old.transfer(size);
  const bytes = new Uint8Array(size);
  if (old !== undefined) bytes.set(new Uint8Array(old));
  return bytes.buffer;
}

/** The functions that Rust calls: see the trait `Page` in src/proto/inbound.rs. */
export const reader = {
  /** Copies a part of a frame to an address in wasm memory. */
  load(source, at, to, count) {
    attach();
    bytes.set(new Uint8Array(source, at, count), to);
  },
  /** Begins a value that takes more than one tape. */
  start() {
    return new Builder();
  },
};

const main = new Builder();

/** Returns the value of the last received frame. Call it once per value, before the next frame. */
export function readValue() {
  attach();
  if (halves[0] > 0) main.read();
  const value = done;
  done = undefined;
  return value;
}

/**
 * Decodes a BinaryPack message.
 *
 * @throws {Error} if the bytes are not exactly one value
 */
export function unpack(data) {
  load();
  attach();
  const view = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
  let fault;
  if (view.length <= WINDOW) {
    bytes.set(view, windowAt);
    fault = unpack_window(view.length);
  } else {
    fault = unpack_value(reader, asBuffer(data));
  }
  if (fault !== undefined) throw new Error(fault);
  return readValue();
}

function asBuffer(data) {
  if (!ArrayBuffer.isView(data)) return data;
  return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
}

/** Decodes a MessagePack stream. */
export class StreamDecoder {
  _builder = new StreamBuilder();
  _stream;
  /** What broke the stream; no values come after that. */
  error;

  /** @param {number} limit how many bytes of memory a value may take, approximately */
  constructor(limit) {
    load();
    this._stream = new MessagePackStream(reader, this._builder, limit);
  }

  /** Decodes the next bytes, and returns the values that they complete. */
  push(data) {
    if (this.error === undefined) this.error = this._stream.push(asBuffer(data));
    const { values } = this._builder;
    this._builder.values = [];
    return values;
  }
}
