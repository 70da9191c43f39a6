//! Frames of a BinaryPack connection to the bytes of messages.

use crate::core::chunk::assemble::Assembler;
use crate::core::chunk::frame::{self, Look};
use crate::core::time::Millis;

pub(super) const NO_ROOM: &str = "the value does not fit in memory";

/// What a frame was.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame {
    /// Something to keep until more comes.
    Nothing,
    /// A message is complete; these are its bytes.
    Message(Vec<u8>),
    /// The far side wants to close.
    Close,
    /// Not what a peer may send, and why.
    Invalid(&'static str),
}

/// Puts messages together that come in pieces.
pub struct Joiner {
    /// A piece's data is a frame from here on.
    sets: Assembler<Vec<u8>, (Vec<u8>, usize)>,
}

impl Joiner {
    /// Nothing has come yet.
    pub fn new() -> Self {
        Self { sets: Assembler::new() }
    }

    /// Takes in a frame.
    pub fn frame(&mut self, bytes: Vec<u8>, now: Millis) -> Frame {
        let Ok(frame_len) = u32::try_from(bytes.len()) else { return Frame::Invalid(NO_ROOM) };
        let (piece, at, len) = match Look::new(frame_len).see(&bytes) {
            Some(frame::Frame::Close) => return Frame::Close,
            Some(frame::Frame::Piece { piece, at, len }) => (piece, at as usize, len),
            Some(frame::Frame::Value) | None => return Frame::Message(bytes),
        };
        let mut set = match self.sets.accept(piece, (bytes, at), len, now, Vec::new) {
            Ok(Some(set)) => set,
            Ok(None) => return Frame::Nothing,
            Err(refused) => return Frame::Invalid(refused.reason()),
        };
        while let Some(((piece, at), len)) = set.take() {
            let data = piece.get(at..).and_then(|rest| rest.get(..len as usize)).unwrap_or_default();
            let left = set.pieces_left();
            let Some(message) = set.state() else { break };
            if message.try_reserve(data.len()).is_err() {
                set.fail();
                self.sets.keep(set);
                return Frame::Invalid(NO_ROOM);
            }
            message.extend_from_slice(data);
            if left == 0 {
                return Frame::Message(std::mem::take(message));
            }
        }
        self.sets.keep(set);
        Frame::Nothing
    }
}

impl Default for Joiner {
    fn default() -> Self {
        Self::new()
    }
}
