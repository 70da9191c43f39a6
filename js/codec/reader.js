// Builds values from the read tape, which src/proto/codec/tape.rs describes.
//
// Rust decides every length and bound; what is here turns tokens into JS values one after the
// other, without recursion. A value that comes in many parts is built as they come.
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

/** Text up to this length is put together from its codes: faster than a call of the decoder. */
const SHORT_TEXT = 64;
/** A long text is decoded so much at a time: the whole takes Firefox several times as long. */
const TEXT_PART = WINDOW;
/** An array for the codes of each length: one that changed its own would be allocated anew. */
const codes = Array.from({ length: SHORT_TEXT + 1 }, (_, length) => new Array(length).fill(0));

/** What the innermost open container takes next. */
const ELEMENT = 0;
const MAP_KEY = 1;
const MAP_VALUE = 2;
/** The value of the key `__proto__`. */
const MAP_PROTO = 3;

/** Replaces malformed UTF-8, as PeerJS's peers expect of text; a leading U+FEFF is text too. */
const UTF8 = { ignoreBOM: true };
let utf8;

/** Importing this must not make a decoder: a test runner may have none. */
function decode(part) {
  utf8 ??= new TextDecoder("utf-8", UTF8);
  return utf8.decode(part);
}

let bytes = new Uint8Array(0);
let slots = new Float64Array(0);
let halves = new Int32Array(0);
let textAt = 0;
let windowAt = 0;

/** Strings that Rust and we remember by their place. */
const known = [];

/** The last complete value. */
let done;

/** Looks at wasm memory anew, if it has grown. */
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

/** An extension of MessagePack's that nobody has given a meaning. */
export class ExtData {
  constructor(type, data) {
    this.type = type;
    this.data = data;
  }
}

/** A string or binary whose bytes come outside the tape. */
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

/** A value in the making. */
class Builder {
  constructor() {
    /** Containers around the innermost, as far as `depth`; what is beyond is there to be used again. */
    this.outer = [];
    this.depth = 0;
    /** The outermost container takes the value itself. */
    this.root = [undefined];
    /** The innermost open container. */
    this.into = this.root;
    this.index = 0;
    this.end = 1;
    this.takes = ELEMENT;
    this.key = undefined;
    /** The long string or binary that the tape ended with. */
    this.long = undefined;
    /** The type of the extension whose binary comes next. */
    this.extension = undefined;
  }

  /** Takes in the tape. */
  read() {
    attach();
    const { outer } = this;
    const numbers = slots;
    const tokens = halves;
    let { depth, into, index, end, takes, key } = this;
    const count = tokens[0];
    // One string for all: those taken out of it are slices that keep it, a window's worth at most.
    const text = tokens[1] > 0 ? readText(tokens[1]) : "";
    for (let at = 1; at <= count; at++) {
      // Most entries of maps begin like this.
      if (takes === MAP_KEY && at < count && tokens[2 * at + 1] === (BOXED | KNOWN)) {
        key = known[tokens[2 * at]];
        takes = MAP_VALUE;
        at++;
      }
      let value = numbers[at];
      let opens = 0;
      let opened = ELEMENT;
      // Whatever is boxed reads as NaN.
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
            // The page has frozen Object.prototype, which has a property of this name.
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
        // What this was the last member of needs no coming back to.
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
    // Not before all is read: what we did not get to know, Rust must not take for known.
    tokens[0] = 0;
    this.depth = depth;
    this.into = into;
    this.index = index;
    this.end = end;
    this.takes = takes;
    this.key = key;
    if (index === end) this.complete(this.restart());
  }

  /** Takes in the next bytes of the long string or binary that the tape ended with. */
  fill(source, at, count, room) {
    const { long } = this;
    const isWhole = count === long.size;
    long.filled += count;
    const isLast = long.filled === long.size;
    if (long.isText) {
      // Decoded as it comes: a long string at once would keep the page busy.
      long.decoder ??= new TextDecoder("utf-8", UTF8);
      for (let done = 0; done < count; done += TEXT_PART) {
        const part = new Uint8Array(source, at + done, Math.min(TEXT_PART, count - done));
        long.text += long.decoder.decode(part, { stream: true });
      }
      if (isLast) long.text += long.decoder.decode();
    } else if (isWhole) {
      long.bytes = source.slice(at, at + count);
    } else {
      if (room > (long.bytes?.byteLength ?? 0)) long.bytes = enlarged(long.bytes, room);
      new Uint8Array(long.bytes).set(new Uint8Array(source, at, count), long.filled - count);
    }
    if (!isLast) return;
    this.long = long.isText ? long.text : this.binary(long.bytes);
    attach();
    halves[0] = 1;
    halves[3] = BOXED | LONG_VALUE;
    this.read();
  }

  /** Ready for the next value; gives the one that is complete. */
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

/** Values one after the other, with MessagePack's types. */
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

/** In a function of its own, where engines find that the array never holds anything else. */
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
  // The memory of the old one is free at once then, and not when garbage is collected.
  if (old?.transfer) return old.transfer(size);
  const bytes = new Uint8Array(size);
  if (old !== undefined) bytes.set(new Uint8Array(old));
  return bytes.buffer;
}

/** What Rust asks of us. */
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

/** The value of the frame that came in last. */
export function readValue() {
  attach();
  if (halves[0] > 0) main.read();
  const value = done;
  done = undefined;
  return value;
}

/** Decodes a BinaryPack message. */
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

  /** @param {number} limit how many bytes a value may take */
  constructor(limit) {
    load();
    this._stream = new MessagePackStream(reader, this._builder, limit);
  }

  /** The values that are complete with these bytes. */
  push(data) {
    if (this.error === undefined) this.error = this._stream.push(asBuffer(data));
    const { values } = this._builder;
    this._builder.values = [];
    return values;
  }
}
