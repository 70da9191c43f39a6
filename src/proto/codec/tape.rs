//! The tape: a JavaScript value as flat 8-byte slots in wasm memory, little-endian. Values cross the border between
//! JavaScript and Rust on it, which avoids a call across the border for each property.
//!
//! A number is stored as its `f64` bits, every NaN as [`NAN`]. Any other value is a token, encoded in the bit patterns
//! of the other NaNs: the upper half is [`TOKEN`] with a tag, the lower half is the payload (a length, a count or an
//! index).

/// The upper half of a slot that holds a token: the tag is added to it.
pub const TOKEN: u32 = 0xFFFC_0000;

/// The only NaN on a tape. The bits of other NaNs are tokens.
pub const NAN: u64 = 0x7FF8_0000_0000_0000;

/// Bytes in a slot.
pub const SLOT: usize = 8;

/// Tags of the tape that js/codec/writer.js writes and the encoders read.
///
/// The parts of a value follow it, so that an encoder reads the tape from left to right and needs no stack.
pub mod write {
    /// `null` or `undefined`: both formats encode both alike.
    pub const NULL: u32 = 0;
    /// `false`.
    pub const FALSE: u32 = 1;
    /// `true`.
    pub const TRUE: u32 = 2;
    /// An array. Payload: how many values follow.
    pub const ARRAY: u32 = 3;
    /// A map. Payload: how many pairs follow, each a `STRING` and a value.
    pub const MAP: u32 = 4;
    /// A string. Payload: how many bytes of UTF-8 follow, padded to a whole slot.
    pub const STRING: u32 = 5;
    /// Binary. Payload: how many bytes follow, padded to a whole slot.
    pub const BYTES: u32 = 6;
    /// Binary whose bytes stay in JavaScript: in the next entry of the list of bodies. Payload: its length in bytes.
    pub const BODY: u32 = 7;
    /// A string whose UTF-8 stays in JavaScript: in the next entry of the list of bodies. Payload: its length in bytes.
    pub const TEXT_BODY: u32 = 8;
    /// A date: a slot with the milliseconds since 1970 follows. MessagePack only: BinaryPack sends a date as text.
    pub const DATE: u32 = 9;
}

/// Tags of the tape that the decoders write and `js/codec/reader.js` reads.
///
/// Slot 0 is a header: the number of slots that follow (lower half) and of text bytes (upper half). The token of a
/// container comes before its members; the members of a map are key, value, key, value…
///
/// Text tokens refer to ranges of the text area, other tokens to ranges of the window: the received bytes that this
/// tape was decoded from.
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
    /// An array that can be allocated at once: enough bytes for all its elements have come. Payload: the number of
    /// elements.
    pub const ARRAY: u32 = BOXED | 7;
    /// An array that must grow with its elements: it announces more than bytes have come so far. Payload: the number of
    /// elements.
    pub const LIST: u32 = BOXED | 8;
    /// A map. Payload: the number of entries.
    pub const MAP: u32 = BOXED | 9;
    /// A string of the dictionary. Payload: its index.
    pub const KNOWN: u32 = BOXED | 10;
    /// A string to be added to the dictionary: a range of the text area, and from bit [`PLACE_SHIFT`] on its index.
    pub const NEW: u32 = BOXED | 11;
    /// The map key `__proto__`, which must become an own property.
    pub const PROTO: u32 = BOXED | 12;
    /// A long string, whose bytes follow outside of the tape. Payload: its length in bytes. Always the last token.
    pub const LONG_TEXT: u32 = BOXED | 13;
    /// Long binary, whose bytes follow outside of the tape. Payload: its length in bytes. Always the last token.
    pub const LONG_BYTES: u32 = BOXED | 14;
    /// A date; the next slot is the number of milliseconds since 1970.
    pub const DATE: u32 = BOXED | 15;
    /// A MessagePack extension, whose binary follows. Payload: its type, as an unsigned byte.
    pub const EXT: u32 = BOXED | 16;
    /// An array of numbers only. Payload: how many numbers follow.
    pub const NUMBERS: u32 = BOXED | 17;
    /// The completed long string or binary that the last tape ended with. Only JavaScript writes this token, for
    /// itself.
    pub const LONG_VALUE: u32 = BOXED | 18;

    /// How many bytes are decoded at a time. A range holds its start in the lower 14 bits and its length above.
    pub const WINDOW: usize = 1 << RANGE_SHIFT;
    /// The lowest bit of the length of a range.
    pub const RANGE_SHIFT: u32 = 14;
    /// The lowest bit of the index in [`NEW`]: the length of such a string takes five bits.
    pub const PLACE_SHIFT: u32 = RANGE_SHIFT + 5;
}
