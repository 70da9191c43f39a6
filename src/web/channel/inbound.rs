//! Frames of a data channel become JS values: the core's inbound side on the page's buffers.
use std::cell::RefCell;
use std::ops::Range;
use std::ptr;

use js_sys::ArrayBuffer;
use wasm_bindgen::prelude::*;

use crate::proto::border::area;
use crate::proto::codec::decode::Tape;
use crate::proto::inbound::{self, OutOfMemory, Page, Scratch};

pub(crate) use crate::proto::inbound::Received;

#[wasm_bindgen]
extern "C" {
    /// `reader` of js/codec/reader.js: what makes JS values of the tape.
    #[derive(Clone)]
    pub type Reader;

    #[wasm_bindgen(method)]
    fn load(this: &Reader, source: &ArrayBuffer, at: u32, to: *mut u8, count: usize);

    #[wasm_bindgen(method)]
    fn start(this: &Reader) -> Builder;

    /// A value that takes more than one tape.
    pub type Builder;

    #[wasm_bindgen(method, catch)]
    fn read(this: &Builder) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn fill(this: &Builder, source: &ArrayBuffer, at: u32, count: u32, room: u32) -> Result<(), JsValue>;
}

impl Page for Reader {
    type Source = ArrayBuffer;
    type Build = Builder;

    fn load(&self, source: &ArrayBuffer, at: u32, into: &mut [u8]) {
        self.load(source, at, into.as_mut_ptr(), into.len());
    }

    fn start(&self) -> Builder {
        self.start()
    }

    fn read(&self, build: &mut Builder, _: &[u8], _: Range<usize>, _: &mut Tape) -> Result<(), OutOfMemory> {
        build.read().map_err(|_| OutOfMemory)
    }

    fn fill(
        &self,
        build: &mut Builder,
        source: &ArrayBuffer,
        at: u32,
        count: u32,
        room: u32,
    ) -> Result<(), OutOfMemory> {
        build.fill(source, at, count, room).map_err(|_| OutOfMemory)
    }
}

/// The scratch that all connections share, and where it lies: the page asks for that while it is lent.
struct Shared {
    scratch: RefCell<Scratch>,
    addresses: [*const u8; 3],
}

thread_local! {
    static SHARED: Shared = {
        let mut scratch = Scratch::new();
        let mut addresses = [ptr::null(); 3];
        addresses[area::SLOTS] = scratch.tape().slots().as_ptr().cast();
        addresses[area::TEXT] = scratch.tape().text().as_ptr();
        addresses[area::WINDOW] = scratch.window().as_ptr();
        Shared { scratch: RefCell::new(scratch), addresses }
    };
}

/// Lends the scratch. Decoding calls no code of a user's, so nobody asks for it twice.
pub(crate) fn with_scratch<R>(work: impl FnOnce(&mut Scratch) -> R) -> R {
    SHARED.with(|shared| work(&mut shared.scratch.borrow_mut()))
}

/// Where a part of the read tape lies in memory, one of [`area`]. It never moves.
#[cfg(feature = "npm")]
#[wasm_bindgen]
pub fn tape_address(area: usize) -> *const u8 {
    SHARED.with(|shared| shared.addresses[area % 3])
}

/// The receiving half of a BinaryPack connection.
pub(crate) struct Inbound {
    reader: Reader,
    core: RefCell<inbound::Inbound<Reader>>,
}

impl Inbound {
    /// Nothing has come yet, and what is not complete never takes more than about `limit` bytes.
    pub(crate) fn new(reader: Reader, limit: f64) -> Self {
        Self { reader, core: RefCell::new(inbound::Inbound::new(limit as u64)) }
    }

    /// Takes in a frame, or goes on with those that came. After [`Received::Value`] the page calls `readValue()` before
    /// anything else.
    pub(crate) fn take_in(&self, frame: Option<ArrayBuffer>, now: impl FnOnce() -> f64) -> Received {
        let mut core = self.core.borrow_mut();
        with_scratch(|scratch| match frame {
            Some(frame) => core.frame(&self.reader, scratch, &frame, frame.byte_length(), now),
            None => core.resume(&self.reader, scratch),
        })
    }
}
