//! What a data channel brings: frames become messages that wait to be read.

use std::cell::{Cell, RefCell};
use std::task::{Context, Poll};

use js_sys::{ArrayBuffer, JSON, JsString, Uint8Array};
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

use super::codec::{Format, Frame, Joiner, Splitter, from_bytes};
use super::error::Error;
use super::link::{from_js, text};
use super::options::Serialization;
use super::queue::Queue;
use crate::web::js::now;

/// So many bytes of messages are kept that nobody reads.
const UNREAD: usize = 64 << 20;

/// What a message costs beside its bytes, about.
const COST: usize = 64;

/// The way in of one connection.
pub(super) struct Inbox {
    serialization: Serialization,
    decoder: RefCell<Decoder>,
    messages: Queue<Message>,
    unread: Cell<usize>,
}

struct Decoder {
    joiner: Joiner,
    splitter: Splitter,
}

/// A message as it came.
enum Message {
    Packed(Format, Vec<u8>),
    Json(String),
    /// What the channel brought, text or an ArrayBuffer.
    Raw(JsValue),
    /// None: this went wrong.
    Failed(Error),
}

/// How the connection goes on after a frame.
#[derive(PartialEq, Eq)]
pub(super) enum Then {
    GoOn,
    Close,
}

impl Inbox {
    pub(super) fn new(serialization: Serialization) -> Self {
        let decoder = Decoder { joiner: Joiner::new(), splitter: Splitter::new() };
        Self {
            serialization,
            decoder: RefCell::new(decoder),
            messages: Queue::default(),
            unread: Cell::default(),
        }
    }

    /// Takes in a frame: text or an ArrayBuffer.
    pub(super) fn frame(&self, data: JsValue) -> Then {
        let bytes = || data.dyn_ref::<ArrayBuffer>().map(|buffer| Uint8Array::new(buffer).to_vec());
        match self.serialization {
            Serialization::Raw => self.push(Message::Raw(data)),
            Serialization::Json => {
                let json = data.as_string().or_else(|| String::from_utf8(bytes()?).ok());
                match json {
                    Some(json) if Some(json.as_bytes()) == self.serialization.close_request() => {
                        return Then::Close;
                    }
                    Some(json) => self.push(Message::Json(json)),
                    None => self.invalid("text that is no UTF-8"),
                }
            }
            Serialization::Binary | Serialization::MsgPack => match bytes() {
                Some(bytes) => return self.bytes(bytes),
                None => self.invalid("text where bytes are expected"),
            },
        }
        Then::GoOn
    }

    fn bytes(&self, bytes: Vec<u8>) -> Then {
        let mut decoder = self.decoder.borrow_mut();
        if self.serialization == Serialization::Binary {
            let take = |bytes| self.push(Message::Packed(Format::BinaryPack, bytes));
            match decoder.joiner.frame(bytes, now(), take) {
                Frame::Data => {}
                Frame::Close => return Then::Close,
                Frame::Invalid(why) => self.invalid(why),
            }
            return Then::GoOn;
        }
        let mut then = Then::GoOn;
        let split = decoder.splitter.push(&bytes, |value| {
            if Some(&*value) == self.serialization.close_request() {
                then = Then::Close;
            } else {
                self.push(Message::Packed(Format::MessagePack, value));
            }
        });
        if let Err(why) = split {
            // Where the next value begins is not known any more.
            self.invalid(why);
            then = Then::Close;
        }
        then
    }

    fn invalid(&self, why: &str) {
        self.fail(Error::InvalidData(why.into()));
    }

    /// Has whoever reads know of an error.
    pub(super) fn fail(&self, error: Error) {
        self.push(Message::Failed(error));
    }

    /// Nothing more will come.
    pub(super) fn end(&self) {
        self.messages.end();
    }

    fn push(&self, message: Message) {
        let unread = self.unread.get() + message.cost();
        if unread <= UNREAD {
            self.unread.set(unread);
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

    /// The next message, as a stream gives it.
    pub(super) fn poll<T: DeserializeOwned>(&self, context: &Context<'_>) -> Poll<Option<Result<T, Error>>> {
        self.messages.poll(context).map(|message| {
            let message = message?;
            self.unread.set(self.unread.get().saturating_sub(message.cost()));
            Some(message.read())
        })
    }
}

impl Message {
    /// As a value of the application.
    fn read<T: DeserializeOwned>(self) -> Result<T, Error> {
        match self {
            Self::Packed(format, bytes) => from_bytes(format, &bytes),
            Self::Json(json) => {
                from_js(JSON::parse(&json).map_err(|error| Error::InvalidData(text(&error)))?)
            }
            Self::Raw(value) => from_js(value),
            Self::Failed(error) => Err(error),
        }
    }

    fn cost(&self) -> usize {
        let bytes = match self {
            Self::Packed(_, bytes) => bytes.len(),
            Self::Json(json) => json.len(),
            Self::Raw(value) => match value.dyn_ref::<ArrayBuffer>() {
                Some(buffer) => buffer.byte_length() as usize,
                None => value.dyn_ref::<JsString>().map_or(0, |text| text.length() as usize),
            },
            Self::Failed(Error::Unread(_)) => return 0,
            Self::Failed(_) => 0,
        };
        bytes + COST
    }
}
