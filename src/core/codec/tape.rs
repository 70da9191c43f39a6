//! The tape: a value as flat 8-byte slots in memory that JS and Rust both see.
//!
//! A number is its own f64 bits. Every other token is boxed in the NaN space: the upper 32 bits say what it is, the
//! lower 32 bits carry a length, a count, an index or a range. A real NaN is always [`NAN`], so the two never meet.

/// The one NaN that stands for the number NaN.
pub const NAN: u64 = 0x7ff8_0000_0000_0000;

/// Bytes to values. `js/codec/reader.js` mirrors these tags.
///
/// Slot 0 is a header: the number of slots that follow (lower half) and of text bytes (upper half). A container's token
/// comes before its members; a map's members are key, value, key, value…
pub mod read {
    /// Upper half of every token that is not a number.
    pub const BOXED: u32 = 0xfffc_0000;

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
    /// A string to remember: a range of the text area, and its place from bit [`PLACE_SHIFT`](super::read::PLACE_SHIFT)
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

    /// Bytes decoded at a time. A range holds its start in the lower 14 bits and its length above.
    pub const WINDOW: usize = 1 << RANGE_SHIFT;
    /// Where a range's length begins.
    pub const RANGE_SHIFT: u32 = 14;
    /// Where the place of a string to remember begins: its length takes five bits.
    pub const PLACE_SHIFT: u32 = RANGE_SHIFT + 5;
}
