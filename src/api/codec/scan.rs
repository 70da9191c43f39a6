//! Where values end, without a look at what they are.

use super::token::Token;
use crate::proto::codec::decode::{Fault, Format, Input, MESSAGE_PACK};

/// How far a value has been looked through. It takes no stack: what counts is how many values are still to come.
pub(super) struct Scan {
    at: usize,
    owed: u64,
}

impl Scan {
    /// Of a value that begins at `at`.
    pub(super) fn new(at: usize) -> Self {
        Self { at, owed: 1 }
    }

    /// Goes on through `bytes`, which begin as they did the last time. Says where the value ends; `None`: not in here.
    pub(super) fn end(&mut self, format: &Format, bytes: &[u8]) -> Result<Option<usize>, Fault> {
        let mut input = Input::all(bytes);
        input.at = self.at;
        while self.owed > 0 {
            let members = match Token::next(format, &mut input) {
                Ok(Token::Array(count)) => count as u64,
                Ok(Token::Map(count)) => 2 * count as u64,
                Ok(_) => 0,
                Err(Fault::Truncated) => return Ok(None),
                Err(fault) => return Err(fault),
            };
            self.owed += members;
            self.owed -= 1;
            self.at = input.at;
        }
        Ok(Some(self.at))
    }
}

/// Finds the values in a MessagePack stream that is cut anywhere.
pub struct Splitter {
    bytes: Vec<u8>,
    scan: Scan,
}

impl Splitter {
    /// Nothing has come yet.
    pub fn new() -> Self {
        Self { bytes: Vec::new(), scan: Scan::new(0) }
    }

    /// Takes in a piece, and gives the bytes of each value that is complete now to `take`.
    ///
    /// # Errors
    /// In words: what comes is no MessagePack, and where the next value begins is not known any more.
    pub fn push(&mut self, piece: &[u8], mut take: impl FnMut(Vec<u8>)) -> Result<(), &'static str> {
        self.bytes.try_reserve(piece.len()).map_err(|_| super::join::NO_ROOM)?;
        self.bytes.extend_from_slice(piece);
        let mut start = 0;
        while start < self.bytes.len()
            && let Some(end) = self.scan.end(&MESSAGE_PACK, &self.bytes).map_err(Fault::reason)?
        {
            take(self.bytes.get(start..end).unwrap_or_default().to_vec());
            start = end;
            self.scan = Scan::new(start);
        }
        self.bytes.drain(..start);
        self.scan.at -= start;
        Ok(())
    }
}

impl Default for Splitter {
    fn default() -> Self {
        Self::new()
    }
}
