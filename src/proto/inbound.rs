//! Decodes the frames that a connection receives into values, with bounded memory.
//!
//! A frame that fits into one window is decoded at once, and the page reads its tape when it asks for the value. Of a
//! larger frame, or of a message in pieces, the page reads the tape of each window as soon as it is decoded: so neither
//! the memory here nor the work at the end grows with the message. Long strings and binaries are copied from the frame
//! directly.
use std::ops::Range;

use crate::proto::chunk::assemble::{Assembler, Piece, Set};
use crate::proto::chunk::frame::{FrameKind, LOOK, Look};
use crate::proto::codec::decode::{
    Ahead, BINARY_PACK, DecodeFormat, Decoder, Fault, MESSAGE_PACK, READ_SLACK, Step, Tape,
};
use crate::proto::codec::tape::read::{self, WINDOW};

/// The longest frame that is decoded, in bytes. This crate sends no longer ones, and PeerJS sends 16,300 bytes. Firefox
/// would accept 1 GiB, and the page is blocked while a frame is decoded.
pub const LONGEST_FRAME: u32 = 256 << 10;

/// How many bytes of waiting pieces are decoded in one task, so that the page is not blocked for long.
const TURN: u32 = LONGEST_FRAME / 2;

/// Default of the limit for all incomplete messages of one connection, in bytes.
pub const LIMIT: u64 = 1 << 30;

/// Default of the limit for received messages that the application has not read yet, in bytes.
pub const UNREAD_LIMIT: u64 = 64 << 20;

/// Approximate memory that a value of a few bytes takes in a page.
const VALUE: u64 = 32;
/// Approximate memory that a binary of a few bytes takes in a page.
const BINARY: u64 = 256;

/// How many bytes are allocated for announced binaries before their bytes come, for all incomplete messages of a
/// connection together. Memory that is allocated but not written costs a page next to nothing. Beyond this limit, the
/// allocation doubles as bytes come.
pub const MAX_PREALLOCATED: u32 = 64 << 20;

/// Frames up to this length are copied whole before they are classified.
const SMALL: u32 = 1024;

/// The owner of frames and values: loads the bytes of frames, and builds values from tapes.
///
/// A value is built by [`start`](Self::start), any number of [`read`](Self::read) and [`fill`](Self::fill) in the order
/// of the bytes, and [`complete`](Self::complete).
pub trait Page {
    /// The bytes of a frame; cheap to clone.
    type Source: Clone;
    /// A value that is being built.
    type Build;

    /// Copies the bytes of a frame from `at` on, until `into` is full.
    fn load(&self, source: &Self::Source, at: u32, into: &mut [u8]);
    /// Begins a value.
    fn start(&self) -> Self::Build;
    /// Adds the tokens of the tape to the value. Some of them are ranges of the window. They were decoded from its
    /// bytes `used`.
    ///
    /// # Errors
    /// There is not enough memory.
    fn read(
        &self,
        build: &mut Self::Build,
        window: &[u8],
        used: Range<usize>,
        tape: &mut Tape,
    ) -> Result<(), OutOfMemory>;
    /// Adds the next `count` bytes, from `at` on, to the long string or binary that the tape ended with. `capacity` is
    /// how many bytes to allocate for it.
    ///
    /// # Errors
    /// There is not enough memory.
    fn fill(
        &self,
        build: &mut Self::Build,
        source: &Self::Source,
        at: u32,
        count: u32,
        capacity: u32,
    ) -> Result<(), OutOfMemory>;

    /// Reports that the value, or the next one of a MessagePack stream, is complete. Does nothing by default.
    fn complete(&self, _: &mut Self::Build) {}
}

/// The error of a [`Page`] that has not enough memory for the value.
pub struct OutOfMemory;

impl From<OutOfMemory> for &'static str {
    fn from(_: OutOfMemory) -> Self {
        "the value does not fit in memory"
    }
}

/// The error text for a frame longer than [`LONGEST_FRAME`].
pub const LONG_FRAME: &str = "a frame is longer than any peer sends";
const TOO_LARGE: &str = "the message is larger than this peer takes";

/// The result of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Received {
    /// No value is complete: more frames are needed.
    Nothing,
    /// More data can be decoded now: call [`Inbound::resume`], in another task so that the page is not blocked.
    Unfinished,
    /// A value is complete, in the page or on the tape.
    Value,
    /// An array of messages is complete, in the page or on the tape.
    Batch,
    /// The remote requests to close.
    Close,
    /// The frame is invalid, for this reason.
    Invalid(&'static str),
}

/// The buffers for decoding: a window, a decoder and a tape. No state of a connection is in it between two frames, so
/// that all connections share one.
pub struct Scratch {
    window: Vec<u8>,
    decoder: Decoder,
    tape: Tape,
}

impl Scratch {
    /// New buffers, for one window.
    pub fn new() -> Self {
        Self { window: vec![0; WINDOW + READ_SLACK], decoder: Decoder::new(&BINARY_PACK), tape: Tape::new() }
    }

    /// Returns the window, of which strings beyond ASCII and short binaries on the tape are ranges.
    pub fn window(&self) -> &[u8] {
        &self.window
    }

    /// Returns the tape of the window that was decoded last.
    pub fn tape(&mut self) -> &mut Tape {
        &mut self.tape
    }

    /// Decodes the `len` bytes of a frame from `at` on as exactly one value of the application.
    ///
    /// # Errors
    /// The bytes are not exactly one value, or there is not enough memory.
    pub fn unpack<P: Page>(
        &mut self,
        page: &P,
        source: &P::Source,
        at: u32,
        len: u32,
    ) -> Result<(), &'static str> {
        if len as usize <= WINDOW {
            page.load(source, at, &mut self.window[..len as usize]);
            return self.decode(len as usize);
        }
        let mut stream = Stream::new(&BINARY_PACK, page.start(), u64::MAX);
        let part = Part { source, at, len, beyond: 0 };
        // No bytes can follow, so the value is complete or an error.
        stream.take_in(page, self, part, MAX_PREALLOCATED).map(|_| page.complete(&mut stream.build))
    }

    /// Decodes the first `len` bytes of the window as exactly one value.
    ///
    /// # Errors
    /// The bytes are not exactly one value.
    pub fn decode(&mut self, len: usize) -> Result<(), &'static str> {
        let len = len.min(WINDOW);
        self.decoder.restart();
        let ahead = Ahead { at_hand: 0, limit: 0 };
        match self.decoder.feed(&self.window, 0, len, ahead, &mut self.tape) {
            Ok((used, Step::Done)) if used == len => Ok(()),
            Ok(_) => Err(Fault::Trailing.reason()),
            Err(fault) => Err(fault.reason()),
        }
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

/// The receiving side of one BinaryPack connection.
pub struct Inbound<P: Page> {
    limit: u64,
    sets: Assembler<Stream<P>, (P::Source, u32)>,
}

type PieceSet<P> = Box<Set<Stream<P>, (<P as Page>::Source, u32)>>;

impl<P: Page> Inbound<P> {
    /// A connection that has received nothing yet. Its incomplete messages take at most about `limit` bytes.
    pub fn new(limit: u64) -> Self {
        Self { limit, sets: Assembler::new(limit) }
    }

    /// Decodes a frame of `len` bytes. After [`Received::Value`] or [`Received::Batch`] the page must read its value
    /// before the next call that uses `scratch`.
    pub fn frame(
        &mut self,
        page: &P,
        scratch: &mut Scratch,
        source: &P::Source,
        len: u32,
        now: impl FnOnce() -> f64,
    ) -> Received {
        if len > LONGEST_FRAME {
            return Received::Invalid(LONG_FRAME);
        }
        let seen = if len <= SMALL { len as usize } else { LOOK };
        page.load(source, 0, &mut scratch.window[..seen]);
        let mut look = Look::new(len);
        let mut frame = look.see(&scratch.window[..seen]);
        if frame.is_none() {
            // The field after the data of a piece: PeerJS puts the total there.
            let rest = (len - look.at()) as usize;
            if rest < LOOK {
                page.load(source, look.at(), &mut scratch.window[..rest]);
                frame = look.see(&scratch.window[..rest]);
            }
        }
        let (received, done) = match frame {
            Some(FrameKind::Close) => return Received::Close,
            Some(FrameKind::Piece { piece, at, len }) => {
                return self.piece(page, scratch, piece, (source.clone(), at), len, now());
            }
            Some(FrameKind::Batch) => (Received::Batch, scratch.unpack(page, source, 1, len - 1)),
            _ if len <= SMALL => (Received::Value, scratch.decode(seen)),
            _ => (Received::Value, scratch.unpack(page, source, 0, len)),
        };
        match done {
            Ok(()) => received,
            Err(reason) => Received::Invalid(reason),
        }
    }

    fn piece(
        &mut self,
        page: &P,
        scratch: &mut Scratch,
        piece: Piece,
        data: (P::Source, u32),
        len: u32,
        now: f64,
    ) -> Received {
        let start = || Stream::new(&BINARY_PACK, page.start(), self.limit);
        match self.sets.accept(piece, data, len, now, start) {
            Ok(Some(set)) => self.go_on(page, scratch, set),
            Ok(None) => Received::Nothing,
            Err(refused) => Received::Invalid(refused.reason()),
        }
    }

    /// Continues decoding after [`Received::Unfinished`].
    pub fn resume(&mut self, page: &P, scratch: &mut Scratch) -> Received {
        self.sets.ready().map_or(Received::Nothing, |set| self.go_on(page, scratch, set))
    }

    /// Decodes the next pieces of a message, as far as they are there and for one [`TURN`].
    fn go_on(&mut self, page: &P, scratch: &mut Scratch, mut set: PieceSet<P>) -> Received {
        let promised: u64 = self.sets.states().map(|stream| u64::from(stream.promised())).sum();
        let capacity = self.limit.min(MAX_PREALLOCATED.into()).saturating_sub(promised) as u32;
        let mut turn = TURN;
        let mut received = Received::Nothing;
        while let Some(((source, at), len)) = set.take() {
            let left = set.pieces_left();
            let part = Part { source: &source, at, len, beyond: u64::from(left) * u64::from(LONGEST_FRAME) };
            let Some(stream) = set.state() else { break };
            let taken = stream.take_in(page, scratch, part, capacity);
            if taken == Ok(true) && left == 0 {
                page.complete(&mut stream.build);
                return Received::Value;
            }
            let weight = stream.weight;
            set.weigh(weight);
            let reason = match taken {
                Ok(true) => Fault::Trailing.reason(),
                Ok(false) if left == 0 => Fault::Truncated.reason(),
                Ok(false) => {
                    turn = turn.saturating_sub(len.max(SMALL));
                    if turn > 0 {
                        continue;
                    }
                    if set.is_ready() {
                        received = Received::Unfinished;
                    }
                    break;
                }
                Err(reason) => reason,
            };
            set.fail();
            received = Received::Invalid(reason);
            break;
        }
        self.sets.keep(set);
        received
    }
}

impl<P: Page> Default for Inbound<P> {
    fn default() -> Self {
        Self::new(LIMIT)
    }
}

/// The next bytes of a [`Stream`].
pub struct Part<'a, S> {
    /// The frame that has the bytes.
    pub source: &'a S,
    /// Position of the bytes in the frame.
    pub at: u32,
    /// How many bytes there are.
    pub len: u32,
    /// How many bytes can follow this part at the most.
    pub beyond: u64,
}

/// Decodes bytes that come in parts, cut anywhere: one BinaryPack value, or any number of MessagePack values.
pub struct Stream<P: Page> {
    decoder: Decoder,
    /// The value that is being built.
    pub build: P::Build,
    endless: bool,
    carry: Vec<u8>,
    filled: u32,
    capacity: u32,
    /// Approximate memory that the value takes so far, in bytes.
    weight: u64,
    /// The most that `weight` may become.
    limit: u64,
}

impl<P: Page> Stream<P> {
    fn new(format: &'static DecodeFormat, build: P::Build, limit: u64) -> Self {
        let decoder = Decoder::new(format);
        Self { decoder, build, endless: false, carry: Vec::new(), filled: 0, capacity: 0, weight: 0, limit }
    }

    /// A stream of MessagePack values, each of which is reported with [`Page::complete`] and takes at most about
    /// `limit` bytes.
    pub fn message_pack(build: P::Build, limit: u64) -> Self {
        Self { endless: true, ..Self::new(&MESSAGE_PACK, build, limit) }
    }

    /// Returns how many bytes are allocated for a long string or binary, but not written yet.
    fn promised(&self) -> u32 {
        self.capacity - self.filled
    }

    /// Decodes a part, and returns whether the BinaryPack value is complete. `capacity` is how many bytes may be
    /// allocated for a long string or binary before its bytes come.
    ///
    /// # Errors
    /// The bytes are invalid, or the value takes more than the limit. The stream must not be used any more.
    pub fn take_in(
        &mut self,
        page: &P,
        scratch: &mut Scratch,
        part: Part<P::Source>,
        capacity: u32,
    ) -> Result<bool, &'static str> {
        let Part { source, mut at, len, beyond } = part;
        let end = at + len;
        let Scratch { window, tape, .. } = scratch;
        loop {
            at += self.fill(page, source, at, end - at, capacity)?;
            if self.decoder.body() > 0 {
                return Ok(false);
            }
            let carried = self.carry.len();
            let shown = (carried + (end - at) as usize).min(WINDOW);
            window[..carried].copy_from_slice(&self.carry);
            page.load(source, at, &mut window[carried..shown]);
            let behind = u64::from(end - at) - (shown - carried) as u64;
            let ahead = Ahead { at_hand: behind, limit: behind + beyond };
            let mut used = 0;
            let step = loop {
                let start = used;
                let step;
                (used, step) = self.decoder.feed(window, used, shown, ahead, tape).map_err(Fault::reason)?;
                if !tape.is_empty() {
                    self.grow(weight(tape) + (used - start) as u64)?;
                    page.read(&mut self.build, window, start..used, tape)?;
                }
                if step != Step::Done || !self.endless {
                    break step;
                }
                page.complete(&mut self.build);
                self.decoder.restart();
                self.weight = 0;
            };
            self.carry.clear();
            if step == Step::Done {
                return if used == shown && behind == 0 { Ok(true) } else { Err(Fault::Trailing.reason()) };
            }
            if step == Step::More && behind == 0 {
                self.carry.extend_from_slice(&window[used..shown]);
                return Ok(false);
            }
            // The bytes carried over are fewer than a window, and all of them are decoded.
            at += (used - carried) as u32;
        }
    }

    fn grow(&mut self, weight: u64) -> Result<(), &'static str> {
        self.weight += weight;
        if self.weight <= self.limit { Ok(()) } else { Err(TOO_LARGE) }
    }

    /// Adds up to `count` bytes to the open long string or binary, and returns how many bytes it took. Takes none if
    /// there is no open one.
    fn fill(
        &mut self,
        page: &P,
        source: &P::Source,
        at: u32,
        count: u32,
        capacity: u32,
    ) -> Result<u32, &'static str> {
        let left = self.decoder.body();
        let count = left.min(count);
        if count == 0 {
            return Ok(0);
        }
        let full = self.filled + left;
        let need = self.filled + count;
        if need > self.capacity {
            let ample = if self.capacity == 0 { capacity } else { self.capacity.saturating_mul(2) };
            self.capacity = ample.max(need).min(full);
        }
        page.fill(&mut self.build, source, at, count, self.capacity)?;
        self.filled = need;
        self.grow(count.into())?;
        self.decoder.skip(count);
        if need == full {
            self.filled = 0;
            self.capacity = 0;
        }
        Ok(count)
    }
}

/// Returns the approximate memory that the values on a tape take in a page, in addition to their bytes.
fn weight(tape: &Tape) -> u64 {
    let slots = tape.slots();
    let values = slots.iter().take(slots[0] as u32 as usize + 1).skip(1);
    values.map(|slot| if (slot >> 32) as u32 == read::BYTES { BINARY } else { VALUE }).sum()
}
