// Blanks texts of panics, which are unused after silence.mjs: messages, and the names of source files. The latter would
// also reveal paths of the machine that built the package.

/** Messages of std, js-sys and wasm-bindgen. A message that is not found is ignored, since versions differ. */
const MESSAGES = [
  " but ends at ",
  " but the index is ",
  " out of range for slice of length ",
  "AccessError",
  "Attempted to initialize thread-local while it is being dropped",
  "FnOnce called more than once",
  "LazyCell instance has previously been poisoned",
  "Out of bounds access",
  "RefCell already borrowed",
  "RefCell already mutably borrowed",
  "Tried to shrink to a larger capacity",
  ") does not match destination slice length (",
  ") should be < len (is ",
  "`async fn` resumed after completion",
  "attempt to divide by zero",
  "attempt to join into collection with len > usize::MAX",
  "attempted to take ownership of Rust value while it was borrowed",
  "called `Option::unwrap_throw()` on a `None` value",
  "called `Result::unwrap_throw()` on an `Err` value",
  "cannot access a Thread Local Storage value during or after destruction: ",
  "capacity overflow",
  "closure invoked recursively or after being dropped",
  "copy_from_slice: source slice length (",
  "finish: callbacks should be Some",
  "finish: result should be None",
  "index out of bounds: the len is ",
  "internal error: entered unreachable code: The JS binding should only ever produce a valid value or the specific 'invalid' value",
  "internal error: entered unreachable code",
  "mid > len",
  "null pointer passed to rust",
  "range end index ",
  "range start index ",
  "recursive use of an object detected which would lead to unsafe aliasing in rust",
  "reentrant init",
  "removal index (is ",
  "slice index starts at ",
  // For numbers in messages.
  Array.from({ length: 100 }, (_, n) => `${n}`.padStart(2, "0")).join(""),
];

/** Size of a `core::panic::Location`: the address and the length of a file name, a line and a column. */
const LOCATION = 16;
const SOURCE_FILE = /^[\w.:@/\\-]+\.rs$/;

/**
 * Overwrites texts and locations with zeros, which wasm-opt does not store.
 *
 * @param {Uint8Array} data the data of a segment
 * @param {number} base the address of the segment
 */
export function blankTexts(data, base) {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const text = bytes.toString("latin1");
  const blank = (at, length) => bytes.fill(0, at, at + length);
  for (let at = 0; at + LOCATION <= bytes.length; at += 4) {
    const [name, length] = [bytes.readUInt32LE(at) - base, bytes.readUInt32LE(at + 4)];
    if (name >= 0 && SOURCE_FILE.test(text.slice(name, name + length))) {
      blank(name, length);
      blank(at, LOCATION);
    }
  }
  for (const message of MESSAGES) {
    for (let at = text.indexOf(message); at >= 0; at = text.indexOf(message, at + 1)) {
      blank(at, message.length);
    }
  }
}
