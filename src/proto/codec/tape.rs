//! The tape: a JavaScript value as flat 8-byte slots in wasm memory, little-endian. JavaScript and Rust hand values to
//! each other through it, so that neither calls the other once per property.
//!
//! A number is its own `f64` bits, every NaN as [`NAN`]. Anything else is a token, which hides in the bit patterns that
//! NaN leaves free: the upper half is [`TOKEN`] with a tag, the lower half a length, a count or an index.

/// The upper half of a slot that holds a token, but for its tag.
pub const TOKEN: u32 = 0xFFFC_0000;

/// The only NaN on a tape. Any other could be taken for a token.
pub const NAN: u64 = 0x7FF8_0000_0000_0000;

/// Bytes in a slot.
pub const SLOT: usize = 8;

/// Tags of the tape that js/codec/writer.js writes and the encoders read.
///
/// A value's parts follow it, so the tape reads from left to right with nothing to remember: an encoder needs no stack.
pub mod write {
    /// `null`, and `undefined`: neither format sends a difference.
    pub const NULL: u32 = 0;
    /// `false`.
    pub const FALSE: u32 = 1;
    /// `true`.
    pub const TRUE: u32 = 2;
    /// Payload: how many values follow.
    pub const ARRAY: u32 = 3;
    /// Payload: how many pairs follow, each a `STRING` and a value.
    pub const MAP: u32 = 4;
    /// Payload: how many bytes of UTF-8 follow, filled up to a whole slot.
    pub const STRING: u32 = 5;
    /// Payload: how many bytes follow, filled up to a whole slot.
    pub const BYTES: u32 = 6;
    /// Payload: the length of bytes that stay in JavaScript, in the next entry of the list that goes with the tape.
    pub const BODY: u32 = 7;
    /// The same for a string's UTF-8.
    pub const TEXT_BODY: u32 = 8;
    /// A slot with the milliseconds since 1970 follows. MessagePack only: BinaryPack sends a date as text.
    pub const DATE: u32 = 9;
}

/// Tags of the tape that the decoders write and `js/codec/reader.js` reads.
///
/// Slot 0 is a header: the number of slots that follow (lower half) and of text bytes (upper half). A container's token
/// comes before its members; a map's members are key, value, key, value…
pub mod read {
    pub use super::TOKEN as BOXED;

    /// `null`
    pub const NULL: u32 = BOXED;
    /// `undefined`
    pub const UNDEFINED: u32 = BOXED | 1;
    /// `false`
    pub const FALSE: u32 = BOXED | 2;
    /// `true`
    pub const TRUE: u32 = BOXED | 3;
    /// A string of ASCII only: a range of the text area.
    pub const TEXT: u32 = BOXED | 4;
    /// Any other string, as UTF-8: a range of the window.
    pub const WIDE: u32 = BOXED | 5;
    /// Binary: a range of the window.
    pub const BYTES: u32 = BOXED | 6;
    /// An array of so many elements, all of which can be at hand: allocate it whole.
    pub const ARRAY: u32 = BOXED | 7;
    /// An array that announces more elements than bytes have come so far: let it grow.
    pub const LIST: u32 = BOXED | 8;
    /// A map of so many entries.
    pub const MAP: u32 = BOXED | 9;
    /// A string both sides remember, by its place.
    pub const KNOWN: u32 = BOXED | 10;
    /// A string to remember: a range of the text area, and its place from bit [`PLACE_SHIFT`]
    /// on.
    pub const NEW: u32 = BOXED | 11;
    /// The map key `__proto__`, which must become a property like any other.
    pub const PROTO: u32 = BOXED | 12;
    /// A long string, so many bytes, which follow outside the tape. Always the last token.
    pub const LONG_TEXT: u32 = BOXED | 13;
    /// Long binary, so many bytes, which follow outside the tape. Always the last token.
    pub const LONG_BYTES: u32 = BOXED | 14;
    /// A point in time; the next slot is its number of milliseconds since 1970.
    pub const DATE: u32 = BOXED | 15;
    /// A MessagePack extension of this type (0 to 255 for −128 to 127 as its byte); its binary follows.
    pub const EXT: u32 = BOXED | 16;
    /// An array of so many numbers, which follow and are all of it.
    pub const NUMBERS: u32 = BOXED | 17;
    /// The long string or binary that the last tape ended with is complete. JavaScript writes it for itself.
    pub const LONG_VALUE: u32 = BOXED | 18;

    /// Bytes decoded at a time. A range holds its start in the lower 14 bits and its length above.
    pub const WINDOW: usize = 1 << RANGE_SHIFT;
    /// Where a range's length begins.
    pub const RANGE_SHIFT: u32 = 14;
    /// Where the place of a string to remember begins: its length takes five bits.
    pub const PLACE_SHIFT: u32 = RANGE_SHIFT + 5;
}
