//! Writes the bytes of both formats. BinaryPack is a fork of an early MessagePack, and most tags are equal:
//! [`EncodeFormat`] holds the differences.

use super::tape::SLOT;

/// How one of the two formats encodes the values in which they differ.
pub struct EncodeFormat {
    /// The tags of a string.
    pub string: LengthTags,
    /// The tags of binary.
    pub bytes: LengthTags,
    /// Returns the tag and the bits of an integer beyond 32 bits, or `None` to encode it as a float.
    pub wide: fn(f64) -> Option<(u8, u64)>,
    /// Whether −0 is sent as a float. Otherwise it is sent as the integer 0.
    pub negative_zero: bool,
}

/// The tags that introduce a length, one for each size of the length. A tag of 0 means that the format lacks this size.
pub struct LengthTags {
    /// The tag that holds the length too, in its lower bits.
    pub fix: u8,
    /// The lengths below this use [`fix`](Self::fix).
    pub fix_end: u32,
    /// The tag before a length of one byte.
    pub one: u8,
    /// The tag before a length of two bytes.
    pub two: u8,
    /// The tag before a length of four bytes.
    pub four: u8,
}

/// The tags of an array, in both formats.
pub(crate) const ARRAY: LengthTags = LengthTags { fix: 0x90, fix_end: 16, one: 0, two: 0xdc, four: 0xdd };
/// The tags of a map, in both formats.
pub(crate) const MAP: LengthTags = LengthTags { fix: 0x80, fix_end: 16, one: 0, two: 0xde, four: 0xdf };

/// How many bytes of the buffer must be free beyond the output: every write stores this many bytes, even if only the
/// first of them count.
pub(crate) const WRITE_SLACK: usize = 1 + SLOT;

/// Appends encoded values to a buffer. The buffer must be [`WRITE_SLACK`] bytes longer than the output; writes beyond
/// its end are dropped.
pub(crate) struct Out<'a> {
    /// The buffer.
    pub buffer: &'a mut [u8],
    /// How many bytes of the buffer are written.
    pub at: usize,
}

impl Out<'_> {
    /// Appends the lowest `len` bytes of a word in little-endian order.
    #[inline(always)]
    pub fn put(&mut self, word: u64, len: usize) {
        if let Some([place @ .., _]) = self.place() {
            *place = word.to_le_bytes();
        }
        self.at += len;
    }

    /// Appends a tag and 64 bits in big-endian order.
    #[inline(always)]
    fn put64(&mut self, tag: u8, bits: u64) {
        if let Some([first, rest @ ..]) = self.place() {
            *first = tag;
            *rest = bits.to_be_bytes();
        }
        self.at += 1 + SLOT;
    }

    #[inline(always)]
    fn place(&mut self) -> Option<&mut [u8; WRITE_SLACK]> {
        self.buffer.get_mut(self.at..)?.first_chunk_mut()
    }

    /// Appends the beginning of something that has a length.
    #[inline(always)]
    pub fn head(&mut self, head: &LengthTags, len: u32) {
        let (word, bytes) = if len < head.fix_end {
            (u64::from(head.fix) | u64::from(len), 1)
        } else if len < 0x100 && head.one != 0 {
            (u64::from(head.one) | u64::from(len) << 8, 2)
        } else if len < 0x1_0000 {
            two(head.two, len as u16)
        } else {
            four(head.four, len)
        };
        self.put(word, bytes);
    }

    /// Appends a string, byte by byte: for short strings.
    pub fn text(&mut self, head: &LengthTags, text: &str) {
        self.head(head, text.len() as u32);
        for byte in text.bytes() {
            self.put(u64::from(byte), 1);
        }
    }

    /// Appends a number. Integers of up to 32 bits take their shortest form; the format decides about longer integers
    /// and −0; all other numbers are floats.
    #[inline(always)]
    pub fn number(&mut self, value: f64, format: &EncodeFormat) {
        const LEAST: f64 = i32::MIN as f64;
        const MOST: f64 = u32::MAX as f64;
        let wide = if value.trunc() != value {
            None
        } else if !(LEAST..=MOST).contains(&value) {
            (format.wide)(value)
        } else if format.negative_zero && value == 0.0 && value.is_sign_negative() {
            None
        } else {
            let int = value as i64;
            let (word, bytes) = match int {
                -0x20..=0x7f => (int as u64, 1),
                0x80..=0xff => (0xcc | (int as u64) << 8, 2),
                0x100..=0xffff => two(0xcd, int as u16),
                0x1_0000.. => four(0xce, int as u32),
                -0x80..=-0x21 => (0xd0 | u64::from(int as u8) << 8, 2),
                -0x8000..=-0x81 => two(0xd1, int as u16),
                ..=-0x8001 => four(0xd2, int as u32),
            };
            return self.put(word, bytes);
        };
        let (tag, bits) = wide.unwrap_or((0xcb, value.to_bits()));
        self.put64(tag, bits);
    }
}

/// A tag and two bytes, as a word to put, and how many of its bytes count.
fn two(tag: u8, value: u16) -> (u64, usize) {
    (u64::from(tag) | u64::from(value.swap_bytes()) << 8, 3)
}

/// A tag and four bytes.
fn four(tag: u8, value: u32) -> (u64, usize) {
    (u64::from(tag) | u64::from(value.swap_bytes()) << 8, 5)
}
