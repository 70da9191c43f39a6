//! The memory of the tape that JavaScript writes, and packing for whoever wants the bytes themselves.

use std::cell::{Cell, RefCell};
use std::mem;

use js_sys::{Array, Function, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use super::channel::outbound::message::{Source, copy};
use crate::proto::codec::binarypack::encode::BINARYPACK;
use crate::proto::codec::encode::encode;
use crate::proto::codec::msgpack::encode::MSGPACK;
use crate::proto::codec::out::EncodeFormat;
use crate::proto::codec::packed::{Body, Cursor, Segment, length};
use crate::proto::codec::tape::SLOT;

/// A scratch buffer that had to grow beyond this many bytes is not used again.
pub(crate) const KEEP: usize = 1 << 20;

thread_local! {
    static TAPE: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
    static BASE: Cell<usize> = const { Cell::new(0) };
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Makes the tape this many slots long, keeping what is written as far as it fits. Returns its address; 0 when there is
/// no memory for it, and then the tape is as it was.
#[cfg(feature = "npm")]
#[wasm_bindgen]
pub fn tape_resize(slots: u32) -> u32 {
    let slots = slots as usize;
    TAPE.with_borrow_mut(|tape| {
        if slots < tape.len() {
            tape.truncate(slots);
            tape.shrink_to_fit();
        } else if tape.try_reserve_exact(slots - tape.len()).is_err() {
            return 0;
        }
        tape.resize(slots, 0);
        tape.as_ptr() as u32
    })
}

/// Says that the value that is packed next does not begin where the tape does: it was written by a getter of a value
/// that is not completely written yet.
#[cfg(feature = "npm")]
#[wasm_bindgen]
pub fn tape_base(slots: u32) {
    BASE.set(slots as usize);
}

/// Packs what was written, all of it on the tape, as BinaryPack or MessagePack. Returns where the bytes are until
/// something else is packed, 0 when there is not enough memory; their number takes the place of the first token.
#[cfg(feature = "npm")]
#[wasm_bindgen]
pub fn pack_value(slots: u32, msgpack: bool) -> u32 {
    let Some((packed, _)) = packed(format(msgpack), slots, &JsValue::UNDEFINED) else { return 0 };
    TAPE.with_borrow_mut(|tape| {
        if let Some(first) = tape.get_mut(BASE.get()) {
            *first = packed.used as u64;
        }
    });
    packed.buffer.as_ptr() as u32
}

/// Packs what was written and the bodies that belong to it. Blobs are left blank: `blank` is called with each of them
/// and its place.
#[cfg(feature = "npm")]
#[wasm_bindgen]
pub fn pack_around(slots: u32, bodies: &JsValue, msgpack: bool, blank: &Function) -> Option<Uint8Array> {
    let (packed, bodies) = packed(format(msgpack), slots, bodies)?;
    let target = Uint8Array::new_with_length(u32::try_from(length(packed.used, &bodies)).ok()?);
    let (mut cursor, mut at) = (Cursor::default(), 0);
    while let Some(segment) = cursor.next(packed.used, &bodies, u64::MAX) {
        match &segment {
            Segment::Bytes(range) => copy(packed.buffer.get(range.clone()).unwrap_or_default(), &target, at),
            Segment::Body(index, _) => match &bodies[*index].source {
                Source::View(view) => target.set(view, at),
                Source::Blob(blob) => {
                    let _ = blank.call2(&JsValue::UNDEFINED, blob, &at.into());
                }
            },
        }
        at += segment.len() as u32;
    }
    Some(target)
}

fn format(msgpack: bool) -> &'static EncodeFormat {
    if msgpack { &MSGPACK } else { &BINARYPACK }
}

/// Encoded bytes, in a buffer that is used again once they are dropped.
pub(crate) struct Scratch {
    /// The bytes and more. May be taken.
    pub buffer: Vec<u8>,
    /// How many of them count.
    pub used: usize,
}

impl Drop for Scratch {
    fn drop(&mut self) {
        SCRATCH.set(mem::take(&mut self.buffer));
    }
}

/// Encodes what was written and gives the bytes and the bodies. `None` when there is not enough memory.
pub(crate) fn packed(
    format: &EncodeFormat,
    slots: u32,
    bodies: &JsValue,
) -> Option<(Scratch, Vec<Body<Source>>)> {
    let mut scratch = Scratch { buffer: SCRATCH.take(), used: 0 };
    if scratch.buffer.len() > KEEP {
        scratch.buffer = Vec::new();
    }
    let list: &Array = bodies.unchecked_ref();
    let mut index = 0;
    let (used, bodies) = TAPE.with_borrow(|tape| {
        let written = tape.get(BASE.get()..)?.get(..slots as usize)?;
        // SAFETY: any slots are bytes just as well, and stay borrowed as long as these.
        let bytes =
            unsafe { std::slice::from_raw_parts(written.as_ptr().cast::<u8>(), written.len() * SLOT) };
        encode(format, bytes, &mut scratch.buffer, || {
            index += 1;
            Source::from(list.get(index - 1))
        })
    })?;
    scratch.used = used;
    Some((scratch, bodies))
}

/// Writes slots onto the tape, as JavaScript does.
#[cfg(test)]
pub(crate) fn write_tape(slots: &[u64]) -> u32 {
    TAPE.with_borrow_mut(|tape| {
        tape.clear();
        tape.extend_from_slice(slots);
        tape.len() as u32
    })
}
