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
pub use tape::Tape;

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
const MESSAGE: Open = Open {
    left: 1,
    owed: 0,
    is_map: false,
};

impl Decoder {
    /// Ready for the first byte of a value.
    pub fn new(format: &'static Format) -> Self {
        Self {
            format,
            outer: Vec::new(),
            open: MESSAGE,
            body: 0,
        }
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

    /// Decodes `window` from `at` on (a window is at most [`read::WINDOW`] bytes), as far as it goes. Says how far that
    /// was. The tape holds the tokens of this call alone.
    pub fn feed(
        &mut self,
        window: &[u8],
        at: usize,
        ahead: Ahead,
        tape: &mut Tape,
    ) -> Result<(usize, Step), Fault> {
        tape.begin();
        let mut input = Input {
            bytes: window,
            at,
            ahead,
        };
        let step = loop {
            if self.open.left == 0 {
                match self.outer.pop() {
                    Some(open) => self.open = open,
                    None => break Step::Done,
                }
                continue;
            }
            let start = input.at;
            match self.value(&mut input, tape)? {
                Some(Step::More) => {
                    input.at = start;
                    if ahead.limit == 0 {
                        return Err(Fault::Truncated);
                    }
                    break Step::More;
                }
                Some(step) => break step,
                None => {}
            }
        };
        tape.end();
        Ok((input.at, step))
    }

    /// One token. `None` means that the window may hold another.
    #[inline]
    fn value(&mut self, input: &mut Input, tape: &mut Tape) -> Result<Option<Step>, Fault> {
        let Some(&byte) = input.bytes.get(input.at) else {
            return Ok(Some(Step::More));
        };
        input.at += 1;
        let is_key = self.open.is_map && self.open.left & 1 == 0;
        let Some(Head { kind, size }) = self.format.head(byte) else {
            // Small integers: 0x00 to 0x7f, and 0xe0 to 0xff as negative ones.
            tape.number(f64::from(byte as i8));
            self.open.left -= 1;
            return Ok(None);
        };
        let size = match kind {
            Kind::Unknown => return Err(Fault::Unknown),
            Kind::Constant => {
                if is_key && self.format.strict_keys {
                    return Err(Fault::Key);
                }
                tape.token(read::BOXED | u32::from(size), 0);
                self.open.left -= 1;
                return Ok(None);
            }
            Kind::Unsigned | Kind::Signed | Kind::Float => {
                let Some(bits) = input.big_endian(size) else {
                    return Ok(Some(Step::More));
                };
                tape.number(number(kind, size, bits));
                self.open.left -= 1;
                return Ok(None);
            }
            _ => match input.count(size) {
                Some(count) => count,
                None => return Ok(Some(Step::More)),
            },
        };
        match kind {
            Kind::Array | Kind::Map if is_key => return Err(Fault::Key),
            Kind::Array => self.enter(size, false, input, tape)?,
            Kind::Map => self.enter(size, true, input, tape)?,
            Kind::Extension if is_key => return Err(Fault::Key),
            Kind::Extension => return self.extension(size, input, tape),
            Kind::Bytes if is_key => return Err(Fault::Key),
            _ => return self.run(kind, size, is_key, input, tape),
        }
        Ok(None)
    }

    /// A container begins.
    fn enter(
        &mut self,
        count: u32,
        is_map: bool,
        input: &Input,
        tape: &mut Tape,
    ) -> Result<(), Fault> {
        self.open.left -= 1;
        let owed = self.open.owed + self.open.left;
        let left = u64::from(count) << u32::from(is_map);
        let behind = (input.bytes.len() - input.at) as u64;
        if left + owed > behind + input.ahead.limit {
            return Err(Fault::Truncated);
        }
        if is_map {
            tape.token(read::MAP, count);
        } else if left + owed > behind + input.ahead.at_hand {
            tape.token(read::LIST, count);
        } else {
            tape.token(read::ARRAY, count);
        }
        if count > 0 {
            if self.outer.len() >= MAX_DEPTH {
                return Err(Fault::Deep);
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
        size: u32,
        is_key: bool,
        input: &mut Input,
        tape: &mut Tape,
    ) -> Result<Option<Step>, Fault> {
        let len = size as usize;
        let behind = input.bytes.len() - input.at;
        if u64::from(size) + self.open.owed + self.open.left - 1 > behind as u64 + input.ahead.limit
        {
            return Err(Fault::Truncated);
        }
        if input.cuts(len) {
            return Ok(Some(Step::More));
        }
        if len > behind {
            let tag = if kind == Kind::Text {
                read::LONG_TEXT
            } else {
                read::LONG_BYTES
            };
            tape.token(tag, size);
            self.body = size;
            self.open.left -= 1;
            return Ok(Some(Step::Body));
        }
        if kind == Kind::Bytes {
            tape.range(read::BYTES, input.at, len);
        } else if !is_key {
            tape.string(input.bytes, input.at, len);
        } else if self.format.strict_keys
            && input.bytes[input.at..].starts_with(tape::PROTO)
            && len == tape::PROTO.len()
        {
            return Err(Fault::Key);
        } else {
            tape.key(input.bytes, input.at, len);
        }
        input.at += len;
        self.open.left -= 1;
        Ok(None)
    }

    /// MessagePack's own types, and its timestamps.
    fn extension(
        &mut self,
        size: u32,
        input: &mut Input,
        tape: &mut Tape,
    ) -> Result<Option<Step>, Fault> {
        let Some(kind) = input.big_endian(1) else {
            return Ok(Some(Step::More));
        };
        if kind as i8 != -1 {
            if input.cuts(size as usize) {
                return Ok(Some(Step::More));
            }
            tape.token(read::EXT, kind as u32);
            return self.run(Kind::Bytes, size, false, input, tape);
        }
        let (nanoseconds, seconds) = match size {
            4 => (Some(0), input.big_endian(4)),
            8 => match input.big_endian(8) {
                Some(bits) => (Some(bits >> 34), Some(bits & ((1 << 34) - 1))),
                None => (None, None),
            },
            12 => (input.big_endian(4), input.big_endian(8)),
            _ => return Err(Fault::Extension),
        };
        let (Some(nanoseconds), Some(seconds)) = (nanoseconds, seconds) else {
            return Ok(Some(Step::More));
        };
        tape.token(read::DATE, 0);
        tape.number(seconds as i64 as f64 * 1e3 + nanoseconds as f64 / 1e6);
        self.open.left -= 1;
        Ok(None)
    }
}

/// The window, and how far we are in it.
struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
    ahead: Ahead,
}

impl Input<'_> {
    /// Whether so many bytes are to be shown whole and are not.
    fn cuts(&self, len: usize) -> bool {
        len < LONG && len > self.bytes.len() - self.at
    }

    /// The count that [`Head::size`] speaks of.
    fn count(&mut self, size: u8) -> Option<u32> {
        if size & FOLLOWS == 0 {
            return Some(u32::from(size));
        }
        self.big_endian(size & !FOLLOWS).map(|bits| bits as u32)
    }

    /// The next 1 to 8 bytes as one number.
    #[inline]
    fn big_endian(&mut self, size: u8) -> Option<u64> {
        let end = self.at + usize::from(size);
        let bytes = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(
            bytes
                .iter()
                .fold(0, |bits, &byte| bits << 8 | u64::from(byte)),
        )
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

/// The value that `bytes` begins with, and how many bytes that took (without a binary's own). `None`: too few bytes.
pub fn glance(bytes: &[u8]) -> Option<(Glance<'_>, usize)> {
    let mut input = Input {
        bytes,
        at: 1,
        ahead: Ahead {
            at_hand: 0,
            limit: 0,
        },
    };
    let byte = *bytes.first()?;
    let seen = match BINARY_PACK.head(byte) {
        None => Glance::Number(f64::from(byte as i8)),
        Some(Head {
            kind: kind @ (Kind::Unsigned | Kind::Signed | Kind::Float),
            size,
        }) => Glance::Number(number(kind, size, input.big_endian(size)?)),
        Some(Head {
            kind: Kind::Bytes,
            size,
        }) => Glance::Bytes(input.count(size)?),
        Some(Head {
            kind: Kind::Text,
            size,
        }) => {
            let len = input.count(size)? as usize;
            let start = input.at;
            input.at += len;
            Glance::Text(bytes.get(start..input.at)?)
        }
        Some(_) => Glance::Other,
    };
    Some((seen, input.at))
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
