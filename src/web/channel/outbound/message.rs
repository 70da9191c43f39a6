//! One message on its way out: where the bytes of its next frame are, and getting those of Blobs in time.

use std::cell::{Cell, OnceCell};
use std::ops::Range;
use std::rc::Rc;

use js_sys::{ArrayBuffer, JsString, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use crate::proto::chunk::batch::Batch;
use crate::proto::chunk::split::Pieces;
use crate::proto::codec::packed::{Body, Cursor, Packed, Segment};
use crate::proto::send_queue::Entry;
use crate::web::promise::settle;

/// A Blob is read in slices of this size,
const SLICE: u64 = 1 << 20;

/// so far ahead of what is sent.
const AHEAD: u64 = 2 << 20;

/// A staging buffer longer than this is not kept.
const KEEP: u32 = 256 << 10;

thread_local! {
    /// Where frames are put together. One does for all connections: a channel copies what it is given.
    static STAGING: Cell<Option<Uint8Array>> = const { Cell::new(None) };
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Uint8Array)]
    type Target;

    /// Copies straight from wasm memory.
    #[wasm_bindgen(method)]
    fn set(this: &Target, bytes: &[u8], at: u32);

    #[wasm_bindgen(extends = ArrayBuffer)]
    type Transferable;

    /// Detaches it. Browsers before 2024 have no such method.
    #[wasm_bindgen(method, catch)]
    fn transfer(this: &Transferable, length: u32) -> Result<(), JsValue>;

    /// Knows the built-in classes of other realms too.
    #[wasm_bindgen(js_namespace = ["Object", "prototype", "toString"], js_name = call)]
    fn kind_of(value: &JsValue) -> String;
}

/// Copies bytes into a JavaScript array.
pub(in crate::web) fn copy(bytes: &[u8], target: &Uint8Array, at: u32) {
    target.unchecked_ref::<Target>().set(bytes, at);
}

/// Bytes that stay in JavaScript.
pub(in crate::web) enum Source {
    View(Uint8Array),
    Blob(Blob),
}

impl From<JsValue> for Source {
    fn from(value: JsValue) -> Self {
        match value.dyn_into() {
            Ok(view) => Self::View(view),
            Err(other) => Self::Blob(other.unchecked_into()),
        }
    }
}

/// The bytes of what is not text.
pub(super) fn source_of(data: &JsValue) -> Option<Source> {
    if data.is_string() {
        return None;
    }
    if ArrayBuffer::is_view(data) {
        let view: &Uint8Array = data.unchecked_ref();
        return Some(Source::View(Uint8Array::new_with_byte_offset_and_length(
            &view.buffer(),
            view.byte_offset(),
            view.byte_length(),
        )));
    }
    match kind_of(data).as_str() {
        "[object ArrayBuffer]" => Some(Source::View(Uint8Array::new(data))),
        "[object Blob]" | "[object File]" => Some(Source::Blob(data.clone().unchecked_into())),
        _ => None,
    }
}

/// A message in the queue.
pub(super) enum Outgoing {
    /// Text in one frame.
    Text(JsString),
    /// Bytes in one or more.
    Bytes(Box<Message>),
    /// Small messages in one.
    Batch(Batch),
}

impl Entry for Outgoing {
    fn messages(&self) -> usize {
        match self {
            Self::Batch(batch) => batch.count(),
            _ => 1,
        }
    }
}

impl Outgoing {
    /// Copies what the user may change once `send()` has returned, if the message is longer than this many bytes.
    pub fn own(&mut self, than: u64) {
        if let Self::Bytes(message) = self
            && message.packed.len() > than
        {
            message.own();
        }
    }

    /// Adds a small message, if this is a batch and has room for it. Returns whether it did.
    pub fn add(&mut self, message: &[u8]) -> bool {
        match self {
            Self::Batch(batch) => batch.add(message),
            _ => false,
        }
    }

    /// Its frame is sent. What there is to send after it.
    pub fn rest(mut self) -> Option<Self> {
        match &mut self {
            Self::Bytes(message) => message.advance().then_some(self),
            _ => None,
        }
    }
}

/// A message that is bytes.
pub(super) struct Message {
    packed: Packed<Source>,
    progress: Progress,
    /// How far it will be once the frame is sent that was made last.
    next: Progress,
    /// Whether views show the user's buffers, and not copies.
    borrowed: bool,
    /// Slices of Blobs, beginning with the first that is still needed.
    slices: Vec<Rc<Slice>>,
    /// Up to here slices are asked for.
    asked: Cursor,
}

/// How much of a message is sent.
#[derive(Clone, Copy)]
struct Progress {
    sent: Cursor,
    /// `None`: it goes as one frame.
    pieces: Option<Pieces>,
    /// How many slices that was.
    slices: usize,
}

struct Slice {
    range: Range<u32>,
    bytes: OnceCell<Result<Uint8Array, JsValue>>,
}

/// The next frame of a message.
pub(super) enum Frame {
    /// Here it is, valid until another is made.
    Ready(Uint8Array),
    /// Bytes of a Blob are on their way.
    Waiting,
    /// A Blob cannot be read, for this reason.
    Unreadable(JsValue),
}

impl Message {
    /// A message that goes in pieces, or as one frame.
    pub fn new(packed: Packed<Source>, pieces: Option<Pieces>) -> Self {
        let progress = Progress { sent: Cursor::default(), pieces, slices: 0 };
        Self {
            packed,
            progress,
            next: progress,
            borrowed: true,
            slices: Vec::new(),
            asked: Cursor::default(),
        }
    }

    /// A frame with just this in it.
    pub fn of(source: Source, len: u32) -> Self {
        let bodies = vec![Body { at: 0, len, source }];
        Self::new(Packed { bytes: Vec::new(), bodies }, None)
    }

    /// Its bodies are copies already.
    pub fn is_owned(&mut self) {
        self.borrowed = false;
    }

    fn own(&mut self) {
        if self.borrowed {
            self.borrowed = false;
            for body in &mut self.packed.bodies {
                if let Source::View(view) = &mut body.source {
                    *view = view.slice(0, body.len);
                }
            }
        }
    }

    /// Puts the next frame together. If bytes of a Blob are missing, `wake` is called when some have come.
    pub fn frame(&mut self, wake: impl Fn() + Clone + 'static) -> Frame {
        let len = match &self.progress.pieces {
            Some(pieces) => pieces.len(),
            None => self.packed.len() as u32,
        };
        self.read_ahead(len.into(), wake);
        let Packed { bytes, bodies } = &self.packed;
        self.next = Progress { slices: 0, ..self.progress };
        let Progress { sent, pieces, slices } = &mut self.next;
        let header = pieces.as_ref().map(Pieces::header).unwrap_or_default();
        let header = header.bytes();
        let mut at = header.len() as u32;
        let end = at + len;
        let target = staging(end);
        copy(header, &target, 0);
        while let Some(segment) = sent.next(bytes.len(), bodies, u64::from(end - at)) {
            match &segment {
                Segment::Bytes(range) => {
                    copy(bytes.get(range.clone()).unwrap_or_default(), &target, at);
                }
                Segment::Body(index, range) => match &bodies[*index].source {
                    Source::View(view) => target.set(&view.subarray(range.start, range.end), at),
                    Source::Blob(_) => {
                        let mut start = range.start;
                        while start < range.end {
                            let Some(slice) = self.slices.get(*slices) else {
                                return Frame::Waiting;
                            };
                            let bytes = match slice.bytes.get() {
                                None => return Frame::Waiting,
                                Some(Err(reason)) => return Frame::Unreadable(reason.clone()),
                                Some(Ok(bytes)) => bytes,
                            };
                            let (first, end) = (slice.range.start, slice.range.end.min(range.end));
                            let part = bytes.subarray(start - first, end - first);
                            target.set(&part, at + start - range.start);
                            *slices += usize::from(end == slice.range.end);
                            start = end;
                        }
                    }
                },
            }
            at += segment.len() as u32;
        }
        if let Some(pieces) = pieces {
            pieces.advance();
        }
        Frame::Ready(target)
    }

    /// A frame is sent. Returns whether there is another.
    fn advance(&mut self) -> bool {
        self.slices.drain(..self.next.slices.min(self.slices.len()));
        self.progress = self.next;
        self.progress.pieces.is_some_and(|pieces| !pieces.is_empty())
    }

    /// Asks for as much of the Blobs as the next frame of `len` bytes needs, and a little more.
    fn read_ahead(&mut self, len: u64, wake: impl Fn() + Clone + 'static) {
        let Packed { bytes, bodies } = &self.packed;
        let mut ahead: u64 = self.slices.iter().map(|slice| slice.range.len() as u64).sum();
        while ahead < AHEAD.max(len) {
            let (index, range) = match self.asked.next(bytes.len(), bodies, SLICE) {
                Some(Segment::Body(index, range)) => (index, range),
                Some(Segment::Bytes(_)) => continue,
                None => return,
            };
            let Source::Blob(blob) = &bodies[index].source else {
                continue;
            };
            ahead += range.len() as u64;
            let slice = Rc::new(Slice { range, bytes: OnceCell::new() });
            Slice::read(&slice, blob, wake.clone());
            self.slices.push(slice);
        }
    }
}

impl Drop for Message {
    /// Frees the memory of copies at once. To wait for a collection costs more than itself: where 64 MB of garbage lie, the
    /// next copy of 64 MB takes up to six times as long.
    fn drop(&mut self) {
        for body in self.packed.bodies.iter().filter(|_| !self.borrowed) {
            if let Source::View(view) = &body.source {
                let _ = view.buffer().unchecked_ref::<Transferable>().transfer(0);
            }
        }
    }
}

impl Slice {
    fn read(slice: &Rc<Self>, blob: &Blob, wake: impl Fn() + 'static) {
        let (start, end) = (f64::from(slice.range.start), f64::from(slice.range.end));
        let part = blob.slice_with_f64_and_f64(start, end);
        let slice = Rc::clone(slice);
        settle(part.map(|part| part.array_buffer()), move |buffer| {
            let bytes = buffer.and_then(|buffer| {
                let bytes = Uint8Array::new(&buffer);
                if bytes.length() == slice.range.len() as u32 { Ok(bytes) } else { Err(JsValue::UNDEFINED) }
            });
            let _ = slice.bytes.set(bytes);
            wake();
        });
    }
}

/// A place for a frame of this length.
fn staging(len: u32) -> Uint8Array {
    STAGING.with(|staging| {
        let kept = staging.take();
        let buffer = match kept {
            Some(kept) if kept.length() >= len => kept,
            _ => Uint8Array::new_with_length(len),
        };
        let place = buffer.subarray(0, len);
        if buffer.length() <= KEEP {
            staging.set(Some(buffer));
        }
        place
    })
}
