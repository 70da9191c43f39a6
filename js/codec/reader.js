/**
 * Builds values from the decode tape, whose tokens are named in src/core/codec/tape.rs.
 *
 * Rust decides every length and bound; what is here turns tokens into JS values one after the other, without recursion.
 * A value that comes in many parts is built as they come.
 */
import { MessagePackStream, tape_address, unpack_value } from "../glue.js";
import { load, memory } from "../loader.js";

/** The upper half of a slot that is not a number, as a signed integer. */
const BOXED = 0xfffc0000 | 0;
/** What is boxed. */
const NULL = 0;
const UNDEFINED = 1;
const FALSE = 2;
const TRUE = 3;
const TEXT = 4;
const WIDE = 5;
const BYTES = 6;
const ARRAY = 7;
const LIST = 8;
const MAP = 9;
const KNOWN = 10;
const NEW = 11;
const PROTO = 12;
const LONG_TEXT = 13;
const LONG_BYTES = 14;
const DATE = 15;
const EXT = 16;
/** Our own: the long string or binary that the last tape ended with is complete. */
const LONG_VALUE = 17;

const RANGE_SHIFT = 14;
const RANGE_START = (1 << RANGE_SHIFT) - 1;
const PLACE_SHIFT = RANGE_SHIFT + 5;
const PLACE_LENGTH = 31;

/** Text up to this size is put together from character codes, which is faster than a call of the decoder. */
const SHORT_TEXT = 48;
const shortText = [];

/** What the innermost open container takes next. */
const ELEMENT = 0;
const MAP_KEY = 1;
const MAP_VALUE = 2;
/** The value of the key `__proto__`. */
const MAP_PROTO = 3;

/** Replaces malformed UTF-8, as PeerJS's peers expect of text; a leading U+FEFF is text too. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

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
  const slotsAt = tape_address(0);
  textAt = tape_address(1);
  windowAt = tape_address(2);
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

/** A value in the making. */
class Builder {
  constructor() {
    /** Containers around the innermost, as far as `depth`; what is beyond is there to be used again. */
    this.outer = [];
    this.depth = 0;
    /** The innermost open container. The outermost is an array for the value itself. */
    this.into = [undefined];
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
    const text = readText(tokens[1]);
    tokens[0] = 0;
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
      // Only what is boxed is not equal to itself, and NaN.
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
            value = utf8.decode(bytes.subarray(windowAt + start, windowAt + stop));
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
            this.long = { size: low >>> 0, isText: true, room: undefined, filled: 0 };
            continue;
          case LONG_BYTES:
            this.long = { size: low >>> 0, isText: false, room: undefined, filled: 0 };
            continue;
          case LONG_VALUE:
            value = this.long;
            this.long = undefined;
        }
      }
      switch (takes) {
        case ELEMENT:
          into[index] = value;
          // Numbers come in runs.
          while (opens === 0 && at < count && index + 1 < end) {
            value = numbers[at + 1];
            if (value !== value) break;
            into[++index] = value;
            at++;
          }
          break;
        case MAP_KEY:
          key = value;
          takes = MAP_VALUE;
          continue;
        case MAP_VALUE:
          into[key] = value;
          takes = MAP_KEY;
          break;
        default:
          Object.defineProperty(into, "__proto__", {
            value,
            writable: true,
            enumerable: true,
            configurable: true,
          });
          takes = MAP_KEY;
      }
      index++;
      if (opens > 0) {
        if (depth === outer.length) outer.push({ into, index, end, takes });
        const open = outer[depth++];
        open.into = into;
        open.index = index;
        open.end = end;
        open.takes = takes;
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
    this.depth = depth;
    this.into = into;
    this.end = end;
    this.takes = takes;
    this.key = key;
    if (index < end) {
      this.index = index;
    } else {
      this.index = 0;
      this.complete(into.pop());
    }
  }

  /** Takes in the next bytes of the long string or binary that the tape ended with, for which to make `room`. */
  fill(source, at, count, room) {
    const { long } = this;
    const part = new Uint8Array(source, at, count);
    let whole = part;
    if (count < long.size) {
      if (long.filled + count > (long.room?.length ?? 0)) long.room = enlarged(long.room, room);
      long.room.set(part, long.filled);
      long.filled += count;
      if (long.filled < long.size) return;
      whole = long.room;
    }
    if (long.isText) this.long = utf8.decode(whole);
    else this.long = this.binary(whole === part ? source.slice(at, at + count) : whole.buffer);
    attach();
    halves[0] = 1;
    halves[3] = BOXED | LONG_VALUE;
    this.read();
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

function readText(length) {
  if (length === 0) return "";
  if (length > SHORT_TEXT) return utf8.decode(bytes.subarray(textAt, textAt + length));
  shortText.length = length;
  for (let at = 0; at < length; at++) shortText[at] = bytes[textAt + at];
  return String.fromCharCode.apply(null, shortText);
}

function enlarged(old, size) {
  const room = new Uint8Array(size);
  if (old !== undefined) room.set(old);
  return room;
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

function asBuffer(data) {
  if (!ArrayBuffer.isView(data)) return data;
  return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
}

/** Decodes a BinaryPack message. */
export function unpack(data) {
  load();
  const fault = unpack_value(reader, asBuffer(data));
  if (fault !== undefined) throw new Error(fault);
  return readValue();
}

/** Decodes a MessagePack stream. */
export class StreamDecoder {
  #builder = new StreamBuilder();
  #stream = new MessagePackStream(reader, this.#builder);
  /** What broke the stream; no values come after that. */
  error;

  /** The values that are complete with these bytes. */
  push(data) {
    if (this.error === undefined) this.error = this.#stream.push(asBuffer(data));
    const { values } = this.#builder;
    this.#builder.values = [];
    return values;
  }
}
