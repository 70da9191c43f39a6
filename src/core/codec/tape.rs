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
