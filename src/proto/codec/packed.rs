//! An encoded message whose large binaries are not copied: it holds references to them and their positions.

use std::ops::Range;

/// A large binary of a message: its bytes stay outside of [`Packed::bytes`], and never enter wasm memory.
#[derive(Debug)]
pub struct Body<B> {
    /// The position in [`Packed::bytes`] at which the body is inserted.
    pub at: usize,
    /// Length of the body in bytes.
    pub len: u32,
    /// Reference to the bytes.
    pub source: B,
}

/// An encoded message: bytes, and bodies to be inserted in between.
#[derive(Debug)]
pub struct Packed<B> {
    /// All bytes except those of the bodies.
    pub bytes: Vec<u8>,
    /// The bodies, in the order of their positions.
    pub bodies: Vec<Body<B>>,
}

/// A contiguous part of a message.
#[derive(Debug, PartialEq, Eq)]
pub enum Segment {
    /// A range of [`Packed::bytes`].
    Bytes(Range<usize>),
    /// A range of the body with this index.
    Body(usize, Range<u32>),
}

/// A position in a message. It only moves forward, so that cutting a message with many bodies takes linear time.
#[derive(Clone, Copy, Default)]
pub struct Cursor {
    bytes: usize,
    body: usize,
    in_body: u32,
}

/// Returns the length in bytes of a message with `bytes` bytes and these bodies.
pub fn length<B>(bytes: usize, bodies: &[Body<B>]) -> u64 {
    bodies.iter().fold(bytes as u64, |sum, body| sum + u64::from(body.len))
}

impl<B> Packed<B> {
    /// Returns the length of the message in bytes, bodies included.
    pub fn len(&self) -> u64 {
        length(self.bytes.len(), &self.bodies)
    }

    /// Whether the message has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Cursor {
    /// Returns the next segment, of at most `most` bytes, and advances past it. `None` at the end of the message.
    ///
    /// `bytes` is the length of [`Packed::bytes`]. Pass the same `bytes` and `bodies` on every call.
    pub fn next<B>(&mut self, bytes: usize, bodies: &[Body<B>], most: u64) -> Option<Segment> {
        if most == 0 {
            return None;
        }
        while let Some(body) = bodies.get(self.body) {
            if self.bytes < body.at {
                return Some(self.bytes_until(body.at, most));
            }
            let left = body.len - self.in_body;
            if left > 0 {
                let start = self.in_body;
                self.in_body += left.min(most.min(u64::from(u32::MAX)) as u32);
                return Some(Segment::Body(self.body, start..self.in_body));
            }
            self.body += 1;
            self.in_body = 0;
        }
        (self.bytes < bytes).then(|| self.bytes_until(bytes, most))
    }

    fn bytes_until(&mut self, end: usize, most: u64) -> Segment {
        let start = self.bytes;
        self.bytes = end.min(start.saturating_add(most.min(usize::MAX as u64) as usize));
        Segment::Bytes(start..self.bytes)
    }
}

impl Segment {
    /// Returns the length of the segment in bytes.
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(range) => range.len() as u64,
            Self::Body(_, range) => range.len() as u64,
        }
    }

    /// Whether the segment has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
