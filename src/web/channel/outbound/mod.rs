//! The way out: messages become frames, and frames go to the data channel as fast as it takes them.

use std::cell::{Cell, RefCell};
use std::mem;
use std::rc::{Rc, Weak};

use js_sys::JsString;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{RtcDataChannel, RtcDataChannelState};

use self::message::{Frame, Message, Outgoing, Source, source_of};
use crate::proto::chunk::batch::Batch;
use crate::proto::chunk::frame::is_mistakable;
use crate::proto::chunk::split::Pieces;
use crate::proto::codec::binarypack::encode::{BINARYPACK, BINARYPACK_NEGATIVE_ZERO};
use crate::proto::codec::out::EncodeFormat;
use crate::proto::codec::packed::{Body, Packed, length};
use crate::proto::message::Features;
use crate::proto::send_queue::{HIGH, LOW, Next, SendQueue, TEXT_UNIT};
use crate::web::codec_write::{KEEP, packed};
use crate::web::js::{get, now};
use crate::web::listener::EventListener;
use crate::web::promise;
use crate::web::timer::Timeout;

/// A message longer than this goes in pieces of this size, header included; in smaller ones if the far side's channel
/// takes no more. It is what Chromium takes; that Firefox takes 1 GiB makes it no faster.
const FRAME: u32 = 256 << 10;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = RtcDataChannel)]
    type Channel;

    #[wasm_bindgen(method, catch, js_name = send)]
    fn send_bytes(this: &Channel, data: &[u8]) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = send)]
    fn send_any(this: &Channel, data: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(js_name = queueMicrotask)]
    fn queue_microtask(act: &JsValue);

    #[wasm_bindgen(catch, js_name = String)]
    fn text_of(value: &JsValue) -> Result<JsString, JsValue>;
}

/// Why something was not sent.
pub(crate) enum SendFailure {
    /// It is longer than the channel takes, or too long for the format.
    TooBig,
    /// The channel is not open, or is being closed.
    Closed,
    /// The channel threw this.
    Channel(JsValue),
    /// A Blob could not be read, for this reason: a file that has changed on the disk.
    Unreadable(JsValue),
}

/// What is to be sent over one connection.
#[derive(Clone)]
pub(crate) struct Outbound(Rc<Inner>);

struct Inner {
    attached: RefCell<Option<Rc<Attached>>>,
    queue: RefCell<SendQueue<Outgoing>>,
    /// The id of the next message that goes in pieces.
    next_id: Cell<u32>,
    report: Box<dyn Fn(SendFailure)>,
    done: Cell<Option<Box<dyn FnOnce()>>>,
    /// Hears of room in the queue.
    #[cfg(feature = "rust-api")]
    room: RefCell<Option<Rc<dyn Fn()>>>,
    /// Whether the far side has been asked to close.
    asked: Cell<bool>,
    /// Closes the channel in the end.
    leaving: Cell<Option<Timeout>>,
    /// Whether there is no path, so that the end has to wait.
    paused: Cell<bool>,
}

struct Attached {
    channel: Channel,
    /// When it was opened.
    since: f64,
    /// The longest frame the far side takes.
    most: f64,
    /// The longest frame we make of a message.
    frame: u32,
    /// Whether small messages may share one.
    batches: bool,
    /// A JS function that sends what has gathered.
    release: JsValue,
    /// How values become bytes.
    format: &'static EncodeFormat,
    _listeners: [EventListener; 2],
}

impl Outbound {
    /// `report` hears of what fails after its `send` has returned.
    pub fn new(report: impl Fn(SendFailure) + 'static) -> Self {
        Self(Rc::new(Inner {
            attached: RefCell::default(),
            queue: RefCell::default(),
            next_id: Cell::new(1),
            report: Box::new(report),
            done: Cell::default(),
            #[cfg(feature = "rust-api")]
            room: RefCell::default(),
            asked: Cell::default(),
            leaving: Cell::default(),
            paused: Cell::default(),
        }))
    }

    /// From now on sends through this channel, whose remote peer takes frames of up to `max_message_size` bytes and has
    /// announced `features`.
    pub fn attach(&self, channel: &RtcDataChannel, max_message_size: f64, features: Features) {
        let on = |event: &'static str, act: fn(&Rc<Inner>)| {
            let inner = Rc::downgrade(&self.0);
            EventListener::new(channel, event, move |_| {
                if let Some(inner) = inner.upgrade() {
                    act(&inner);
                }
            })
        };
        let inner = Rc::downgrade(&self.0);
        let release = promise::function(move |_| {
            if let Some(inner) = inner.upgrade() {
                inner.release();
            }
        });
        let attached = Attached {
            release,
            channel: channel.clone().unchecked_into(),
            since: now(),
            most: max_message_size,
            frame: max_message_size.min(FRAME.into()) as u32,
            // Where frames may be lost, one should not take many messages with it.
            batches: features.batch()
                && ["maxRetransmits", "maxPacketLifeTime"].iter().all(|limit| get(channel, limit).is_null()),
            format: if features.negative_zero() { &BINARYPACK_NEGATIVE_ZERO } else { &BINARYPACK },
            _listeners: [on("bufferedamountlow", Inner::low), on("close", Inner::closed)],
        };
        *self.0.attached.borrow_mut() = Some(Rc::new(attached));
    }

    /// Sends what is written on the tape as BinaryPack, in pieces if it is long.
    pub fn send_tape(&self, slots: u32, bodies: &JsValue) -> Result<(), SendFailure> {
        let attached = self.0.open()?;
        let (mut packed, bodies) = packed(attached.format, slots, bodies).ok_or(SendFailure::TooBig)?;
        self.0.send_packed(&attached, &mut packed.buffer, packed.used, bodies, false)
    }

    /// How many bytes have left the channel's buffer in all, unless that is empty.
    pub fn drained(&self) -> Option<u64> {
        let attached = self.0.attached.borrow().clone()?;
        let buffered = u64::from(attached.channel.buffered_amount());
        (buffered > 0).then(|| self.0.queue.borrow().total().saturating_sub(buffered))
    }

    /// The remote takes this many bytes in all.
    pub fn set_limit(&self, bytes: u64) {
        self.0.queue.borrow_mut().set_limit(bytes);
        self.0.pump();
    }

    /// How BinaryPack is written so that the remote reads all of it.
    #[cfg(feature = "rust-api")]
    pub fn format(&self) -> &'static EncodeFormat {
        self.0.attached.borrow().as_ref().map_or(&BINARYPACK, |attached| attached.format)
    }

    /// Whether what is sent next does not have to wait behind a full channel.
    #[cfg(feature = "rust-api")]
    pub fn has_capacity(&self) -> bool {
        self.0.queue.borrow().has_capacity()
    }

    /// `told` hears of it when there is room again.
    #[cfg(feature = "rust-api")]
    pub fn on_room(&self, told: impl Fn() + 'static) {
        *self.0.room.borrow_mut() = Some(Rc::new(told));
    }

    /// Sends what is BinaryPack already, in pieces if it is long. Nobody else uses its bodies.
    #[cfg(feature = "rust-api")]
    pub fn send_bytes(&self, message: Packed<JsValue>) -> Result<(), SendFailure> {
        let attached = self.0.open()?;
        let Packed { mut bytes, bodies } = message;
        let own = |Body { at, len, source }| Body { at, len, source: Source::from(source) };
        let (used, bodies) = (bytes.len(), bodies.into_iter().map(own).collect());
        self.0.send_packed(&attached, &mut bytes, used, bodies, true)
    }

    /// Sends one frame as it is: text, an ArrayBuffer, a view of one, or a Blob. Anything else goes as the text it is
    /// converted to, as with the channel itself.
    pub fn send_frame(&self, data: &JsValue) -> Result<(), SendFailure> {
        let attached = self.0.open()?;
        let Some(source) = source_of(data) else {
            let text = text_of(data).map_err(SendFailure::Channel)?;
            return self.send_text(&attached, text);
        };
        let length = match &source {
            Source::Blob(blob) => blob.size(),
            Source::View(view) => view.length().into(),
        };
        if length > attached.most || length > u32::MAX.into() {
            return Err(SendFailure::TooBig);
        }
        if let Source::View(_) = source
            && self.0.pass(&attached, length, &|channel| channel.send_any(data))?
        {
            return Ok(());
        }
        let message = Message::of(source, length as u32);
        self.0.enqueue(Outgoing::Bytes(Box::new(message)));
        Ok(())
    }

    fn send_text(&self, attached: &Attached, text: JsString) -> Result<(), SendFailure> {
        let length = weight(&text) as f64;
        if length > attached.most && String::from(&text).len() as f64 > attached.most {
            return Err(SendFailure::TooBig);
        }
        if !self.0.pass(attached, length, &|channel| channel.send_any(&text))? {
            self.0.enqueue(Outgoing::Text(text));
        }
        Ok(())
    }

    /// How many messages are not yet completely given to the channel.
    pub fn buffer_size(&self) -> u32 {
        self.0.queue.borrow().len() as u32
    }

    /// What would be lost with the channel: messages not completely given to it, and bytes that it has not sent.
    pub fn unsent(&self) -> (u32, u32) {
        let buffered = self.0.attached.borrow().as_ref().map(|attached| attached.channel.buffered_amount());
        (self.buffer_size(), buffered.unwrap_or_default())
    }
}

impl Inner {
    fn open(&self) -> Result<Rc<Attached>, SendFailure> {
        let attached = self.attached.borrow().clone();
        attached
            .filter(|attached| attached.is_open() && !self.queue.borrow().is_finishing())
            .ok_or(SendFailure::Closed)
    }

    /// Sends `used` bytes of `scratch`, which may be taken, with these bodies, which are copies if `owned`: as one
    /// frame or in pieces.
    #[inline(always)]
    fn send_packed(
        self: &Rc<Self>,
        attached: &Attached,
        scratch: &mut Vec<u8>,
        used: usize,
        bodies: Vec<Body<Source>>,
        owned: bool,
    ) -> Result<(), SendFailure> {
        let length = length(used, &bodies);
        let mistakable = || is_mistakable(scratch.get(..used).unwrap_or_default(), length as u32);
        let whole = length <= attached.frame.into() && !mistakable();
        if whole && bodies.is_empty() {
            let bytes = scratch.get(..used).unwrap_or_default();
            let gathers = attached.batches && Batch::takes(bytes);
            if self.pass(attached, used as f64, &|channel| channel.send_bytes(bytes))? {
                if gathers {
                    self.hold();
                }
                return Ok(());
            }
            if gathers {
                self.gather(bytes);
                return Ok(());
            }
        }
        let pieces = (!whole).then(|| {
            let id = self.next_id.get();
            self.next_id.set(id.wrapping_add(1));
            Pieces::new(id, length, attached.frame)
        });
        let bytes = take(scratch, used);
        let mut message = Message::new(Packed { bytes, bodies }, pieces);
        if owned {
            message.is_owned();
        }
        self.enqueue(Outgoing::Bytes(Box::new(message)));
        Ok(())
    }

    /// Sends a frame at once if none waits before it. Returns whether it did.
    fn pass(
        &self,
        attached: &Attached,
        length: f64,
        send: &dyn Fn(&Channel) -> Result<(), JsValue>,
    ) -> Result<bool, SendFailure> {
        if !self.queue.borrow().is_free() {
            return Ok(false);
        }
        match send(&attached.channel) {
            Ok(()) => {
                self.queue.borrow_mut().passed(length as u64);
                Ok(true)
            }
            Err(_) if attached.is_crowded() => Ok(false),
            Err(error) => Err(attached.failure(error)),
        }
    }

    /// A small message was sent at once, so that one alone is not late. Those that follow it in the same task gather.
    fn hold(self: &Rc<Self>) {
        self.queue.borrow_mut().hold();
        let attached = self.attached.borrow().clone();
        if let Some(attached) = attached {
            queue_microtask(&attached.release);
        }
    }

    /// Sends what has gathered. Returns whether that was waited for.
    fn release(self: &Rc<Self>) -> bool {
        let held = self.queue.borrow_mut().release();
        if held {
            self.pump();
        }
        held
    }

    /// Puts a small message in line, if possible together with the one before it.
    fn gather(self: &Rc<Self>, bytes: &[u8]) {
        if self.queue.borrow_mut().join(|last| last.add(bytes)) {
            return;
        }
        let held = self.release();
        let mut queue = self.queue.borrow_mut();
        queue.push(Outgoing::Batch(Batch::new(bytes)));
        if held {
            queue.hold();
        }
    }

    /// Puts a message in line and sends as much as the channel takes. What is left must not change any more.
    fn enqueue(self: &Rc<Self>, mut message: Outgoing) {
        // It cannot go at once, and to copy it takes twice as long while the channel is at work on its beginning.
        message.own(HIGH);
        self.queue.borrow_mut().push(message);
        self.queue.borrow_mut().release();
        self.pump();
        let left = self.queue.borrow_mut().pop_last();
        if let Some(mut message) = left {
            message.own(0);
            self.queue.borrow_mut().push(message);
        }
    }

    fn pump(self: &Rc<Self>) {
        // Firefox would take what the far side does not, while a channel is being closed.
        let Some(attached) = self.attached.borrow().clone().filter(|attached| attached.is_open()) else {
            return;
        };
        let channel = &attached.channel;
        loop {
            let next = self.queue.borrow_mut().next(|| channel.buffered_amount().into());
            match next {
                Next::Send(message) => self.send_next(&attached, message),
                Next::AwaitLow(bytes) => channel.set_buffered_amount_low_threshold(bytes),
                Next::Close => self.leave(&attached.channel, attached.since),
                Next::Nothing => break,
            }
        }
        #[cfg(feature = "rust-api")]
        self.tell_room();
    }

    /// Has whoever waits for room know of it.
    #[cfg(feature = "rust-api")]
    fn tell_room(&self) {
        let room = self.room.borrow().clone();
        if let Some(room) = room
            && self.queue.borrow().has_capacity()
        {
            room();
        }
    }

    #[inline(never)]
    fn send_next(self: &Rc<Self>, attached: &Attached, mut message: Outgoing) {
        let inner = Rc::downgrade(self);
        let (result, length) = match &mut message {
            Outgoing::Text(text) => {
                let length = weight(text);
                (attached.channel.send_any(text), length)
            }
            Outgoing::Batch(batch) => {
                let frame = batch.frame();
                (attached.channel.send_bytes(frame), frame.len() as u64)
            }
            Outgoing::Bytes(bytes) => match bytes.frame(move || Self::wake(&inner)) {
                Frame::Ready(frame) => {
                    let length = u64::from(frame.length());
                    (attached.channel.send_any(&frame), length)
                }
                Frame::Waiting => return self.queue.borrow_mut().park(message),
                Frame::Unreadable(reason) => {
                    self.queue.borrow_mut().sent(0, None);
                    return (self.report)(SendFailure::Unreadable(reason));
                }
            },
        };
        match result {
            Ok(()) => {
                let rest = message.rest();
                self.queue.borrow_mut().sent(length, rest);
            }
            Err(_) if attached.is_crowded() => {
                attached.channel.set_buffered_amount_low_threshold(LOW);
                self.queue.borrow_mut().refused(message);
            }
            Err(error) => {
                let failure = attached.failure(error);
                if matches!(failure, SendFailure::Closed) {
                    self.queue.borrow_mut().clear();
                }
                self.queue.borrow_mut().sent(0, None);
                (self.report)(failure);
            }
        }
    }

    fn wake(inner: &Weak<Self>) {
        if let Some(inner) = inner.upgrade() {
            inner.queue.borrow_mut().ready();
            inner.pump();
        }
    }

    fn low(self: &Rc<Self>) {
        let Some(attached) = self.attached.borrow().clone() else {
            return;
        };
        let buffered = attached.channel.buffered_amount();
        self.queue.borrow_mut().low(buffered.into());
        self.pump();
    }
}

impl Attached {
    fn is_open(&self) -> bool {
        self.channel.ready_state() == RtcDataChannelState::Open
    }

    /// Whether the channel has so much buffered, not only from us, that it may well refuse more.
    fn is_crowded(&self) -> bool {
        self.is_open() && self.channel.buffered_amount() > LOW
    }

    fn failure(&self, error: JsValue) -> SendFailure {
        if self.is_open() { SendFailure::Channel(error) } else { SendFailure::Closed }
    }
}

/// What a text frame counts, in bytes.
fn weight(text: &JsString) -> u64 {
    u64::from(text.length()) * TEXT_UNIT
}

/// The scratch buffer's bytes: a copy of them, or the buffer itself when it is too large to be kept anyway.
fn take(scratch: &mut Vec<u8>, used: usize) -> Vec<u8> {
    if scratch.len() > KEEP {
        scratch.truncate(used);
        mem::take(scratch)
    } else {
        scratch.get(..used).unwrap_or_default().to_vec()
    }
}

mod end;
pub(in crate::web) mod message;
#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests;
