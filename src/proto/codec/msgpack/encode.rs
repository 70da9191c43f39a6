//! How MessagePack encodes strings, binary, large integers and timestamps.

use crate::proto::codec::out::{EncodeFormat, LengthTags, Out};

/// MessagePack as PeerJS writes it.
pub const MSGPACK: EncodeFormat = EncodeFormat {
    string: LengthTags { fix: 0xa0, fix_end: 32, one: 0xd9, two: 0xda, four: 0xdb },
    bytes: LengthTags { fix: 0, fix_end: 0, one: 0xc4, two: 0xc5, four: 0xc6 },
    wide,
    // As PeerJS's encoder does.
    negative_zero: false,
};

/// Encodes integers beyond 32 bits: as 64-bit integers if they are safe in the sense of JavaScript, otherwise as
/// floats.
fn wide(value: f64) -> Option<(u8, u64)> {
    const MAX_SAFE: f64 = 9_007_199_254_740_991.0;
    if value.abs() > MAX_SAFE {
        None
    } else if value > 0.0 {
        Some((0xcf, value as u64))
    } else {
        Some((0xd3, value as i64 as u64))
    }
}

/// Appends a timestamp: the extension −1, in the shortest of three forms.
///
/// The forms are: seconds in 32 bits; nanoseconds in 30 and seconds in 34 bits; nanoseconds in 32 and seconds in 64
/// bits.
#[inline(always)]
pub(crate) fn timestamp(out: &mut Out, ms: f64) {
    const TYPE: u64 = 0xff;
    let seconds = (ms / 1e3).floor();
    let nanos = ((ms - seconds * 1e3) * 1e6) as u32;
    let seconds = seconds as i64;
    match u64::try_from(seconds) {
        Ok(seconds) if nanos == 0 && seconds >> 32 == 0 && !ms.is_nan() => {
            out.put(0xd6 | TYPE << 8, 2);
            out.put(u64::from((seconds as u32).swap_bytes()), 4);
        }
        Ok(seconds) if seconds >> 34 == 0 && !ms.is_nan() => {
            out.put(0xd7 | TYPE << 8, 2);
            out.put((u64::from(nanos) << 34 | seconds).swap_bytes(), 8);
        }
        _ => {
            out.put(0xc7 | 12 << 8 | TYPE << 16, 3);
            out.put(u64::from(nanos.swap_bytes()), 4);
            out.put((seconds as u64).swap_bytes(), 8);
        }
    }
}
