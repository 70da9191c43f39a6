//! A message cut into pieces, each a BinaryPack map `{__peerData: id, n, total, data}` in a frame of its own. The far
//! side joins pieces of any size, so the size follows what its channel takes.

use crate::proto::codec::binarypack::encode::BINARYPACK;
use crate::proto::codec::out::{Out, SLACK};

/// PeerJS cuts BinaryPack into pieces of this many bytes. JSON of as many or more it does not send, since it never cuts that.
pub const PEERJS_PIECE: u32 = 16_300;

/// PeerJS cuts a MessagePack stream into frames of this many bytes, and so does this crate.
pub const STREAM_PIECE: u32 = 32_768;

/// The most that stands before a piece's bytes: a map's head, four keys, three numbers, the head of the data.
pub const HEADER: usize = 1 + (11 + 2 + 6 + 5) + 3 * 9 + 5;

/// The pieces of one message that are still to come.
#[derive(Clone, Copy)]
pub struct Pieces {
    id: u32,
    n: u64,
    size: u64,
    length: u64,
}

/// What stands before a piece's bytes.
#[derive(Default)]
pub struct Header {
    buffer: Vec<u8>,
    len: usize,
}

impl Header {
    /// It.
    pub fn bytes(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }
}

impl Pieces {
    /// Cuts a message of `length` bytes so that no frame, header included, is longer than `frame`.
    pub fn new(id: u32, length: u64, frame: u32) -> Self {
        let size = u64::from(frame).saturating_sub(HEADER as u64).max(1);
        Self { id, n: 0, size, length }
    }

    /// How many bytes of the message the next piece carries; 0 when there is none.
    pub fn len(&self) -> u32 {
        let left = self.length.saturating_sub(self.n * self.size);
        left.min(self.size) as u32
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What stands before the next piece's bytes.
    pub fn header(&self) -> Header {
        let mut buffer = vec![0; HEADER + SLACK];
        let mut out = Out { buffer: &mut buffer, at: 0 };
        out.put(0x84, 1);
        let numbers = [
            ("__peerData", f64::from(self.id)),
            ("n", self.n as f64),
            ("total", self.length.div_ceil(self.size) as f64),
        ];
        for (key, number) in numbers {
            out.text(&BINARYPACK.string, key);
            out.number(number, &BINARYPACK);
        }
        out.text(&BINARYPACK.string, "data");
        out.head(&BINARYPACK.bytes, self.len());
        let len = out.at;
        Header { buffer, len }
    }

    /// The next piece is sent.
    pub fn advance(&mut self) {
        self.n += 1;
    }
}
