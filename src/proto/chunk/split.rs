//! Cuts a message into pieces, each a BinaryPack map `{__peerData: id, n, total, data}` in a frame of its own.
//! Receivers join pieces of any size, so the size may be the largest that the data channel allows.

use crate::proto::codec::binarypack::encode::BINARYPACK;
use crate::proto::codec::out::{Out, WRITE_SLACK};

/// Length of the pieces into which PeerJS cuts BinaryPack, in bytes. It does not cut JSON, and refuses to send JSON of
/// this length or more.
pub const PEERJS_PIECE: u32 = 16_300;

/// Length of the frames into which a MessagePack stream is cut, in bytes, in PeerJS and in this crate.
pub const STREAM_PIECE: u32 = 32_768;

/// The most bytes before the data of a piece: the head of the map, four keys, three numbers, the head of the data.
pub const HEADER: usize = 1 + (11 + 2 + 6 + 5) + 3 * 9 + 5;

/// The pieces of one message that have not been sent yet.
///
/// For each piece, send [`header`](Self::header) and the next [`len`](Self::len) bytes of the message in one frame,
/// then call [`advance`](Self::advance).
#[derive(Clone, Copy)]
pub struct Pieces {
    id: u32,
    n: u64,
    size: u64,
    length: u64,
}

/// The bytes of a frame before the data of a piece.
#[derive(Default)]
pub struct Header {
    buffer: Vec<u8>,
    len: usize,
}

impl Header {
    /// Returns the bytes of the header.
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

    /// Returns how many bytes of the message the next piece carries; 0 if there is none.
    pub fn len(&self) -> u32 {
        let left = self.length.saturating_sub(self.n * self.size);
        left.min(self.size) as u32
    }

    /// Whether all pieces are sent.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the bytes of the frame before the data of the next piece.
    pub fn header(&self) -> Header {
        let mut buffer = vec![0; HEADER + WRITE_SLACK];
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

    /// Reports that the next piece is sent.
    pub fn advance(&mut self) {
        self.n += 1;
    }
}
