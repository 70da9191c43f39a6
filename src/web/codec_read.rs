//! What js/codec/reader.js calls.
use std::cell::RefCell;

use js_sys::ArrayBuffer;
use wasm_bindgen::prelude::*;

use super::channel::inbound::{Builder, Reader, with_scratch};
use crate::proto::inbound::{MAX_PREALLOCATED, Part, Stream};

/// Decodes a BinaryPack buffer: `undefined`, or what is wrong with it.
#[wasm_bindgen]
pub fn unpack_value(reader: &Reader, data: &ArrayBuffer) -> JsValue {
    fault(with_scratch(|scratch| scratch.unpack(reader, data, 0, data.byte_length())))
}

/// The same for one that the page has put into the window, which is the shortest way.
#[wasm_bindgen]
pub fn unpack_window(len: usize) -> JsValue {
    fault(with_scratch(|scratch| scratch.decode(len)))
}

/// A MessagePack stream.
#[wasm_bindgen]
pub struct MessagePackStream {
    reader: Reader,
    stream: RefCell<Stream<Reader>>,
}

#[wasm_bindgen]
impl MessagePackStream {
    /// `builder` is told of each value by its end. None may take more than about `limit` bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(reader: Reader, builder: Builder, limit: f64) -> Self {
        Self { reader, stream: RefCell::new(Stream::message_pack(builder, limit as u64)) }
    }

    /// Takes in a piece of the stream: `undefined`, or what is wrong with it.
    pub fn push(&self, data: &ArrayBuffer) -> JsValue {
        // What can come is known to nobody.
        let part = Part { source: data, at: 0, len: data.byte_length(), beyond: u64::MAX >> 1 };
        let mut stream = self.stream.borrow_mut();
        fault(with_scratch(|scratch| stream.take_in(&self.reader, scratch, part, MAX_PREALLOCATED)))
    }
}

/// What is wrong, in words; `undefined` if nothing is. As a plain value that costs the page nothing where all is well.
fn fault<T>(result: Result<T, &'static str>) -> JsValue {
    result.err().map_or(JsValue::UNDEFINED, JsValue::from_str)
}
