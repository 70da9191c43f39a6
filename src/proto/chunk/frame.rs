//! Tells PeerJS's own frames from a user's data, by a look at the first and last few bytes.
//!
//! Only the exact shapes are PeerJS's: `{__peerData: {type: "close"}}`, and the four fields of a piece with three whole
//! numbers and a binary. An object of a user's that is not quite that remains the user's.
use super::assemble::Piece;
use super::batch::MARK;
use crate::proto::codec::decode::{Glance, glance};

/// How many bytes are looked at on either side of a piece's data: its four fields take less.
pub const LOOK: usize = 64;

/// The request to close once everything before it has arrived, `{__peerData: {type: "close"}}`, in BinaryPack.
pub const CLOSE: &[u8] = b"\x81\xba__peerData\x81\xb4type\xb5close";
/// The request to close in JSON.
pub const CLOSE_JSON: &str = r#"{"__peerData":{"type":"close"}}"#;
/// The request to close in MessagePack.
pub const CLOSE_MSGPACK: &[u8] = b"\x81\xaa__peerData\x81\xa4type\xa5close";

/// What a frame is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Frame {
    /// A user's value.
    Value,
    /// The far side wants to close.
    Close,
    /// An array of messages, behind its first byte.
    Batch,
    /// A piece of a message; its data begins at `at` and is `len` bytes long.
    Piece {
        /// Which piece.
        piece: Piece,
        /// Where its data begins in the frame.
        at: u32,
        /// How long its data is.
        len: u32,
    },
}

/// A frame as far as it has been looked at.
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
    /// At a frame of `len` bytes.
    pub fn new(len: u32) -> Self {
        Self { len, at: 0, fields: 0, id: None, n: None, total: None, data: None }
    }

    /// Where the bytes begin that [`see`](Self::see) wants.
    pub fn at(&self) -> u32 {
        self.at
    }

    /// Looks at [`LOOK`] bytes from [`at`](Self::at) on, or as many as there are. `None`: look again, further on.
    pub fn see(&mut self, bytes: &[u8]) -> Option<Frame> {
        let start = self.at;
        if start == 0 {
            match bytes.first() {
                Some(0x84) => self.at = 1,
                Some(0x81) if bytes == CLOSE && self.len as usize == CLOSE.len() => {
                    return Some(Frame::Close);
                }
                _ if bytes.starts_with(&MARK) => return Some(Frame::Batch),
                _ => return Some(Frame::Value),
            }
        }
        self.see_fields(start, bytes).unwrap_or(Some(Frame::Value))
    }

    /// `bytes` begin at `start` of the frame.
    fn see_fields(&mut self, start: u32, bytes: &[u8]) -> Result<Option<Frame>, NotOurs> {
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
            // PeerJS counts from 1, and takes 0 for a user's.
            (Some(id), Some(n), Some(total), Some((at, len))) if self.at == self.len && id > 0.0 => {
                Ok(Some(Frame::Piece { piece: Piece { id, n, total }, at, len }))
            }
            _ => Err(NotOurs),
        }
    }
}

/// Whether a user's value, in a frame of this length that begins so, would be taken for PeerJS's own. Then it has to travel
/// as a piece: what is in a piece is always the user's.
pub fn is_mistakable(bytes: &[u8], len: u32) -> bool {
    Look::new(len).see(bytes) != Some(Frame::Value)
}

struct NotOurs;
