//! A message cut into pieces, each a BinaryPack map `{__peerData: id, n, total, data}` in a frame of its own. The far
//! side joins pieces of any size, so the size follows what its channel takes.

use crate::core::codec::binarypack::encode::BINARYPACK;
use crate::core::codec::encode::Out;

/// What a frame's header can take: a map's head, four keys, three numbers and the head of the data.
pub const HEADER: usize = 1 + 11 + 2 + 6 + 5 + 3 * 9 + 5;

/// The pieces of one message that are still to come.
pub struct Pieces {
    id: u32,
    n: u64,
    size: u64,
    length: u64,
}

impl Pieces {
    /// Cuts a message of `length` bytes so that no frame, header included, is longer than `frame`, which must leave
    /// room for a header.
    pub fn new(id: u32, length: u64, frame: u32) -> Self {
        let size = u64::from(frame).saturating_sub(HEADER as u64).max(1);
        Self {
            id,
            n: 0,
            size,
            length,
        }
    }

    /// How many bytes of the message the next piece carries. 0: there is none.
    pub fn len(&self) -> u64 {
        self.length
            .saturating_sub(self.n * self.size)
            .min(self.size)
    }

    /// Whether all pieces are taken.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes the next piece: writes what stands before its bytes, and returns how long that is.
    pub fn take(&mut self, header: &mut [u8; HEADER + 8]) -> usize {
        let mut out = Out {
            buffer: header,
            at: 0,
        };
        out.put(0x84, 1);
        let entries = [
            ("__peerData", f64::from(self.id)),
            ("n", self.n as f64),
            ("total", self.length.div_ceil(self.size) as f64),
        ];
        for (key, value) in entries {
            out.text(&BINARYPACK.string, key);
            out.number(value, BINARYPACK.wide);
        }
        out.text(&BINARYPACK.string, "data");
        out.head(&BINARYPACK.bytes, self.len() as u32);
        self.n += 1;
        out.at
    }
}
