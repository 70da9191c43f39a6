//! Frames of a BinaryPack connection to the bytes of messages.

use super::scan::Scan;
use super::token::Token;
use crate::proto::chunk::assemble::Assembler;
use crate::proto::chunk::frame::{self, Look};
use crate::proto::codec::decode::{BINARY_PACK, Fault, Input};
use crate::proto::inbound::LIMIT;
use crate::proto::time::Millis;

pub(super) const NO_ROOM: &str = "the value does not fit in memory";

/// What a frame was.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame {
    /// A message, several, or a piece of one.
    Data,
    /// The far side wants to close.
    Close,
    /// Not what a peer may send, and why.
    Invalid(&'static str),
}

/// Puts messages together that come in pieces, and takes apart those that share a frame.
pub struct Joiner {
    /// A piece's data is a frame from here on.
    sets: Assembler<Vec<u8>, (Vec<u8>, usize)>,
}

impl Joiner {
    /// Nothing has come yet.
    pub fn new() -> Self {
        Self { sets: Assembler::new(LIMIT) }
    }

    /// Takes in a frame, and gives the bytes of each message that is complete now to `take`.
    pub fn frame(&mut self, bytes: Vec<u8>, now: Millis, mut take: impl FnMut(Vec<u8>)) -> Frame {
        let Ok(frame_len) = u32::try_from(bytes.len()) else { return Frame::Invalid(NO_ROOM) };
        let (piece, at, len) = match Look::new(frame_len).see(&bytes) {
            Some(frame::Frame::Close) => return Frame::Close,
            Some(frame::Frame::Piece { piece, at, len }) => (piece, at as usize, len),
            Some(frame::Frame::Batch) => return batch(&bytes, take),
            Some(frame::Frame::Value) | None => {
                take(bytes);
                return Frame::Data;
            }
        };
        let mut set = match self.sets.accept(piece, (bytes, at), len, now, Vec::new) {
            Ok(Some(set)) => set,
            Ok(None) => return Frame::Data,
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
                take(std::mem::take(message));
                return Frame::Data;
            }
        }
        self.sets.keep(set);
        Frame::Data
    }
}

/// An array of messages, behind a mark of one byte.
fn batch(bytes: &[u8], mut take: impl FnMut(Vec<u8>)) -> Frame {
    let mut each = || {
        let mut input = Input::all(bytes);
        input.at = 1;
        let Token::Array(count) = Token::next(&BINARY_PACK, &mut input)? else {
            return Err(Fault::Unknown);
        };
        let mut start = input.at;
        for _ in 0..count {
            let end = Scan::new(start).end(&BINARY_PACK, bytes)?.ok_or(Fault::Truncated)?;
            take(bytes.get(start..end).unwrap_or_default().to_vec());
            start = end;
        }
        if start == bytes.len() { Ok(()) } else { Err(Fault::Trailing) }
    };
    each().map_or_else(|fault| Frame::Invalid(fault.reason()), |()| Frame::Data)
}

impl Default for Joiner {
    fn default() -> Self {
        Self::new()
    }
}
