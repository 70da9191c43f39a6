//! The decode tape as it is written: slots, the text they point into, and the strings both sides remember.
use crate::core::codec::tape::{NAN, read};

/// How many keys are remembered, and as many other strings. One has one place only: whoever comes later takes it over.
const PLACES: usize = 256;
/// The longest key that is remembered, and the longest other string: names of things come again, what people say does
/// not.
const LONGEST_KEY: usize = 31;
const LONGEST_WORD: usize = 12;

/// So many bytes behind what is decoded may be read, whatever they are: it lets short strings be handled as words.
pub const SLACK: usize = 32;

/// One window's worth of tokens.
///
/// The reader sets the header slot to 0 when it has taken the tokens in. A tape that was dropped unread may have held
/// strings to remember that the reader has not seen: then all are forgotten.
pub struct Tape {
    slots: Box<[u64]>,
    len: usize,
    text: Box<[u8]>,
    text_len: usize,
    /// Their bytes as words, with the length in the last.
    known: Box<[[u64; 4]]>,
}

impl Tape {
    /// Room for the tokens of one window.
    pub fn new() -> Self {
        Self {
            // No token is shorter on the wire than one byte per slot; slot 0 is the header.
            slots: vec![0; read::WINDOW + 1].into_boxed_slice(),
            len: 1,
            text: vec![0; read::WINDOW + SLACK].into_boxed_slice(),
            text_len: 0,
            known: vec![[0; 4]; 2 * PLACES].into_boxed_slice(),
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
        if self.slots[0] != 0 {
            self.known.fill([0; 4]);
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
        self.push(u64::from(tag) << 32 | u64::from(low));
    }

    pub(super) fn range(&mut self, tag: u32, at: usize, len: usize) {
        // An empty range may lie one past the end, which 14 bits cannot say; where it lies does not matter.
        let at = if len == 0 { 0 } else { at };
        self.token(tag, at as u32 | (len as u32) << read::RANGE_SHIFT);
    }

    /// A string, for which the window has [`SLACK`]. Text that is ASCII goes to the text area: the reader makes one
    /// string of that, and takes slices. `false`: it is the key `__proto__`.
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
            self.word(window, at, len, if is_key { PLACES } else { 0 });
        }
        !is_proto
    }

    /// A string that may have come before, with `places` for its kind.
    fn word(&mut self, window: &[u8], at: usize, len: usize, places: usize) {
        let mut words = [0; 4];
        let mut rest = len;
        for (word, bytes) in words.iter_mut().zip(window[at..].as_chunks().0) {
            if rest == 0 {
                break;
            }
            let unused = 64 - 8 * rest.min(8);
            *word = u64::from_le_bytes(*bytes) << unused >> unused;
            rest = rest.saturating_sub(8);
        }
        let [a, b, c, d] = words;
        if !is_ascii(a | b | c | d) {
            return self.range(read::WIDE, at, len);
        }
        // One more, so that the empty string is not an empty place.
        words[3] |= (len as u64 + 1) << 56;
        let mixed = a ^ b.rotate_left(23) ^ c.rotate_left(41) ^ words[3];
        let place = places + (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize;
        let Some(known) = self.known.get_mut(place) else {
            return;
        };
        if *known == words {
            return self.token(read::KNOWN, place as u32);
        }
        *known = words;
        if let Some(start) = self.copy_ascii(window, at, len) {
            let range = start as u32 | (len as u32) << read::RANGE_SHIFT;
            self.token(read::NEW, range | (place as u32) << read::PLACE_SHIFT);
        }
    }

    /// Copies to the text area, unless a byte is not ASCII.
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

fn is_ascii(eight: u64) -> bool {
    eight & 0x8080_8080_8080_8080 == 0
}

impl Default for Tape {
    fn default() -> Self {
        Self::new()
    }
}
