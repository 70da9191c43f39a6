//! Frames of a data channel to the bytes of messages, by the receive stack that the npm package has too: its checks and
//! its limits are [`inbound`](crate::proto::inbound)'s. serde reads the bytes when the application asks for them.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::mem;
use std::ops::Range;

use super::Format;
use super::token::split;
use crate::proto::codec::decode::Tape;
use crate::proto::inbound::{
    Inbound, LONG_FRAME, LONGEST_FRAME, MAX_PREALLOCATED, OutOfMemory, Page, Part, Received, Scratch, Stream,
};

/// A frame as the data channel delivers it. Cheap to clone.
pub trait Frame: Clone {
    /// Its length in bytes.
    fn len(&self) -> usize;
    /// Copies bytes from `at` on until `into` is full.
    fn copy(&self, at: u32, into: &mut [u8]);

    /// Whether it has no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The receiving half of a BinaryPack or MessagePack connection.
pub struct Receiver<F: Frame> {
    collector: Collector<F>,
    stack: Stack<F>,
    /// What a long string or binary of a stream gets before its bytes come.
    room: u32,
}

enum Stack<F: Frame> {
    Frames(Inbound<Collector<F>>),
    Stream(Box<Stream<Collector<F>>>),
}

impl<F: Frame> Receiver<F> {
    /// A receiver that holds at most about `limit` bytes of messages that are not complete.
    pub fn new(format: Format, limit: u64) -> Self {
        let collector = Collector { complete: RefCell::default(), frames: PhantomData };
        let stack = match format {
            Format::BinaryPack => Stack::Frames(Inbound::new(limit)),
            Format::MessagePack => Stack::Stream(Box::new(Stream::message_pack(collector.start(), limit))),
        };
        Self { collector, stack, room: limit.min(MAX_PREALLOCATED.into()) as u32 }
    }

    /// Takes in a frame, and gives the bytes of each message that is complete now to `take`.
    ///
    /// Returns [`Received::Nothing`] where there is nothing else to do, and never [`Received::Value`] or
    /// [`Received::Batch`]. After [`Received::Invalid`] a BinaryPack connection goes on with its next message, and a
    /// MessagePack stream cannot: where its next value begins is not known.
    pub fn frame(
        &mut self,
        scratch: &mut Scratch,
        frame: &F,
        now: impl FnOnce() -> f64,
        take: impl FnMut(Vec<u8>),
    ) -> Received {
        let len = match u32::try_from(frame.len()) {
            Ok(len) if len <= LONGEST_FRAME => len,
            _ => return Received::Invalid(LONG_FRAME),
        };
        let received = match &mut self.stack {
            Stack::Frames(inbound) => inbound.frame(&self.collector, scratch, frame, len, now),
            Stack::Stream(stream) => {
                // How much the remote will send is not known.
                let part = Part { source: frame, at: 0, len, beyond: u64::MAX >> 1 };
                match stream.take_in(&self.collector, scratch, part, self.room) {
                    Ok(_) => Received::Nothing,
                    Err(reason) => Received::Invalid(reason),
                }
            }
        };
        self.hand_over(received, scratch, len, take)
    }

    /// Goes on after [`Received::Unfinished`], in a task of its own so that the page does not stand still for long.
    pub fn resume(&mut self, scratch: &mut Scratch, take: impl FnMut(Vec<u8>)) -> Received {
        let received = match &mut self.stack {
            Stack::Frames(inbound) => inbound.resume(&self.collector, scratch),
            Stack::Stream(_) => Received::Nothing,
        };
        self.hand_over(received, scratch, 0, take)
    }

    /// Gives complete messages to `take`.
    fn hand_over(
        &self,
        received: Received,
        scratch: &mut Scratch,
        len: u32,
        mut take: impl FnMut(Vec<u8>),
    ) -> Received {
        let complete = self.collector.complete.take();
        // A frame of one window is not collected but decoded in place.
        scratch.tape().mark_read();
        let in_window = |len: u32| scratch.window().get(..len as usize).unwrap_or_default();
        match received {
            Received::Value if complete.is_empty() => take(in_window(len).to_vec()),
            Received::Batch => {
                let batch = complete.first().map_or_else(|| in_window(len.saturating_sub(1)), Vec::as_slice);
                if let Err(fault) = split(batch, take) {
                    return Received::Invalid(fault.reason());
                }
            }
            _ => complete.into_iter().for_each(take),
        }
        match received {
            Received::Value | Received::Batch => Received::Nothing,
            other => other,
        }
    }
}

/// Collects the bytes of messages while the core checks them.
struct Collector<F> {
    /// The messages that are complete and not handed over yet.
    complete: RefCell<Vec<Vec<u8>>>,
    frames: PhantomData<F>,
}

/// The bytes of a message that is not complete.
#[derive(Default)]
struct Message {
    bytes: Vec<u8>,
    /// How many of them belong to the long string or binary that they end with.
    long: u32,
}

impl<F: Frame> Page for Collector<F> {
    type Source = F;
    type Build = Message;

    fn load(&self, source: &F, at: u32, into: &mut [u8]) {
        source.copy(at, into);
    }

    fn start(&self) -> Message {
        Message::default()
    }

    fn read(
        &self,
        build: &mut Message,
        window: &[u8],
        used: Range<usize>,
        tape: &mut Tape,
    ) -> Result<(), OutOfMemory> {
        tape.mark_read();
        let Message { bytes, long } = build;
        *long = 0;
        bytes.try_reserve(used.len()).map_err(|_| OutOfMemory)?;
        bytes.extend_from_slice(window.get(used).unwrap_or_default());
        Ok(())
    }

    fn fill(
        &self,
        build: &mut Message,
        source: &F,
        at: u32,
        count: u32,
        room: u32,
    ) -> Result<(), OutOfMemory> {
        let Message { bytes, long } = build;
        let start = bytes.len();
        let end = start + count as usize;
        if end > bytes.capacity() {
            // All of its room at once: it is doubled a few times at the most, and never copied into more than it needs.
            bytes.try_reserve_exact((room - *long) as usize).map_err(|_| OutOfMemory)?;
        }
        bytes.resize(end, 0);
        if let Some(into) = bytes.get_mut(start..) {
            source.copy(at, into);
        }
        *long += count;
        Ok(())
    }

    fn complete(&self, build: &mut Message) {
        self.complete.borrow_mut().push(mem::take(&mut build.bytes));
    }
}
