//! Decodes bytes to a tape, one window at a time: one decoder for BinaryPack messages and for MessagePack streams.
//!
//! A value may be cut anywhere. The decoder keeps the open containers (a few words per level, on a stack of its own)
//! and continues when more bytes come. Long strings and binaries do not pass through it: it stops with [`Step::Body`],
//! the caller stores their bytes and reports them with [`Decoder::skip`].
//!
//! The tape never announces more members than can still come. Every member of a container takes at least one byte, so
//! the missing members of all levels together must not exceed the bytes that can follow.
mod format;
mod input;
mod tape;

use crate::proto::codec::tape::read;
pub use format::{BINARY_PACK, DecodeFormat, MESSAGE_PACK};
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
pub use tape::{READ_SLACK, Tape};

/// Strings and binaries of this length or more, in bytes, are left to the caller unless the window has all of them.
pub const LONG: usize = 4096;

/// How deep containers may be nested. In PeerJS the stack limits the depth to about 3,000.
pub const MAX_DEPTH: u32 = 10_000;

/// Why bytes cannot be decoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The value needs more bytes than there are.
    Truncated,
    /// There are bytes after the value.
    Trailing,
    /// A byte with which no value begins.
    Unknown,
    /// Containers are nested deeper than [`MAX_DEPTH`].
    Deep,
    /// A map key of a type that the format forbids.
    Key,
    /// A timestamp of an invalid length.
    Timestamp,
}

impl Fault {
    /// Describes the fault in words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Truncated => "the data ends in the middle of a value",
            Self::Trailing => "there is data after the value",
            Self::Unknown => "a byte that begins no value",
            Self::Deep => "the value is nested too deeply",
            Self::Key => "an invalid map key",
            Self::Timestamp => "an invalid timestamp",
        }
    }
}

/// How decoding of a window ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The value is complete.
    Done,
    /// More bytes are needed. The rest of the window (fewer than [`LONG`] bytes and a head) must be passed again, with
    /// more bytes after it.
    More,
    /// A long string or binary begins here: see [`Decoder::body`].
    Body,
}

/// How many bytes follow the window.
#[derive(Clone, Copy)]
pub struct Ahead {
    /// Bytes that have been received already.
    pub at_hand: u64,
    /// The most bytes that can follow, those received already included.
    pub limit: u64,
}

/// Decodes one value after the other.
///
/// Call [`feed`](Self::feed) with one window after the other until it returns [`Step::Done`], then
/// [`restart`](Self::restart) before the next value. After [`Step::Body`], report all bytes of the body with
/// [`skip`](Self::skip) first. After a [`Fault`], only `restart` may follow.
pub struct Decoder {
    format: &'static DecodeFormat,
    outer: Vec<Open>,
    open: Open,
    body: u32,
}

/// A container that is not complete.
#[derive(Clone, Copy)]
struct Open {
    /// How many values are missing, keys included.
    left: u64,
    /// How many values are missing in all containers around this one.
    owed: u64,
    /// How many containers are around this one.
    depth: u32,
    is_map: bool,
}

/// The outermost level, which takes the one value of a message.
const MESSAGE: Open = Open { left: 1, owed: 0, depth: 0, is_map: false };

impl Decoder {
    /// A decoder that is ready for the first byte of a value.
    pub fn new(format: &'static DecodeFormat) -> Self {
        Self { format, outer: Vec::new(), open: MESSAGE, body: 0 }
    }

    /// Makes the decoder ready for the first byte of the next value.
    pub fn restart(&mut self) {
        self.outer.clear();
        self.open = MESSAGE;
        self.body = 0;
    }

    /// Returns how many bytes of a long string or binary the caller still has to store.
    pub fn body(&self) -> u32 {
        self.body
    }

    /// Reports that the caller has stored `count` bytes of the body.
    pub fn skip(&mut self, count: u32) {
        self.body = self.body.saturating_sub(count);
    }

    /// Decodes the bytes from `at` to `end` of a window, and returns the position it has reached and why it stopped.
    ///
    /// The window has [`read::WINDOW`] bytes and [`READ_SLACK`] more. The tape is overwritten: it holds the tokens of
    /// this call only.
    ///
    /// # Errors
    /// The bytes are not valid.
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

    /// Decodes one value, or the beginning of a container.
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

    /// Decodes the beginning of a container of `count` members.
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
            // Fast path: many arrays consist of numbers only.
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
        // A container whose last member this is needs no further work.
        if self.open.left > 0 {
            self.outer.push(self.open);
        }
        self.open = Open { left, owed, depth, is_map };
        Ok(())
    }

    /// Decodes a string or binary of `size` bytes.
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

    /// Decodes a MessagePack extension, or a timestamp (the extension −1).
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
