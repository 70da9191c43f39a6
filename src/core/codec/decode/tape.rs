//! The decode tape as it is written: slots, the text they point into, and the keys both sides remember.
use crate::core::codec::tape::{NAN, read};

/// How many keys are remembered. A key has one place only: whoever comes later takes it over.
const PLACES: usize = 256;

/// The one key that is not like others: assigned to, it would replace the object's prototype.
pub(super) const PROTO: &[u8] = b"__proto__";

/// One window's worth of tokens.
///
/// The reader sets the header slot to 0 when it has taken the tokens in. A tape that was dropped unread may have held
/// new keys that the reader has not seen: then all are forgotten.
pub struct Tape {
    slots: Box<[u64]>,
    len: usize,
    text: Box<[u8]>,
    text_len: usize,
    keys: Box<[u8]>,
}

impl Tape {
    /// Room for the tokens of one window.
    pub fn new() -> Self {
        Self {
            // No token is shorter on the wire than one byte per slot; slot 0 is the header.
            slots: vec![0; read::WINDOW + 1].into_boxed_slice(),
            len: 1,
            text: vec![0; read::WINDOW].into_boxed_slice(),
            text_len: 0,
            keys: vec![0; PLACES * (read::KEY_LENGTH + 1)].into_boxed_slice(),
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
            self.keys.fill(0);
        }
        self.slots[0] = u64::MAX;
        self.len = 1;
        self.text_len = 0;
    }

    pub(super) fn end(&mut self) {
        self.slots[0] = (self.len as u64 - 1) | (self.text_len as u64) << 32;
    }

    #[inline]
    pub(super) fn number(&mut self, value: f64) {
        self.push(if value.is_nan() { NAN } else { value.to_bits() });
    }

    #[inline]
    pub(super) fn token(&mut self, tag: u32, low: u32) {
        self.push(u64::from(tag) << 32 | u64::from(low));
    }

    pub(super) fn range(&mut self, tag: u32, at: usize, len: usize) {
        // An empty range may lie one past the end, which 14 bits cannot say; where it lies does not matter.
        let at = if len == 0 { 0 } else { at };
        self.token(tag, at as u32 | (len as u32) << read::RANGE_SHIFT);
    }

    /// A string. Text that is ASCII goes to the text area, so that the reader turns it into one string and takes slices.
    pub(super) fn string(&mut self, window: &[u8], at: usize, len: usize) {
        let bytes = &window[at..at + len];
        match self.copy_ascii(bytes) {
            Some(start) => self.range(read::TEXT, start, len),
            None => self.range(read::WIDE, at, len),
        }
    }

    /// A string in a key's place.
    pub(super) fn key(&mut self, window: &[u8], at: usize, len: usize) {
        let bytes = &window[at..at + len];
        if bytes == PROTO {
            return self.token(read::PROTO, 0);
        }
        if len == 0 || len > read::KEY_LENGTH {
            return self.string(window, at, len);
        }
        let mut hash = len as u32;
        for &byte in bytes {
            hash = hash.wrapping_mul(31) ^ u32::from(byte);
        }
        let place = (hash ^ hash >> 8) as usize % PLACES;
        let at_place = place * (read::KEY_LENGTH + 1);
        let Some(known) = self.keys.get_mut(at_place..at_place + read::KEY_LENGTH + 1) else {
            return;
        };
        if usize::from(known[0]) == len && known[1..].starts_with(bytes) {
            return self.token(read::KEY, place as u32);
        }
        if !bytes.is_ascii() {
            return self.range(read::WIDE, at, len);
        }
        known[0] = len as u8;
        known[1..=len].copy_from_slice(bytes);
        if let Some(start) = self.copy_ascii(bytes) {
            let range = start as u32 | (len as u32) << read::RANGE_SHIFT;
            self.token(read::NEW_KEY, range | (place as u32) << read::KEY_SHIFT);
        }
    }

    /// Copies to the text area, unless a byte is not ASCII.
    fn copy_ascii(&mut self, bytes: &[u8]) -> Option<usize> {
        let start = self.text_len;
        let room = self.text.get_mut(start..start + bytes.len())?;
        let mut seen = 0;
        for (to, &byte) in room.iter_mut().zip(bytes) {
            *to = byte;
            seen |= byte;
        }
        if seen >= 0x80 {
            return None;
        }
        self.text_len += bytes.len();
        Some(start)
    }

    #[inline]
    fn push(&mut self, slot: u64) {
        if let Some(free) = self.slots.get_mut(self.len) {
            *free = slot;
            self.len += 1;
        }
    }
}

impl Default for Tape {
    fn default() -> Self {
        Self::new()
    }
}
