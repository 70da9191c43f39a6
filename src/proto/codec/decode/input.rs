//! Reads numbers and counts from the bytes that are being decoded.
use super::format::{BINARY_PACK, DecodeFormat, FOLLOWS, Head, Kind};
use super::{Ahead, Fault, LONG, Step};

/// Why decoding stops before the value is complete.
pub(crate) enum Stop {
    Step(Step),
    Fault(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A window of received bytes, and the position in it.
pub(crate) struct Input<'a> {
    pub window: &'a [u8],
    pub at: usize,
    pub end: usize,
    pub ahead: Ahead,
}

impl<'a> Input<'a> {
    /// An input that has all bytes: nothing follows them.
    #[inline(always)]
    pub fn all(bytes: &'a [u8]) -> Self {
        Input { window: bytes, at: 0, end: bytes.len(), ahead: Ahead { at_hand: 0, limit: 0 } }
    }

    /// Returns how many bytes of the window are not decoded yet.
    #[inline(always)]
    pub fn behind(&self) -> usize {
        self.end - self.at
    }

    /// Asks for more bytes unless the window has `len` more. From [`LONG`] on a string or binary is taken in parts, so
    /// that it never asks.
    #[inline(always)]
    pub fn whole(&self, len: usize) -> Result<(), Stop> {
        if len < LONG && len > self.behind() { Err(Stop::Step(Step::More)) } else { Ok(()) }
    }

    /// Takes the next `N` bytes, or asks for more.
    #[inline(always)]
    pub fn take<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let next = self.window.get(self.at..self.end).and_then(<[u8]>::first_chunk);
        let bytes = next.ok_or(Stop::Step(Step::More))?;
        self.at += N;
        Ok(*bytes)
    }

    /// Returns the count of a value with this [`Head::size`], and takes its bytes if it has its own.
    #[inline(always)]
    pub fn count(&mut self, size: u8) -> Result<u32, Stop> {
        Ok(match size ^ FOLLOWS {
            1 => u32::from(u8::from_be_bytes(self.take()?)),
            2 => u32::from(u16::from_be_bytes(self.take()?)),
            4 => u32::from_be_bytes(self.take()?),
            _ => u32::from(size),
        })
    }

    /// Takes the next value if it is a number and complete. Otherwise takes nothing.
    #[inline(always)]
    pub fn any_number(&mut self, format: &DecodeFormat) -> Option<f64> {
        let start = self.at;
        let [byte] = self.take().ok()?;
        let Some(head) = format.head(byte) else {
            return Some(small(byte));
        };
        let number = self.number(head.kind);
        if number.is_none() {
            self.at = start;
        }
        number
    }

    /// Takes the bytes of a number of this kind. A 64-bit integer that a double cannot represent is rounded. `None` if
    /// bytes are missing or the kind is not a number.
    #[inline(always)]
    pub fn number(&mut self, kind: Kind) -> Option<f64> {
        Some(match kind {
            Kind::U8 => f64::from(u8::from_be_bytes(self.take().ok()?)),
            Kind::U16 => f64::from(u16::from_be_bytes(self.take().ok()?)),
            Kind::U32 => f64::from(u32::from_be_bytes(self.take().ok()?)),
            Kind::U64 => u64::from_be_bytes(self.take().ok()?) as f64,
            Kind::I8 => f64::from(i8::from_be_bytes(self.take().ok()?)),
            Kind::I16 => f64::from(i16::from_be_bytes(self.take().ok()?)),
            Kind::I32 => f64::from(i32::from_be_bytes(self.take().ok()?)),
            Kind::I64 => i64::from_be_bytes(self.take().ok()?) as f64,
            Kind::F32 => f64::from(f32::from_be_bytes(self.take().ok()?)),
            Kind::F64 => f64::from_be_bytes(self.take().ok()?),
            _ => return None,
        })
    }
}

/// Decodes an integer of one byte: 0x00 to 0x7f, and 0xe0 to 0xff for the negative ones.
#[inline(always)]
pub(crate) fn small(byte: u8) -> f64 {
    f64::from(byte as i8)
}

/// The beginning of a BinaryPack value, without its members.
pub enum Glance<'a> {
    /// A number.
    Number(f64),
    /// A string.
    Text(&'a [u8]),
    /// The length of a binary. Its bytes are not read.
    Bytes(u32),
    /// Any other value.
    Other,
}

/// Decodes the beginning of the value at the start of `bytes`, and returns how many bytes it takes (of a binary, only
/// those of its head). `None` if there are too few bytes.
pub fn glance(bytes: &[u8]) -> Option<(Glance<'_>, usize)> {
    let mut input = Input::all(bytes);
    if let Some(number) = input.any_number(&BINARY_PACK) {
        return Some((Glance::Number(number), input.at));
    }
    let [byte] = input.take().ok()?;
    let Head { kind, size } = BINARY_PACK.head(byte)?;
    let seen = match kind {
        Kind::Bytes => Glance::Bytes(input.count(size).ok()?),
        Kind::Text => {
            let len = input.count(size).ok()? as usize;
            let text = bytes.get(input.at..)?.get(..len)?;
            input.at += len;
            Glance::Text(text)
        }
        _ => Glance::Other,
    };
    Some((seen, input.at))
}
