//! The decode tape as it is written: slots, the text they point into, and the strings both sides remember.
use crate::proto::codec::tape::{NAN, read};

/// How many keys are remembered, and as many other strings.
const PLACES: usize = 512;
/// Each has so many places to be in, of which whoever comes later takes over one after the other.
const WAYS: usize = 4;
const ROWS: usize = PLACES / WAYS;
/// The upper bits of a hash say which row it is.
const ROW_SHIFT: u32 = u64::BITS - ROWS.ilog2();
const NONE: Word = Word(0, 0, 0, u64::MAX);
/// The longest key that is remembered, and the longest other string: names of things come again, what people say does
/// not.
const LONGEST_KEY: usize = 31;
const LONGEST_WORD: usize = 12;

/// So many bytes behind what is decoded may be read, whatever they are: it lets short strings be handled as words.
pub const SLACK: usize = 32;

/// One window's worth of tokens.
///
/// The reader sets the header's count to 0 when it has taken the tokens in. A tape that was dropped unread may have held
/// strings to remember that the reader has not seen: then all are forgotten.
pub struct Tape {
    slots: Vec<u64>,
    len: usize,
    text: Vec<u8>,
    text_len: usize,
    known: Vec<[Word; WAYS]>,
    turn: usize,
}

impl Tape {
    /// Room for the tokens of one window.
    pub fn new() -> Self {
        Self {
            // No token is shorter on the wire than one byte per slot; slot 0 is the header.
            slots: vec![0; read::WINDOW + 1],
            len: 1,
            text: vec![0; read::WINDOW + SLACK],
            text_len: 0,
            known: vec![[NONE; WAYS]; 2 * ROWS],
            turn: 0,
        }
    }

    /// The header and all slots: where a reader looks.
    pub fn slots(&self) -> &[u64] {
        &self.slots
    }

    /// What text tokens point into.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.len == 1
    }

    /// Says that a reader has taken the tokens in: what a native reader calls, and the page's does by itself.
    pub fn mark_read(&mut self) {
        self.slots[0] = 0;
    }

    pub(super) fn begin(&mut self) {
        if self.slots[0] as u32 != 0 {
            self.known.fill([NONE; WAYS]);
        }
        self.slots[0] = u64::MAX;
        self.len = 1;
        self.text_len = 0;
    }

    pub(super) fn end(&mut self) {
        self.slots[0] = (self.len as u64 - 1) | (self.text_len as u64) << 32;
    }

    #[inline(always)]
    pub(super) fn number(&mut self, value: f64) {
        self.push(if value.is_nan() { NAN } else { value.to_bits() });
    }

    #[inline(always)]
    pub(super) fn token(&mut self, tag: u32, low: u32) {
        self.push(boxed(tag, low));
    }

    /// The last so many tokens are all the elements of the array that was announced before them.
    pub(super) fn numbers(&mut self, count: u32) {
        if let Some(token) = self.slots.get_mut(self.len - 1 - count as usize) {
            *token = boxed(read::NUMBERS, count);
        }
    }

    #[inline(always)]
    pub(super) fn range(&mut self, tag: u32, at: usize, len: usize) {
        // An empty range may lie one past the end, which 14 bits cannot say; where it lies does not matter.
        let at = if len == 0 { 0 } else { at };
        self.token(tag, at as u32 | (len as u32) << read::RANGE_SHIFT);
    }

    /// A string, for which the window has [`SLACK`]. Text that is ASCII goes to the text area: the reader makes one
    /// string of that, and takes slices. `false`: it is the key `__proto__`.
    #[inline(always)]
    pub(super) fn string(&mut self, window: &[u8], at: usize, len: usize, is_key: bool) -> bool {
        let longest = if is_key { LONGEST_KEY } else { LONGEST_WORD };
        if len > longest {
            match self.copy_ascii(window, at, len) {
                Some(start) => self.range(read::TEXT, start, len),
                None => self.range(read::WIDE, at, len),
            }
            return true;
        }
        let is_proto = is_key && window[at..at + len] == *b"__proto__";
        if is_proto {
            self.token(read::PROTO, 0);
        } else {
            self.word(window, at, len, if is_key { ROWS } else { 0 });
        }
        !is_proto
    }

    /// A string that may have come before, with a first row for its kind.
    #[inline(always)]
    fn word(&mut self, window: &[u8], at: usize, len: usize, first_row: usize) {
        let Some(bytes) = window.get(at..).and_then(<[u8]>::first_chunk::<SLACK>) else {
            return;
        };
        let word = Word::new(bytes, len);
        if !is_ascii(word.0 | word.1 | word.2 | word.3) {
            return self.range(read::WIDE, at, len);
        }
        let row = first_row + (word.hash() >> ROW_SHIFT) as usize;
        let Some(ways) = self.known.get_mut(row) else {
            return;
        };
        if let Some(way) = ways.iter().position(|known| *known == word) {
            return self.token(read::KNOWN, (row * WAYS + way) as u32);
        }
        self.turn = (self.turn + 1) % WAYS;
        ways[self.turn] = word;
        let place = row * WAYS + self.turn;
        if let Some(start) = self.copy_ascii(window, at, len) {
            let range = start as u32 | (len as u32) << read::RANGE_SHIFT;
            self.token(read::NEW, range | (place as u32) << read::PLACE_SHIFT);
        }
    }

    /// Copies to the text area, unless a byte is not ASCII.
    #[inline(always)]
    fn copy_ascii(&mut self, window: &[u8], at: usize, len: usize) -> Option<usize> {
        let start = self.text_len;
        let from = window.get(at..)?.as_chunks::<8>().0;
        let to = self.text.get_mut(start..)?.as_chunks_mut::<8>().0;
        let whole = len / 8;
        let mut seen = 0;
        for (to, from) in to.iter_mut().zip(from).take(whole) {
            *to = *from;
            seen |= u64::from_le_bytes(*from);
        }
        let rest = len % 8;
        if rest > 0 {
            let last = *from.get(whole)?;
            *to.get_mut(whole)? = last;
            seen |= u64::from_le_bytes(last) << (64 - 8 * rest);
        }
        if !is_ascii(seen) {
            return None;
        }
        self.text_len += len;
        Some(start)
    }

    #[inline(always)]
    fn push(&mut self, slot: u64) {
        if let Some(free) = self.slots.get_mut(self.len) {
            *free = slot;
            self.len += 1;
        }
    }
}

/// A short string as numbers, so that two are compared in no time. Its length is in the last byte, which none of its own
/// takes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Word(u64, u64, u64, u64);

impl Word {
    #[inline(always)]
    fn new(bytes: &[u8; SLACK], len: usize) -> Self {
        let ([a, b, c, d], _) = bytes.as_chunks() else { return NONE };
        let beyond = |at| len.saturating_sub(at);
        let last = eight(*d, beyond(24)) | (len as u64) << 56;
        Self(eight(*a, len), eight(*b, beyond(8)), eight(*c, beyond(16)), last)
    }

    #[inline(always)]
    fn hash(self) -> u64 {
        let mixed = self.0 ^ self.1.rotate_left(23) ^ self.2.rotate_left(41) ^ self.3;
        mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// Eight bytes, of which those beyond the first `have` count as 0.
#[inline(always)]
fn eight(bytes: [u8; 8], have: usize) -> u64 {
    let unused = 64 - 8 * have.min(8);
    if unused < 64 { u64::from_le_bytes(bytes) << unused >> unused } else { 0 }
}

#[inline(always)]
fn boxed(tag: u32, low: u32) -> u64 {
    u64::from(tag) << 32 | u64::from(low)
}

#[inline(always)]
fn is_ascii(eight: u64) -> bool {
    eight & 0x8080_8080_8080_8080 == 0
}

impl Default for Tape {
    fn default() -> Self {
        Self::new()
    }
}
