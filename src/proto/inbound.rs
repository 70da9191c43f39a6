//! What comes in on a connection: frames become values.
//!
//! A frame of one window is decoded in one go, and its tape left for the page to read when it asks for the value. Of a
//! larger frame, or a message in pieces, every window is read as soon as it is decoded, so that neither memory here nor
//! work at the end grows with the message; long strings and binaries go from the frame to their place directly.
use std::ops::Range;

use crate::proto::chunk::assemble::{Assembler, Piece, Set};
use crate::proto::chunk::frame::{Frame, LOOK, Look};
use crate::proto::codec::decode::{
    Ahead, BINARY_PACK, Decoder, Fault, Format, MESSAGE_PACK, SLACK, Step, Tape,
};
use crate::proto::codec::tape::read::{self, WINDOW};

/// The longest frame that is decoded: what we send at the most, while PeerJS sends 16,300 bytes. Firefox would take 1 GiB,
/// and a page stands still while one frame is decoded.
pub const LONGEST_FRAME: u32 = 256 << 10;

/// Pieces that waited for an earlier one are decoded so many bytes at a time, for the same reason.
const TURN: u32 = LONGEST_FRAME / 2;

/// What the messages under way on one connection may take, in bytes, unless the application says otherwise.
pub const LIMIT: u64 = 1 << 30;

/// How many bytes of messages a connection keeps while the application does not read them, unless it says otherwise.
pub const UNREAD_LIMIT: u64 = 64 << 20;

/// What a value of a few bytes takes in a page, and a binary of a few bytes, about.
const VALUE: u64 = 32;
const BINARY: u64 = 256;

/// Binary that is announced gets its whole room at once up to so many bytes, all unfinished messages of a connection
/// together: room that nothing was written to costs the page next to no memory. Beyond that, room doubles as bytes come.
pub const ROOM: u32 = 64 << 20;

/// A frame up to this size is copied whole before a look is taken at it.
const SMALL: u32 = 1024;

/// Where bytes come from and values go.
pub trait Page {
    /// The bytes of a frame; cheap to clone.
    type Source: Clone;
    /// A value in the making.
    type Build;

    /// Copies bytes of a frame from `at` on until `into` is full.
    fn load(&self, source: &Self::Source, at: u32, into: &mut [u8]);
    /// Begins a value.
    fn start(&self) -> Self::Build;
    /// Takes the tape's tokens in, some of which are ranges of the window. They were made of the bytes `used` of it.
    fn read(
        &self,
        build: &mut Self::Build,
        window: &[u8],
        used: Range<usize>,
        tape: &mut Tape,
    ) -> Result<(), NoRoom>;
    /// Takes in the next `count` bytes of the long string or binary that the tape ended with, in a place for `room`.
    fn fill(
        &self,
        build: &mut Self::Build,
        source: &Self::Source,
        at: u32,
        count: u32,
        room: u32,
    ) -> Result<(), NoRoom>;

    /// The value that was begun, or the next one of a MessagePack stream, is complete. A page that sees that by itself
    /// needs nothing here.
    fn complete(&self, _: &mut Self::Build) {}
}

/// The page cannot hold the value.
pub struct NoRoom;

impl From<NoRoom> for &'static str {
    fn from(_: NoRoom) -> Self {
        "the value does not fit in memory"
    }
}

/// What is wrong with a frame longer than [`LONGEST_FRAME`].
pub const LONG_FRAME: &str = "a frame is longer than any peer sends";
const TOO_LARGE: &str = "the message is larger than this peer takes";

/// What a frame was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Received {
    /// Something to keep until more comes.
    Nothing,
    /// There is more to do, which [`Inbound::resume`] does: in a task of its own, so that the page stands still for none.
    Unfinished,
    /// A value is there, or on the tape.
    Value,
    /// The same, and it is an array of messages.
    Batch,
    /// The far side wants to close.
    Close,
    /// Not what a peer may send, and why.
    Invalid(&'static str),
}

/// What decoding takes beside the bytes. Nothing is kept in it from one frame to the next, so all connections share one.
pub struct Scratch {
    window: Vec<u8>,
    decoder: Decoder,
    tape: Tape,
}

impl Scratch {
    /// For one window.
    pub fn new() -> Self {
        Self { window: vec![0; WINDOW + SLACK], decoder: Decoder::new(&BINARY_PACK), tape: Tape::new() }
    }

    /// What wide text and short binary are ranges of.
    pub fn window(&self) -> &[u8] {
        &self.window
    }

    /// What a window became.
    pub fn tape(&mut self) -> &mut Tape {
        &mut self.tape
    }

    /// Decodes the `len` bytes of a frame from `at` on, which hold one value and nothing else, whatever its shape.
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
        // Where nothing can follow, a value is complete or an error.
        stream.take_in(page, self, part, ROOM).map(|_| page.complete(&mut stream.build))
    }

    /// Decodes the value that is whole in the window.
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

/// The messages of one BinaryPack connection.
pub struct Inbound<P: Page> {
    limit: u64,
    sets: Assembler<Stream<P>, (P::Source, u32)>,
}

type Pieces<P> = Box<Set<Stream<P>, (<P as Page>::Source, u32)>>;

impl<P: Page> Inbound<P> {
    /// Nothing has come yet. What is not complete never takes more than about `limit` bytes.
    pub fn new(limit: u64) -> Self {
        Self { limit, sets: Assembler::new(limit) }
    }

    /// Takes in a frame of `len` bytes. After [`Received::Value`] or
    /// [`Received::Batch`] the page takes its value before anything else comes.
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
            // Behind a piece's data, where PeerJS has its total.
            let rest = (len - look.at()) as usize;
            if rest < LOOK {
                page.load(source, look.at(), &mut scratch.window[..rest]);
                frame = look.see(&scratch.window[..rest]);
            }
        }
        let (received, done) = match frame {
            Some(Frame::Close) => return Received::Close,
            Some(Frame::Piece { piece, at, len }) => {
                return self.piece(page, scratch, piece, (source.clone(), at), len, now());
            }
            Some(Frame::Batch) => (Received::Batch, scratch.unpack(page, source, 1, len - 1)),
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

    /// Goes on after [`Received::Unfinished`].
    pub fn resume(&mut self, page: &P, scratch: &mut Scratch) -> Received {
        self.sets.ready().map_or(Received::Nothing, |set| self.go_on(page, scratch, set))
    }

    /// Decodes the pieces whose turn it is.
    fn go_on(&mut self, page: &P, scratch: &mut Scratch, mut set: Pieces<P>) -> Received {
        let promised: u64 = self.sets.states().map(|stream| u64::from(stream.promised())).sum();
        let room = self.limit.min(ROOM.into()).saturating_sub(promised) as u32;
        let mut turn = TURN;
        let mut received = Received::Nothing;
        while let Some(((source, at), len)) = set.take() {
            let left = set.pieces_left();
            let part = Part { source: &source, at, len, beyond: u64::from(left) * u64::from(LONGEST_FRAME) };
            let Some(stream) = set.state() else { break };
            let taken = stream.take_in(page, scratch, part, room);
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

/// Some more bytes of a stream.
pub struct Part<'a, S> {
    /// They are in here,
    pub source: &'a S,
    /// begin here,
    pub at: u32,
    /// and are so many.
    pub len: u32,
    /// So many can still come after them.
    pub beyond: u64,
}

/// Bytes that come in parts, cut anywhere, and become one value or (MessagePack) one after the other.
pub struct Stream<P: Page> {
    decoder: Decoder,
    /// What they have become so far.
    pub build: P::Build,
    endless: bool,
    carry: Vec<u8>,
    filled: u32,
    room: u32,
    /// What has been made of it takes about so many bytes,
    weight: u64,
    /// and must not take more than so many.
    limit: u64,
}

impl<P: Page> Stream<P> {
    fn new(format: &'static Format, build: P::Build, limit: u64) -> Self {
        let decoder = Decoder::new(format);
        Self { decoder, build, endless: false, carry: Vec::new(), filled: 0, room: 0, weight: 0, limit }
    }

    /// A MessagePack stream: the page is told of each value by its end, which it finds itself. No value may take more than
    /// about `limit` bytes.
    pub fn message_pack(build: P::Build, limit: u64) -> Self {
        Self { endless: true, ..Self::new(&MESSAGE_PACK, build, limit) }
    }

    /// Room that was made and is not filled.
    fn promised(&self) -> u32 {
        self.room - self.filled
    }

    /// Takes in a part; `room` is what a long string or binary may be given before its bytes come. Says whether the value
    /// is complete.
    pub fn take_in(
        &mut self,
        page: &P,
        scratch: &mut Scratch,
        part: Part<P::Source>,
        room: u32,
    ) -> Result<bool, &'static str> {
        let Part { source, mut at, len, beyond } = part;
        let end = at + len;
        let Scratch { window, tape, .. } = scratch;
        loop {
            at += self.fill(page, source, at, end - at, room)?;
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
            // What was carried over is less than a window, and was used up.
            at += (used - carried) as u32;
        }
    }

    fn grow(&mut self, weight: u64) -> Result<(), &'static str> {
        self.weight += weight;
        if self.weight <= self.limit { Ok(()) } else { Err(TOO_LARGE) }
    }

    /// Puts up to `count` bytes where the long string or binary is that they belong to, if they do.
    fn fill(
        &mut self,
        page: &P,
        source: &P::Source,
        at: u32,
        count: u32,
        room: u32,
    ) -> Result<u32, &'static str> {
        let left = self.decoder.body();
        let count = left.min(count);
        if count == 0 {
            return Ok(0);
        }
        let full = self.filled + left;
        let need = self.filled + count;
        if need > self.room {
            let ample = if self.room == 0 { room } else { self.room.saturating_mul(2) };
            self.room = ample.max(need).min(full);
        }
        page.fill(&mut self.build, source, at, count, self.room)?;
        self.filled = need;
        self.grow(count.into())?;
        self.decoder.skip(count);
        if need == full {
            self.filled = 0;
            self.room = 0;
        }
        Ok(count)
    }
}

/// What the values on a tape take in a page, about, beside the bytes that they were made of.
fn weight(tape: &Tape) -> u64 {
    let slots = tape.slots();
    let values = slots.iter().take(slots[0] as u32 as usize + 1).skip(1);
    values.map(|slot| if (slot >> 32) as u32 == read::BYTES { BINARY } else { VALUE }).sum()
}
