//! Bytes to tape, a window at a time: one decoder for BinaryPack and for MessagePack streams.
//!
//! A value may be cut anywhere. The decoder keeps what is open (a few words per level, on its own stack) and takes the
//! next bytes when they come. Long strings and binaries do not pass through it: it stops, the caller puts their bytes
//! where they belong and says so with [`Decoder::skip`].
//!
//! Nothing is announced to the reader that cannot still come: every member of a container takes a byte at least, so the
//! members still owed at all levels together may never exceed the bytes that can follow.
mod format;
mod tape;

use crate::core::codec::tape::read;
pub use format::{BINARY_PACK, Format, MESSAGE_PACK};
use format::{FOLLOWS, Head, Kind};
pub use tape::{SLACK, Tape};

/// A string or binary of this length or more that is not whole in the window is left to the caller.
pub const LONG: usize = 4096;

/// Levels of containers. PeerJS's own limit is the stack, at about 3,000.
pub const MAX_DEPTH: usize = 10_000;

/// Why bytes are not a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The value needs more bytes than there are.
    Truncated,
    /// There are bytes behind the value.
    Trailing,
    /// A byte that begins nothing.
    Unknown,
    /// Too many levels.
    Deep,
    /// A map key that cannot be one.
    Key,
    /// An extension that cannot be understood.
    Extension,
}

impl Fault {
    /// In words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Truncated => "the data ends in the middle of a value",
            Self::Trailing => "there is data behind the value",
            Self::Unknown => "a byte that begins no value",
            Self::Deep => "the value is nested too deeply",
            Self::Key => "a map key that is none",
            Self::Extension => "a malformed timestamp",
        }
    }
}

/// How far a window took us.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The value is complete.
    Done,
    /// What is left of the window (less than [`LONG`] and a head) must be shown again with more bytes behind it.
    More,
    /// A long string or binary begins here: see [`Decoder::body`].
    Body,
}

/// What lies behind the window.
#[derive(Clone, Copy)]
pub struct Ahead {
    /// Bytes that are there already.
    pub at_hand: u64,
    /// Bytes that can come at all, those at hand included.
    pub limit: u64,
}

/// One value in the making.
pub struct Decoder {
    format: &'static Format,
    outer: Vec<Open>,
    open: Open,
    body: u32,
}

/// A container that is not complete.
#[derive(Clone, Copy)]
struct Open {
    /// Values still to come, keys included.
    left: u64,
    /// Values still to come in all containers around it.
    owed: u64,
    is_map: bool,
}

/// A whole message is one value, owed to nobody.
const MESSAGE: Open = Open { left: 1, owed: 0, is_map: false };

impl Decoder {
    /// Ready for the first byte of a value.
    pub fn new(format: &'static Format) -> Self {
        Self { format, outer: Vec::new(), open: MESSAGE, body: 0 }
    }

    /// Ready for the next value.
    pub fn restart(&mut self) {
        self.outer.clear();
        self.open = MESSAGE;
        self.body = 0;
    }

    /// How many bytes of a long string or binary the caller still has to place.
    pub fn body(&self) -> u32 {
        self.body
    }

    /// The caller has placed so many bytes.
    pub fn skip(&mut self, count: u32) {
        self.body = self.body.saturating_sub(count);
    }

    /// Decodes from `at` to `end`, as far as it goes, and says how far that was. `end` is at most [`read::WINDOW`], and
    /// the window has [`SLACK`] more bytes. The tape holds the tokens of this call alone.
    pub fn feed(
        &mut self,
        window: &[u8],
        at: usize,
        end: usize,
        ahead: Ahead,
        tape: &mut Tape,
    ) -> Result<(usize, Step), Fault> {
        tape.begin();
        let mut input = Input { window, at, end, ahead };
        let step = loop {
            if self.open.left == 0 {
                match self.outer.pop() {
                    Some(open) => self.open = open,
                    None => break Step::Done,
                }
                continue;
            }
            let start = input.at;
            match self.value(&mut input, tape) {
                Ok(()) => {}
                Err(Stop::Fault(fault)) => return Err(fault),
                Err(Stop::Step(Step::More)) if ahead.limit == 0 => return Err(Fault::Truncated),
                Err(Stop::Step(step)) => {
                    if step == Step::More {
                        input.at = start;
                    }
                    break step;
                }
            }
        };
        tape.end();
        Ok((input.at, step))
    }

    /// One value that is no container, or the beginning of one that is.
    #[inline(always)]
    fn value(&mut self, input: &mut Input, tape: &mut Tape) -> Result<(), Stop> {
        let byte = input.big_endian(1)? as u8;
        let is_key = self.open.is_map && self.open.left & 1 == 0;
        let Some(Head { kind, size }) = self.format.head(byte) else {
            // Small integers: 0x00 to 0x7f, and 0xe0 to 0xff as negative ones.
            tape.number(f64::from(byte as i8));
            self.open.left -= 1;
            return Ok(());
        };
        match kind {
            Kind::Unsigned | Kind::Signed | Kind::Float => {
                let bits = input.big_endian(size)?;
                tape.number(number(kind, size, bits));
            }
            Kind::Text => return self.run(kind, is_key, input.count(size)?, input, tape),
            Kind::Constant if is_key && self.format.strict_keys => return Err(Fault::Key.into()),
            Kind::Constant => tape.token(read::BOXED | u32::from(size), 0),
            Kind::Unknown => return Err(Fault::Unknown.into()),
            _ if is_key => return Err(Fault::Key.into()),
            Kind::Array | Kind::Map => {
                return self.enter(input.count(size)?, kind == Kind::Map, input, tape);
            }
            Kind::Bytes => return self.run(kind, false, input.count(size)?, input, tape),
            Kind::Extension => return self.extension(input.count(size)?, input, tape),
        }
        self.open.left -= 1;
        Ok(())
    }

    /// A container begins.
    fn enter(&mut self, count: u32, is_map: bool, input: &Input, tape: &mut Tape) -> Result<(), Stop> {
        self.open.left -= 1;
        let owed = self.open.owed + self.open.left;
        let left = u64::from(count) << u32::from(is_map);
        let behind = input.behind() as u64;
        if left + owed > behind + input.ahead.limit {
            return Err(Fault::Truncated.into());
        }
        let tag = if is_map {
            read::MAP
        } else if left + owed > behind + input.ahead.at_hand {
            read::LIST
        } else {
            read::ARRAY
        };
        tape.token(tag, count);
        if count > 0 {
            if self.outer.len() >= MAX_DEPTH {
                return Err(Fault::Deep.into());
            }
            self.outer.push(self.open);
            self.open = Open { left, owed, is_map };
        }
        Ok(())
    }

    /// A string or binary of so many bytes.
    fn run(
        &mut self,
        kind: Kind,
        is_key: bool,
        size: u32,
        input: &mut Input,
        tape: &mut Tape,
    ) -> Result<(), Stop> {
        let len = size as usize;
        let owed = self.open.owed + self.open.left - 1;
        if u64::from(size) + owed > input.behind() as u64 + input.ahead.limit {
            return Err(Fault::Truncated.into());
        }
        input.uncut(len)?;
        if len > input.behind() {
            let tag = if kind == Kind::Text { read::LONG_TEXT } else { read::LONG_BYTES };
            tape.token(tag, size);
            self.body = size;
            self.open.left -= 1;
            return Err(Stop::Step(Step::Body));
        }
        if kind == Kind::Bytes {
            tape.range(read::BYTES, input.at, len);
        } else if !tape.string(input.window, input.at, len, is_key) && self.format.strict_keys {
            return Err(Fault::Key.into());
        }
        input.at += len;
        self.open.left -= 1;
        Ok(())
    }

    /// MessagePack's own types, and its timestamps.
    fn extension(&mut self, size: u32, input: &mut Input, tape: &mut Tape) -> Result<(), Stop> {
        let kind = input.big_endian(1)? as i8;
        if kind != -1 {
            input.uncut(size as usize)?;
            tape.token(read::EXT, u32::from(kind as u8));
            return self.run(Kind::Bytes, false, size, input, tape);
        }
        let (nanoseconds, seconds) = match size {
            4 => (0, input.big_endian(4)?),
            8 => {
                let bits = input.big_endian(8)?;
                (bits >> 34, bits & ((1 << 34) - 1))
            }
            12 => (input.big_endian(4)?, input.big_endian(8)?),
            _ => return Err(Fault::Extension.into()),
        };
        tape.token(read::DATE, 0);
        tape.number(seconds as i64 as f64 * 1e3 + nanoseconds as f64 / 1e6);
        self.open.left -= 1;
        Ok(())
    }
}

/// Why decoding does not go on.
enum Stop {
    Step(Step),
    Fault(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The window, and how far we are in it.
struct Input<'a> {
    window: &'a [u8],
    at: usize,
    end: usize,
    ahead: Ahead,
}

impl Input<'_> {
    /// Bytes of the window that are not decoded yet.
    fn behind(&self) -> usize {
        self.end - self.at
    }

    /// Whether so many bytes are whole, or to be taken in parts.
    fn uncut(&self, len: usize) -> Result<(), Stop> {
        if len < LONG && len > self.behind() { Err(Stop::Step(Step::More)) } else { Ok(()) }
    }

    /// The count that [`Head::size`] speaks of.
    #[inline(always)]
    fn count(&mut self, size: u8) -> Result<u32, Stop> {
        if size & FOLLOWS == 0 {
            return Ok(u32::from(size));
        }
        Ok(self.big_endian(size & !FOLLOWS)? as u32)
    }

    /// The next 1 to 8 bytes as one number.
    #[inline(always)]
    fn big_endian(&mut self, size: u8) -> Result<u64, Stop> {
        let size = usize::from(size);
        let eight = self.window.get(self.at..).and_then(<[u8]>::first_chunk);
        match eight {
            Some(eight) if size <= self.end - self.at => {
                self.at += size;
                Ok(u64::from_be_bytes(*eight) >> (64 - 8 * size))
            }
            _ => Err(Stop::Step(Step::More)),
        }
    }
}

/// A BinaryPack value, or as much of it as can be seen at a glance.
pub enum Glance<'a> {
    /// A number.
    Number(f64),
    /// A string, if it is not long.
    Text(&'a [u8]),
    /// Binary: its length. Its bytes are not looked at.
    Bytes(u32),
    /// Anything else.
    Other,
}

/// The value that begins at `at`, and where it ends (where its bytes begin, for a binary). `None`: not before `end`.
pub fn glance(window: &[u8], at: usize, end: usize) -> Option<(Glance<'_>, usize)> {
    let mut input = Input { window, at, end, ahead: Ahead { at_hand: 0, limit: 0 } };
    let byte = input.big_endian(1).ok()? as u8;
    let seen = match BINARY_PACK.head(byte) {
        None => Glance::Number(f64::from(byte as i8)),
        Some(Head { kind: kind @ (Kind::Unsigned | Kind::Signed | Kind::Float), size }) => {
            Glance::Number(number(kind, size, input.big_endian(size).ok()?))
        }
        Some(Head { kind: Kind::Bytes, size }) => Glance::Bytes(input.count(size).ok()?),
        Some(Head { kind: Kind::Text, size }) => {
            let text = window.get(input.at..)?.get(..input.count(size).ok()? as usize)?;
            input.at += text.len();
            Glance::Text(text)
        }
        Some(_) => Glance::Other,
    };
    (input.at <= end).then_some((seen, input.at))
}

/// What a number of `size` bytes is worth; what no double can say becomes the nearest one.
fn number(kind: Kind, size: u8, bits: u64) -> f64 {
    match kind {
        Kind::Unsigned => bits as f64,
        Kind::Signed => {
            let unused = 64 - 8 * u32::from(size);
            ((bits << unused) as i64 >> unused) as f64
        }
        _ if size == 4 => f64::from(f32::from_bits(bits as u32)),
        _ => f64::from_bits(bits),
    }
}
