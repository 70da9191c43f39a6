//! How BinaryPack encodes strings, binary and large integers.

use crate::proto::codec::out::{EncodeFormat, LengthTags};

/// BinaryPack as PeerJS writes it.
pub const BINARYPACK: EncodeFormat = EncodeFormat {
    string: LengthTags { fix: 0xb0, fix_end: 16, one: 0, two: 0xd8, four: 0xd9 },
    bytes: LengthTags { fix: 0xa0, fix_end: 16, one: 0, two: 0xda, four: 0xdb },
    wide,
    negative_zero: false,
};

/// BinaryPack for a remote peer that has announced
/// [`negative_zero`](crate::proto::message::Features::negative_zero).
pub const BINARYPACK_NEGATIVE_ZERO: EncodeFormat = EncodeFormat { negative_zero: true, ..BINARYPACK };

/// Encodes integers beyond 32 bits. The rule: the bytes of peerjs-js-binarypack 2.1.0, as long as its own decoder
/// restores the number from them; otherwise a float, which it decodes exactly.
///
/// | number | 2.1.0 writes | its decoder | we write |
/// | --- | --- | --- | --- |
/// | 2³² to 2⁶³, exclusive | `d3` | exact | `d3` |
/// | 2⁶³ | `d3`, overflown | −2⁶³ | float |
/// | 2⁶³ to 2⁶⁴, both exclusive | `cf` | exact | `cf` |
/// | 2⁶⁴ | `cf` with 0 | 0 | float |
/// | above, ±Infinity | throws | – | float |
/// | −2⁶³ to −2³¹, exclusive | `d3` | loses up to 11 bits | float |
/// | below | throws | – | float |
///
/// 0 and −0 are encoded as the integer 0, because its decoder cannot decode a zero as a float. So NaN and subnormals
/// are the only numbers that its decoder does not restore exactly: it decodes them in no form.
fn wide(value: f64) -> Option<(u8, u64)> {
    const TWO_63: f64 = 9_223_372_036_854_775_808.0;
    const TWO_64: f64 = 2.0 * TWO_63;
    if value > 0.0 && value < TWO_63 {
        Some((0xd3, value as u64))
    } else if value > TWO_63 && value < TWO_64 {
        Some((0xcf, value as u64))
    } else {
        None
    }
}
