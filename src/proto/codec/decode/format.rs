//! The meaning of the first byte of a value, in each of the two formats.
use crate::proto::codec::tape::read::{FALSE, NULL, TRUE, UNDEFINED};

/// The kind of value that a first byte introduces.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Unknown,
    /// A value without content; the size is the low byte of its tag on the tape.
    Constant,
    U8,
    U16,
    U32,
    U64,
    I8,
    I16,
    I32,
    I64,
    F32,
    F64,
    Text,
    Bytes,
    Array,
    Map,
    Extension,
}

/// The decoded first byte of a value. Of a string, binary or container, `size` is the count, or with [`FOLLOWS`] set
/// the length in bytes of the count that follows.
#[derive(Clone, Copy)]
pub(crate) struct Head {
    pub kind: Kind,
    pub size: u8,
}

/// Set in [`Head::size`] if the count is in the bytes after the first.
pub(super) const FOLLOWS: u8 = 0x80;

/// How to decode one of the two wire formats. In both, bytes below `FIRST` and from `END` on are small integers.
pub struct DecodeFormat {
    heads: [Head; (END - FIRST) as usize],
    /// Whether a map key must be a string or a number, and not `__proto__`, as @msgpack/msgpack demands.
    pub(super) strict_keys: bool,
}

/// The byte of the first entry in `heads`.
const FIRST: u8 = 0x80;
/// One past the byte of the last entry in `heads`.
const END: u8 = 0xe0;

impl DecodeFormat {
    /// Decodes the first byte of a value; `None` for a small integer.
    #[inline(always)]
    pub(crate) fn head(&self, byte: u8) -> Option<Head> {
        self.heads.get(usize::from(byte.wrapping_sub(FIRST))).copied()
    }
}

/// BinaryPack, the format of PeerJS: a fork of an early MessagePack with its own tags.
pub static BINARY_PACK: DecodeFormat = {
    let mut heads = shared();
    let mut byte = 0xa0;
    while byte < 0xc0 {
        let kind = if byte < 0xb0 { Kind::Bytes } else { Kind::Text };
        heads[byte - 0x80] = Head { kind, size: byte as u8 & 15 };
        byte += 1;
    }
    heads[0xc1 - 0x80] = constant(UNDEFINED);
    byte = 0xd4;
    while byte < 0xd8 {
        heads[byte - 0x80] = constant(UNDEFINED);
        byte += 1;
    }
    heads[0xd8 - 0x80] = Head { kind: Kind::Text, size: FOLLOWS | 2 };
    heads[0xd9 - 0x80] = Head { kind: Kind::Text, size: FOLLOWS | 4 };
    heads[0xda - 0x80] = Head { kind: Kind::Bytes, size: FOLLOWS | 2 };
    heads[0xdb - 0x80] = Head { kind: Kind::Bytes, size: FOLLOWS | 4 };
    DecodeFormat { heads, strict_keys: false }
};

/// MessagePack, as @msgpack/msgpack decodes it with its default options.
pub static MESSAGE_PACK: DecodeFormat = {
    let mut heads = shared();
    let mut byte = 0xa0;
    while byte < 0xc0 {
        heads[byte - 0x80] = Head { kind: Kind::Text, size: byte as u8 & 31 };
        byte += 1;
    }
    let mut power = 0;
    while power < 3 {
        let size = FOLLOWS | 1 << power;
        heads[0xc4 - 0x80 + power] = Head { kind: Kind::Bytes, size };
        heads[0xc7 - 0x80 + power] = Head { kind: Kind::Extension, size };
        heads[0xd9 - 0x80 + power] = Head { kind: Kind::Text, size };
        power += 1;
    }
    power = 0;
    while power < 5 {
        heads[0xd4 - 0x80 + power] = Head { kind: Kind::Extension, size: 1 << power };
        power += 1;
    }
    DecodeFormat { heads, strict_keys: true }
};

/// The entries in which both formats agree.
const fn shared() -> [Head; (END - FIRST) as usize] {
    let mut heads = [Head { kind: Kind::Unknown, size: 0 }; (END - FIRST) as usize];
    let mut count = 0;
    while count < 16 {
        heads[count] = Head { kind: Kind::Map, size: count as u8 };
        heads[0x10 + count] = Head { kind: Kind::Array, size: count as u8 };
        count += 1;
    }
    heads[0xc0 - 0x80] = constant(NULL);
    heads[0xc2 - 0x80] = constant(FALSE);
    heads[0xc3 - 0x80] = constant(TRUE);
    let numbers = [
        Kind::F32,
        Kind::F64,
        Kind::U8,
        Kind::U16,
        Kind::U32,
        Kind::U64,
        Kind::I8,
        Kind::I16,
        Kind::I32,
        Kind::I64,
    ];
    let mut nth = 0;
    while nth < numbers.len() {
        heads[0xca - 0x80 + nth] = Head { kind: numbers[nth], size: 0 };
        nth += 1;
    }
    let mut power = 1;
    while power < 3 {
        heads[0xdc - 0x80 + power - 1] = Head { kind: Kind::Array, size: FOLLOWS | 1 << power };
        heads[0xde - 0x80 + power - 1] = Head { kind: Kind::Map, size: FOLLOWS | 1 << power };
        power += 1;
    }
    heads
}

const fn constant(tag: u32) -> Head {
    Head { kind: Kind::Constant, size: tag as u8 }
}
