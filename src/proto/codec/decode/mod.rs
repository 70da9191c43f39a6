//! Bytes to tape, a window at a time: one decoder for BinaryPack and for MessagePack streams.
//!
//! A value may be cut anywhere. The decoder keeps what is open (a few words per level, on its own stack) and takes the
//! next bytes when they come. Long strings and binaries do not pass through it: it stops, the caller puts their bytes
//! where they belong and says so with [`Decoder::skip`].
//!
//! Nothing is announced to the reader that cannot still come: every member of a container takes a byte at least, so the
//! members still owed at all levels together may never exceed the bytes that can follow.
mod format;
mod input;
mod tape;

use crate::proto::codec::tape::read;
pub use format::{BINARY_PACK, Format, MESSAGE_PACK};
#[cfg_attr(
    not(feature = "rust-api"),
    allow(unused_imports, reason = "serde reads the bytes themselves")
)]
pub(crate) use format::{Head, Kind};
pub use input::{Glance, glance};
#[cfg_attr(
    not(feature = "rust-api"),
    allow(unused_imports, reason = "serde reads the bytes themselves")
)]
pub(crate) use input::{Input, Stop, small};
pub use tape::{SLACK, Tape};

/// A string or binary of this length or more that is not whole in the window is left to the caller.
pub const LONG: usize = 4096;

/// Levels of containers. PeerJS's own limit is the stack, at about 3,000.
pub const MAX_DEPTH: u32 = 10_000;

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
    /// A timestamp that cannot be one.
    Timestamp,
}

impl Fault {
    /// In words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Truncated => "the data ends in the middle of a value",
            Self::Trailing => "there is data behind the value",
            Self::Unknown => "a byte that begins no value",
            Self::Deep => "the value is nested too deeply",
            Self::Key => "a map key that cannot be one",
            Self::Timestamp => "a timestamp that cannot be one",
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
    /// Containers around it.
    depth: u32,
    is_map: bool,
}

/// A whole message is one value, owed to nobody.
const MESSAGE: Open = Open { left: 1, owed: 0, depth: 0, is_map: false };

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

    /// Decodes from `at` to `end`, as far as it goes, and says how far that was. The window is [`read::WINDOW`] bytes and
    /// [`SLACK`] more. The tape holds the tokens of this call alone.
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
        let [byte] = input.take()?;
        let Some(Head { kind, size }) = self.format.head(byte) else {
            tape.number(small(byte));
            self.open.left -= 1;
            return Ok(());
        };
        let is_key = self.open.is_map && self.open.left & 1 == 0;
        match kind {
            Kind::Text => return self.run(kind, is_key, input.count(size)?, input, tape),
            Kind::Constant if is_key && self.format.strict_keys => return Err(Fault::Key.into()),
            Kind::Constant => tape.token(read::BOXED | u32::from(size), 0),
            Kind::Array | Kind::Map | Kind::Bytes | Kind::Extension if is_key => {
                return Err(Fault::Key.into());
            }
            Kind::Array => return self.enter(false, input.count(size)?, input, tape),
            Kind::Map => return self.enter(true, input.count(size)?, input, tape),
            Kind::Bytes => return self.run(kind, false, input.count(size)?, input, tape),
            Kind::Extension => return self.extension(input.count(size)?, input, tape),
            Kind::Unknown => return Err(Fault::Unknown.into()),
            _ => tape.number(input.number(kind).ok_or(Stop::Step(Step::More))?),
        }
        self.open.left -= 1;
        Ok(())
    }

    /// A container begins.
    fn enter(&mut self, is_map: bool, count: u32, input: &mut Input, tape: &mut Tape) -> Result<(), Stop> {
        self.open.left -= 1;
        let owed = self.open.owed + self.open.left;
        let mut left = u64::from(count) << u32::from(is_map);
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
        if count == 0 {
            return Ok(());
        }
        let depth = self.open.depth + 1;
        if depth > MAX_DEPTH {
            return Err(Fault::Deep.into());
        }
        if !is_map {
            // Many arrays are all numbers, and there is a short way for those.
            while left > 0
                && let Some(number) = input.any_number(self.format)
            {
                tape.number(number);
                left -= 1;
            }
            if left == 0 {
                tape.numbers(count);
                return Ok(());
            }
        }
        // There is no need to come back to what this was the last member of.
        if self.open.left > 0 {
            self.outer.push(self.open);
        }
        self.open = Open { left, owed, depth, is_map };
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
        input.whole(len)?;
        self.open.left -= 1;
        if len > input.behind() {
            let tag = if kind == Kind::Text { read::LONG_TEXT } else { read::LONG_BYTES };
            tape.token(tag, size);
            self.body = size;
            return Err(Stop::Step(Step::Body));
        }
        if kind == Kind::Bytes {
            tape.range(read::BYTES, input.at, len);
        } else if !tape.string(input.window, input.at, len, is_key) && self.format.strict_keys {
            return Err(Fault::Key.into());
        }
        input.at += len;
        Ok(())
    }

    /// MessagePack's own types, and its timestamps.
    fn extension(&mut self, size: u32, input: &mut Input, tape: &mut Tape) -> Result<(), Stop> {
        let kind = i8::from_be_bytes(input.take()?);
        if kind != -1 {
            input.whole(size as usize)?;
            tape.token(read::EXT, u32::from(kind as u8));
            return self.run(Kind::Bytes, false, size, input, tape);
        }
        let (nanoseconds, seconds) = match size {
            4 => (0, i64::from(u32::from_be_bytes(input.take()?))),
            8 => {
                let bits = u64::from_be_bytes(input.take()?);
                ((bits >> 34) as u32, (bits & ((1 << 34) - 1)) as i64)
            }
            12 => (u32::from_be_bytes(input.take()?), i64::from_be_bytes(input.take()?)),
            _ => return Err(Fault::Timestamp.into()),
        };
        tape.token(read::DATE, 0);
        tape.number(seconds as f64 * 1e3 + f64::from(nanoseconds) / 1e6);
        self.open.left -= 1;
        Ok(())
    }
}
