//! The messages of a connection that wait to be read.

use std::cell::{Cell, RefCell};
use std::task::{Context, Poll};

use js_sys::{ArrayBuffer, JSON, JsString, Uint8Array};
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

use super::codec::{Format, Frame, Receiver, from_bytes};
use super::error::Error;
use super::link::text;
use super::queue::Queue;
use super::serialization::Serialization;
use super::value::from_js;
use crate::proto::inbound::{LIMIT, LONG_FRAME, LONGEST_FRAME, Received, UNREAD_LIMIT};
use crate::proto::send_queue::TEXT_UNIT;
use crate::web::channel::inbound::with_scratch;
use crate::web::js::now;

/// About what a message costs beside its bytes.
const COST: u64 = 64;

/// How much one connection keeps, in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limits {
    /// Of messages that are not complete.
    pub(super) receive: u64,
    /// Of messages that nobody has read.
    pub(super) unread: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { receive: LIMIT, unread: UNREAD_LIMIT }
    }
}

/// Receives the frames of one connection and keeps its messages until they are read.
pub(super) struct Inbox {
    serialization: Serialization,
    /// `None` where each frame is a message.
    receiver: Option<(Format, RefCell<Receiver<ArrayBuffer>>)>,
    messages: Queue<Message>,
    unread: Cell<u64>,
    unread_limit: u64,
    /// How many bytes have come in all,
    received: Cell<u64>,
    /// and up to how many the remote may send, if it understands that.
    granted: Cell<u64>,
}

/// A message as it came.
enum Message {
    Packed(Format, Vec<u8>),
    Json(String),
    /// What the channel delivered, text or an ArrayBuffer.
    Raw(JsValue),
    /// Not a message: this went wrong.
    Failed(Error),
}

/// What the connection has to do after a frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Then {
    GoOn,
    /// Call [`Inbox::resume`] in another task.
    Resume,
    Close,
}

impl Frame for ArrayBuffer {
    fn len(&self) -> usize {
        self.byte_length() as usize
    }

    fn copy(&self, at: u32, into: &mut [u8]) {
        Uint8Array::new_with_byte_offset_and_length(self, at, into.len() as u32).copy_to(into);
    }
}

impl Inbox {
    pub(super) fn new(serialization: Serialization, limits: Limits) -> Self {
        let receiver = |format| Some((format, RefCell::new(Receiver::new(format, limits.receive))));
        Self {
            serialization,
            receiver: match serialization {
                Serialization::Binary => receiver(Format::BinaryPack),
                Serialization::MsgPack => receiver(Format::MessagePack),
                Serialization::Json | Serialization::Raw => None,
            },
            messages: Queue::default(),
            unread: Cell::default(),
            unread_limit: limits.unread,
            received: Cell::default(),
            granted: Cell::default(),
        }
    }

    /// Takes in a frame: text or an ArrayBuffer.
    pub(super) fn frame(&self, data: JsValue) -> Then {
        self.received.set(self.received.get() + weight(&data));
        if let Some((format, receiver)) = &self.receiver {
            let Some(frame) = data.dyn_ref() else {
                return self.invalid("text where bytes are expected");
            };
            return self.received(*format, |take| {
                with_scratch(|scratch| receiver.borrow_mut().frame(scratch, frame, now, take))
            });
        }
        if self.serialization == Serialization::Json {
            return self.json(&data);
        }
        self.push(Message::Raw(data));
        Then::GoOn
    }

    /// Up to how many bytes in all the remote may send from now on, when it is time to tell: so many that what is unread and
    /// what is on its way stay within the half of the limit, which leaves the other half to a remote that cannot be told.
    pub(super) fn grant(&self) -> Option<u64> {
        // At least a frame can come, or none ever would.
        let window = (self.unread_limit / 2).max(1);
        let granted = self.received.get() + window.saturating_sub(self.unread.get());
        let due = granted > self.granted.get() + window / 4;
        due.then(|| {
            self.granted.set(granted);
            granted
        })
    }

    /// Goes on with the frames that have come, after [`Then::Resume`].
    pub(super) fn resume(&self) -> Then {
        let Some((format, receiver)) = &self.receiver else { return Then::GoOn };
        self.received(*format, |take| with_scratch(|scratch| receiver.borrow_mut().resume(scratch, take)))
    }

    fn received(&self, format: Format, receive: impl FnOnce(&mut dyn FnMut(Vec<u8>)) -> Received) -> Then {
        let mut close = false;
        let received = receive(&mut |message| {
            // In BinaryPack a frame says it, not a message.
            if close || format == Format::MessagePack && self.is_close_request(&message) {
                close = true;
            } else {
                self.push(Message::Packed(format, message));
            }
        });
        match received {
            _ if close => Then::Close,
            Received::Close => Then::Close,
            Received::Unfinished => Then::Resume,
            Received::Invalid(why) => self.invalid(why),
            Received::Nothing | Received::Value | Received::Batch => Then::GoOn,
        }
    }

    fn json(&self, data: &JsValue) -> Then {
        let len = match data.dyn_ref::<ArrayBuffer>() {
            Some(buffer) => buffer.byte_length(),
            None => data.dyn_ref::<JsString>().map_or(0, JsString::length),
        };
        if len > LONGEST_FRAME {
            return self.invalid(LONG_FRAME);
        }
        let bytes = || Some(Uint8Array::new(data.dyn_ref::<ArrayBuffer>()?).to_vec());
        match data.as_string().or_else(|| String::from_utf8(bytes()?).ok()) {
            Some(json) if self.is_close_request(json.as_bytes()) => return Then::Close,
            Some(json) => self.push(Message::Json(json)),
            None => return self.invalid("text that is no UTF-8"),
        }
        Then::GoOn
    }

    fn is_close_request(&self, message: &[u8]) -> bool {
        self.serialization.close_request() == Some(message)
    }

    /// Reports what is not valid. A MessagePack stream cannot go on after that.
    fn invalid(&self, why: &str) -> Then {
        self.fail(Error::InvalidData(why.into()));
        if self.serialization == Serialization::MsgPack { Then::Close } else { Then::GoOn }
    }

    /// Reports an error to the reader.
    pub(super) fn fail(&self, error: Error) {
        self.push(Message::Failed(error));
    }

    /// Ends the stream of messages, after those whose frames have all come.
    pub(super) fn end(&self) {
        while self.resume() == Then::Resume {}
        self.messages.end();
    }

    /// Keeps a message. One is always kept, however long: its length has a limit of its own.
    fn push(&self, message: Message) {
        let unread = self.unread.get();
        let with_this = unread + message.cost();
        if unread == 0 || with_this <= self.unread_limit {
            self.unread.set(with_this);
            return self.messages.push(message);
        }
        let counted = self.messages.last(|last| match last {
            Some(Message::Failed(Error::Unread(count))) => {
                *count += 1;
                true
            }
            _ => false,
        });
        if !counted {
            self.messages.push(Message::Failed(Error::Unread(1)));
        }
    }

    /// How many messages wait.
    #[cfg(all(test, target_arch = "wasm32"))]
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// Takes the next message if there is one.
    pub(super) fn take<T: DeserializeOwned>(&self) -> Option<Result<T, Error>> {
        self.messages.take().map(|message| self.read(message))
    }

    /// Takes the next message, as a stream does.
    pub(super) fn poll<T: DeserializeOwned>(&self, context: &Context<'_>) -> Poll<Option<Result<T, Error>>> {
        self.messages.poll(context).map(|message| Some(self.read(message?)))
    }

    fn read<T: DeserializeOwned>(&self, message: Message) -> Result<T, Error> {
        self.unread.set(self.unread.get().saturating_sub(message.cost()));
        message.read()
    }
}

impl Message {
    /// Reads the value that the application expects.
    fn read<T: DeserializeOwned>(self) -> Result<T, Error> {
        match self {
            Self::Packed(format, bytes) => from_bytes(format, &bytes),
            // PeerJS sends nothing at all for undefined.
            Self::Json(json) if json.is_empty() => from_js(&JsValue::NULL),
            Self::Json(json) => {
                from_js(&JSON::parse(&json).map_err(|error| Error::InvalidData(text(&error)))?)
            }
            Self::Raw(value) => from_js(&value),
            Self::Failed(error) => Err(error),
        }
    }

    fn cost(&self) -> u64 {
        let bytes = match self {
            Self::Packed(_, bytes) => bytes.len() as u64,
            Self::Json(json) => json.len() as u64,
            Self::Raw(value) => match value.dyn_ref::<ArrayBuffer>() {
                Some(buffer) => buffer.byte_length().into(),
                None => value.dyn_ref::<JsString>().map_or(0, |text| text.length().into()),
            },
            Self::Failed(Error::Unread(_)) => return 0,
            Self::Failed(_) => 0,
        };
        bytes + COST
    }
}

/// What a frame counts against what the remote may send.
fn weight(data: &JsValue) -> u64 {
    match data.dyn_ref::<ArrayBuffer>() {
        Some(buffer) => buffer.byte_length().into(),
        None => data.dyn_ref::<JsString>().map_or(0, |text| u64::from(text.length()) * TEXT_UNIT),
    }
}
