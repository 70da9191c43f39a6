//! A message as bytes, except for the large binaries in it: those stay where they are, and only their places are known.

use std::ops::Range;

/// Bytes of a message that never enter wasm memory, and where among the other bytes they belong.
#[derive(Debug)]
pub struct Body<B> {
    /// How many of [`Packed::bytes`] come before it.
    pub at: usize,
    /// Its length in bytes.
    pub len: u32,
    /// Where the bytes are.
    pub source: B,
}

/// A message: bytes with bodies in between.
#[derive(Debug)]
pub struct Packed<B> {
    /// All bytes but the bodies'.
    pub bytes: Vec<u8>,
    /// In the order of their places.
    pub bodies: Vec<Body<B>>,
}

/// A run of bytes that lie in one place.
#[derive(Debug, PartialEq, Eq)]
pub enum Segment {
    /// A range of [`Packed::bytes`].
    Bytes(Range<usize>),
    /// A range of the body with this index.
    Body(usize, Range<u32>),
}

/// A place in a message. It only moves forward, so that cutting a message with many bodies stays linear.
#[derive(Clone, Copy, Default)]
pub struct Cursor {
    bytes: usize,
    body: usize,
    in_body: u32,
}

/// The length of a message with these parts.
pub fn length<B>(bytes: usize, bodies: &[Body<B>]) -> u64 {
    bodies.iter().fold(bytes as u64, |sum, body| sum + u64::from(body.len))
}

impl<B> Packed<B> {
    /// Its length in bytes, bodies included.
    pub fn len(&self) -> u64 {
        length(self.bytes.len(), &self.bodies)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Cursor {
    /// The next run of at most `most` bytes, of a message with this many bytes and these bodies. `None` at the end.
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
    /// How many bytes it has.
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(range) => range.len() as u64,
            Self::Body(_, range) => range.len() as u64,
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
