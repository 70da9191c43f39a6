//! The data channel of a connection: what is sent over it and what comes.

use std::cell::{OnceCell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{RtcDataChannel, RtcPeerConnection};

use super::connection::Connection;
#[cfg(feature = "npm")]
use super::connection::ConnectionHandle;
use super::js::{get, now, object, set, to_text};
use super::receive::{Inbound, Reader, Received};
use super::rtc::Rtc;
use super::send::{Outbound, SendFailure};
use crate::proto::chunk::frame::CLOSE;
use crate::proto::error::ConnectionError;
use crate::proto::inbound::{LONG_FRAME, LONGEST_FRAME};

/// What the far side takes if the browser does not tell: what RFC 8841 says then.
const MAX_MESSAGE_SIZE: f64 = 65536.0;

/// JSON of this many bytes and more is not sent: PeerJS never cuts it into pieces.
pub(crate) const JSON_LIMIT: u32 = 16300;

/// What a connection does with its data channel.
pub(crate) struct Data {
    /// The channel, until it is open.
    channel: RefCell<Option<RtcDataChannel>>,
    pub(crate) outbound: Outbound,
    inbound: OnceCell<Inbound>,
}

impl Data {
    pub(super) fn new(connection: Weak<Connection>) -> Self {
        let outbound = Outbound::new(move |failure| {
            if let Some(connection) = connection.upgrade() {
                report(&connection, failure);
            }
        });
        Self { channel: RefCell::default(), outbound, inbound: OnceCell::new() }
    }

    /// Makes the channel of a connection that we offer.
    pub(super) fn create(&self, pc: &Rtc, connection: &Connection) -> Result<RtcDataChannel, JsValue> {
        let options = &connection.options;
        let init = object([("ordered", &get(options, "reliable").is_truthy().into())]);
        for name in ["ordered", "maxRetransmits", "maxPacketLifeTime", "priority"] {
            let wish = get(options, name);
            if !wish.is_undefined() {
                set(&init, name, &wish);
            }
        }
        pc.create_data_channel(&connection.label(), &init)
    }

    pub(super) fn attach(&self, channel: &RtcDataChannel) {
        *self.channel.borrow_mut() = Some(channel.clone());
    }

    /// The channel is open, and the far side's limits are known.
    pub(super) fn opened(&self, pc: Option<&RtcPeerConnection>, batches: bool) {
        if let (Some(channel), Some(pc)) = (self.channel.take(), pc) {
            let most = get(&get(pc, "sctp"), "maxMessageSize").as_f64().filter(|most| *most > 0.0);
            self.outbound.attach(&channel, most.unwrap_or(MAX_MESSAGE_SIZE), batches);
        }
    }

    /// What the application is told of what it has sent, when the connection ends before that. How much the channel has
    /// sent a browser tells late: when the connection is not `broken` but closed, only what it never got counts.
    pub(super) fn unsent(&self, broken: bool) -> Option<String> {
        let (messages, bytes) = self.outbound.unsent();
        let count = |count: u32| to_text(&count.into());
        (messages > 0 || broken && bytes > 0)
            .then(|| [&count(messages), " messages and ", &count(bytes), " bytes were not sent."].concat())
    }

    pub(super) fn close(&self) {
        self.channel.take();
        self.outbound.close();
    }
}

impl Connection {
    /// Closes once everything that was sent has come to the far side, which has been asked to close it or not.
    pub(crate) fn finish(self: &Rc<Self>, asked: bool) {
        if asked {
            self.data.outbound.asked();
        }
        let connection = Rc::downgrade(self);
        self.data.outbound.finish(move || {
            if let Some(connection) = connection.upgrade() {
                connection.end(None);
            }
        });
    }
}

fn report(connection: &Connection, failure: SendFailure) {
    let (kind, error) = match failure {
        SendFailure::TooBig => {
            (ConnectionError::MessageTooBig, "The message is larger than the connection can carry.".into())
        }
        SendFailure::Closed => (ConnectionError::SendFailed, "The connection is being closed.".into()),
        SendFailure::Channel(error) | SendFailure::Unreadable(error) => (ConnectionError::SendFailed, error),
    };
    connection.fail(kind, &error);
}

#[cfg(feature = "npm")]
#[wasm_bindgen]
impl ConnectionHandle {
    /// Messages that wait for the channel.
    pub fn buffer_size(&self) -> u32 {
        self.0.data.outbound.buffer_size()
    }

    /// Sends what is written on the tape.
    pub fn send_tape(&self, slots: u32, bodies: &JsValue) {
        self.sent(self.0.data.outbound.send_tape(slots, bodies));
    }

    /// Sends one frame as it is.
    pub fn send_frame(&self, frame: &JsValue) {
        self.sent(self.0.data.outbound.send_frame(frame));
    }

    /// Asks the far side to close, in BinaryPack.
    pub fn send_close(&self) {
        self.send_frame(&Uint8Array::from(CLOSE));
    }

    /// Sends JSON.
    pub fn send_json(&self, json: &Uint8Array) {
        if json.length() < JSON_LIMIT {
            self.send_frame(json);
        } else {
            let text = "Message too big for JSON channel";
            self.0.fail(ConnectionError::MessageTooBig, &text.into());
        }
    }

    /// Takes in a BinaryPack frame, or without one goes on with what has come. 1: a value is complete, which is to be read
    /// before anything else. 2: the same, and it is an array of messages. 3: there is more to do, in another task.
    pub fn receive(&self, reader: &Reader, frame: Option<ArrayBuffer>) -> u32 {
        let inbound = self.0.data.inbound.get_or_init(|| Inbound::new(reader.clone(), self.receive_limit()));
        match inbound.take_in(frame, now) {
            Received::Nothing => {}
            Received::Unfinished => return 3,
            Received::Value => return 1,
            Received::Batch => return 2,
            Received::Close => self.0.end_by_far(),
            Received::Invalid(why) => self.invalid_data(&why.into()),
        }
        0
    }

    /// Whether a frame is no longer than peers send them; reports it if it is.
    pub fn accepts(&self, length: u32) -> bool {
        let accepts = length <= LONGEST_FRAME;
        if !accepts {
            self.invalid_data(&LONG_FRAME.into());
        }
        accepts
    }

    /// What a message may take that is not complete, in bytes.
    pub fn receive_limit(&self) -> f64 {
        self.0.peer.receive_limit()
    }

    /// Reports that the far side sent what is not valid.
    pub fn invalid_data(&self, error: &JsValue) {
        self.0.fail(ConnectionError::InvalidData, error);
    }

    /// Closes once everything that was sent has come to the far side, which has been asked to close it or not.
    pub fn finish(&self, asked: bool) {
        self.0.finish(asked);
    }
}

#[cfg(feature = "npm")]
impl ConnectionHandle {
    fn sent(&self, result: Result<(), SendFailure>) {
        if let Err(failure) = result {
            report(&self.0, failure);
        }
    }
}
