//! Writes the read tape: its slots, the text area, and the dictionary of strings that Rust and the reader share.
use crate::proto::codec::tape::{NAN, read};

/// How many map keys the dictionary holds, and how many other strings.
const PLACES: usize = 512;
/// Associativity of the dictionary: how many strings a row holds. New strings replace the old ones of a row in turn.
const WAYS: usize = 4;
const ROWS: usize = PLACES / WAYS;
/// The bits of a hash above this one are the number of the row.
const ROW_SHIFT: u32 = u64::BITS - ROWS.ilog2();
const NONE: Word = Word(0, 0, 0, u64::MAX);
/// The longest map key that enters the dictionary, in bytes.
const LONGEST_KEY: usize = 31;
/// The longest other string that enters the dictionary: short strings such as enum values repeat, prose does not.
const LONGEST_WORD: usize = 12;

/// How many bytes a window must have beyond the bytes to decode. They may be read, but have no effect: so short strings
/// are handled as words.
pub const READ_SLACK: usize = 32;

/// The read tape: the tokens of one window.
///
/// The reader sets the count in the header to 0 once it has read the tokens. If a tape is overwritten unread, the
/// reader may lack strings that it added to the dictionary: then the dictionary is cleared.
pub struct Tape {
    slots: Vec<u64>,
    len: usize,
    text: Vec<u8>,
    text_len: usize,
    known: Vec<[Word; WAYS]>,
    turn: usize,
}

impl Tape {
    /// An empty tape with capacity for the tokens of one window.
    pub fn new() -> Self {
        Self {
            // No token is shorter on the wire than one byte per slot; slot 0 is the header.
            slots: vec![0; read::WINDOW + 1],
            len: 1,
            text: vec![0; read::WINDOW + READ_SLACK],
            text_len: 0,
            known: vec![[NONE; WAYS]; 2 * ROWS],
            turn: 0,
        }
    }

    /// Returns the header and all slots.
    pub fn slots(&self) -> &[u64] {
        &self.slots
    }

    /// Returns the text area, of which text tokens are ranges.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether the tape has no tokens.
    pub fn is_empty(&self) -> bool {
        self.len == 1
    }

    /// Marks the tokens as read. A native reader calls this; the reader in JavaScript writes to the header itself.
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

    /// Turns the token of an array into [`read::NUMBERS`]: its elements are the last `count` tokens, all numbers.
    pub(super) fn numbers(&mut self, count: u32) {
        if let Some(token) = self.slots.get_mut(self.len - 1 - count as usize) {
            *token = boxed(read::NUMBERS, count);
        }
    }

    #[inline(always)]
    pub(super) fn range(&mut self, tag: u32, at: usize, len: usize) {
        // An empty range may begin one past the end, which 14 bits cannot hold; its start does not matter.
        let at = if len == 0 { 0 } else { at };
        self.token(tag, at as u32 | (len as u32) << read::RANGE_SHIFT);
    }

    /// Writes a string. Returns false if it is the key `__proto__`.
    ///
    /// ASCII is copied to the text area: the reader decodes the area to one string and takes slices of it. The window
    /// must have [`READ_SLACK`] bytes after the string.
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

    /// Writes a short string as an entry of the dictionary. `first_row` is the first row for keys or for other strings.
    #[inline(always)]
    fn word(&mut self, window: &[u8], at: usize, len: usize, first_row: usize) {
        let Some(bytes) = window.get(at..).and_then(<[u8]>::first_chunk::<READ_SLACK>) else {
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

    /// Copies a string to the text area and returns its start there; `None` if a byte is not ASCII.
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

/// A short string as four words, which are fast to compare. The last byte is its length: the string takes at most 31
/// bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Word(u64, u64, u64, u64);

impl Word {
    #[inline(always)]
    fn new(bytes: &[u8; READ_SLACK], len: usize) -> Self {
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

/// Returns eight bytes as a word in which the bytes beyond the first `have` are 0.
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
