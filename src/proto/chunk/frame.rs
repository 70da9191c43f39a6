//! Distinguishes the frames of the protocol from values of the application, by their first and last few bytes.
//!
//! Only the exact shapes belong to the protocol: `{__peerData: {type: "close"}}`, and the four fields of a piece with
//! three integers and a binary. Any other object with such a field is a value of the application.
use super::assemble::Piece;
use super::batch::MARK;
use crate::proto::codec::decode::{Glance, glance};

/// How many bytes before and after the data of a piece are inspected: its four fields take less.
pub const LOOK: usize = 64;

/// The request to close in BinaryPack, `{__peerData: {type: "close"}}`: the receiver closes once it has everything sent
/// before.
pub const CLOSE: &[u8] = b"\x81\xba__peerData\x81\xb4type\xb5close";
/// The request to close in JSON: see [`CLOSE`].
pub const CLOSE_JSON: &str = r#"{"__peerData":{"type":"close"}}"#;
/// The request to close in MessagePack: see [`CLOSE`].
pub const CLOSE_MSGPACK: &[u8] = b"\x81\xaa__peerData\x81\xa4type\xa5close";

/// The kind of a BinaryPack frame.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum FrameKind {
    /// A value of the application.
    Value,
    /// The request to close.
    Close,
    /// A batch: an array of messages, after the first byte of the frame.
    Batch,
    /// A piece of a message.
    Piece {
        /// The numbers of the piece.
        piece: Piece,
        /// Position of its data in the frame.
        at: u32,
        /// Length of its data in bytes.
        len: u32,
    },
}

/// Classifies one frame, without reading the data of a piece.
///
/// Call [`see`](Self::see) with bytes from [`at`](Self::at) on until it returns a [`FrameKind`]: at most twice.
pub struct Look {
    len: u32,
    at: u32,
    fields: u8,
    id: Option<f64>,
    n: Option<f64>,
    total: Option<f64>,
    data: Option<(u32, u32)>,
}

impl Look {
    /// Begins with a frame of `len` bytes.
    pub fn new(len: u32) -> Self {
        Self { len, at: 0, fields: 0, id: None, n: None, total: None, data: None }
    }

    /// Returns the position of the bytes that [`see`](Self::see) needs next.
    pub fn at(&self) -> u32 {
        self.at
    }

    /// Inspects the next bytes of the frame: [`LOOK`] bytes from [`at`](Self::at) on, or all that are left if these are
    /// fewer. `None` if it must inspect more bytes, further on.
    pub fn see(&mut self, bytes: &[u8]) -> Option<FrameKind> {
        let start = self.at;
        if start == 0 {
            match bytes.first() {
                Some(0x84) => self.at = 1,
                Some(0x81) if bytes == CLOSE && self.len as usize == CLOSE.len() => {
                    return Some(FrameKind::Close);
                }
                _ if bytes.starts_with(&MARK) => return Some(FrameKind::Batch),
                _ => return Some(FrameKind::Value),
            }
        }
        self.see_fields(start, bytes).unwrap_or(Some(FrameKind::Value))
    }

    /// Inspects the fields of a piece. `start` is the position of `bytes` in the frame.
    fn see_fields(&mut self, start: u32, bytes: &[u8]) -> Result<Option<FrameKind>, NotOurs> {
        while self.fields < 4 {
            // The data may end far beyond these bytes.
            let rest = bytes.get((self.at - start) as usize..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(None);
            }
            let (Glance::Text(key), key_len) = glance(rest).ok_or(NotOurs)? else {
                return Err(NotOurs);
            };
            let (value, value_len) = glance(&rest[key_len..]).ok_or(NotOurs)?;
            self.at += (key_len + value_len) as u32;
            let slot = match key {
                b"__peerData" => &mut self.id,
                b"n" => &mut self.n,
                b"total" => &mut self.total,
                b"data" => {
                    let Glance::Bytes(len) = value else {
                        return Err(NotOurs);
                    };
                    if self.data.replace((self.at, len)).is_some() || len > self.len - self.at {
                        return Err(NotOurs);
                    }
                    self.at += len;
                    self.fields += 1;
                    continue;
                }
                _ => return Err(NotOurs),
            };
            let Glance::Number(number) = value else {
                return Err(NotOurs);
            };
            if slot.replace(number).is_some() || number.trunc() != number {
                return Err(NotOurs);
            }
            self.fields += 1;
        }
        match (self.id, self.n, self.total, self.data) {
            // PeerJS counts messages from 1, and takes an object with 0 for a value of the application.
            (Some(id), Some(n), Some(total), Some((at, len))) if self.at == self.len && id > 0.0 => {
                Ok(Some(FrameKind::Piece { piece: Piece { id, n, total }, at, len }))
            }
            _ => Err(NotOurs),
        }
    }
}

/// Whether a value of the application would be taken for a frame of the protocol. Then it must be sent as a piece,
/// since the content of a piece is always a value of the application.
///
/// `bytes` is the beginning of its frame, `len` the length of the frame in bytes.
pub fn is_mistakable(bytes: &[u8], len: u32) -> bool {
    Look::new(len).see(bytes) != Some(FrameKind::Value)
}

struct NotOurs;
