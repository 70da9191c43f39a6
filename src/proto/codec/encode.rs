//! Encodes a tape as BinaryPack or MessagePack.

use super::msgpack::encode::timestamp;
use super::out::{ARRAY, EncodeFormat, MAP, Out, WRITE_SLACK};
use super::packed::Body;
use super::tape::{SLOT, TOKEN, write as tag};

/// The most bytes that one slot is encoded as: a float and its tag.
const MOST_PER_SLOT: usize = 9;

/// Encodes a tape into `scratch`, and returns how many bytes were written, and the bodies.
///
/// `scratch` grows as needed and is not cleared, so that it can be reused. `source` is called once per body, in the
/// order of their tokens. Returns `None` if memory is short or the tape is malformed.
pub fn encode<B>(
    format: &EncodeFormat,
    tape: &[u8],
    scratch: &mut Vec<u8>,
    mut source: impl FnMut() -> B,
) -> Option<(usize, Vec<Body<B>>)> {
    let needed = (tape.len() / SLOT).checked_mul(MOST_PER_SLOT)?.checked_add(WRITE_SLACK)?;
    if scratch.len() < needed {
        scratch.try_reserve(needed - scratch.len()).ok()?;
        scratch.resize(scratch.capacity(), 0);
    }
    let mut tape = TapeReader(tape);
    let mut out = Out { buffer: scratch, at: 0 };
    let mut bodies = Vec::new();
    while let Some(slot) = tape.slot() {
        let (kind, payload) = ((slot >> 32) as u32, slot as u32);
        if kind < TOKEN {
            out.number(f64::from_bits(slot), format);
            continue;
        }
        let tag = kind - TOKEN;
        let head = match tag {
            tag::NULL | tag::FALSE | tag::TRUE => {
                let byte = match tag {
                    tag::NULL => 0xc0,
                    tag::FALSE => 0xc2,
                    _ => 0xc3,
                };
                out.put(byte, 1);
                continue;
            }
            tag::DATE => {
                timestamp(&mut out, f64::from_bits(tape.slot()?));
                continue;
            }
            tag::ARRAY => &ARRAY,
            tag::MAP => &MAP,
            tag::STRING | tag::TEXT_BODY => &format.string,
            tag::BYTES | tag::BODY => &format.bytes,
            _ => return None,
        };
        out.head(head, payload);
        match tag {
            tag::STRING | tag::BYTES => tape.copy(payload as usize, &mut out)?,
            tag::BODY | tag::TEXT_BODY => bodies.push(Body { at: out.at, len: payload, source: source() }),
            _ => {}
        }
    }
    Some((out.at, bodies))
}

/// The rest of a tape.
struct TapeReader<'a>(&'a [u8]);

impl TapeReader<'_> {
    #[inline(always)]
    fn slot(&mut self) -> Option<u64> {
        let (slot, rest) = self.0.split_first_chunk::<SLOT>()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*slot))
    }

    /// Copies a string or binary. A short one is copied in whole slots: the next write overwrites the padding.
    #[inline(always)]
    fn copy(&mut self, len: usize, out: &mut Out) -> Option<()> {
        const SHORT: usize = 64;
        if len <= SHORT {
            let end = out.at + len;
            while out.at < end {
                let slot = self.slot()?;
                out.put(slot, SLOT);
            }
            out.at = end;
        } else {
            let bytes = self.0.get(..len)?;
            out.buffer.get_mut(out.at..out.at + len)?.copy_from_slice(bytes);
            out.at += len;
            self.0 = self.0.get(len.next_multiple_of(SLOT)..)?;
        }
        Some(())
    }
}
