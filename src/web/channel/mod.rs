//! One data channel: what is sent over it and what comes.

pub(crate) mod inbound;
pub(crate) mod outbound;

use std::cell::{OnceCell, RefCell};

use wasm_bindgen::JsValue;
use web_sys::{RtcDataChannel, RtcPeerConnection};

use self::inbound::Inbound;
use self::outbound::{Outbound, SendFailure};
use super::js::{get, to_text};
use crate::proto::error::ConnectionError;
use crate::proto::message::Features;

/// What the remote takes if the browser does not tell: what RFC 8841 says then.
const MAX_MESSAGE_SIZE: f64 = 65536.0;

/// A data channel.
pub(crate) struct Channel {
    /// The channel, until it is open.
    channel: RefCell<Option<RtcDataChannel>>,
    pub(crate) outbound: Outbound,
    pub(super) inbound: OnceCell<Inbound>,
}

impl Channel {
    /// `report` hears of what could not be sent, after its `send` has returned.
    pub(super) fn new(report: impl Fn(SendFailure) + 'static) -> Self {
        Self { channel: RefCell::default(), outbound: Outbound::new(report), inbound: OnceCell::new() }
    }

    /// Uses `channel`, which is not open yet.
    pub(super) fn attach(&self, channel: &RtcDataChannel) {
        *self.channel.borrow_mut() = Some(channel.clone());
    }

    /// The channel is open, and the remote's limits are known.
    pub(super) fn opened(&self, pc: &RtcPeerConnection, features: Features) {
        if let Some(channel) = self.channel.take() {
            let most = get(&get(pc, "sctp"), "maxMessageSize").as_f64().filter(|most| *most > 0.0);
            self.outbound.attach(&channel, most.unwrap_or(MAX_MESSAGE_SIZE), features);
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

    /// Closes the channel if it is not open yet, so that nobody sends over it.
    pub(super) fn close_unopened(&self) {
        if let Some(channel) = self.channel.take() {
            channel.close();
        }
    }

    pub(super) fn close(&self) {
        self.channel.take();
        self.outbound.close();
    }
}

impl SendFailure {
    /// What the application is told.
    pub(super) fn describe(self) -> (ConnectionError, JsValue) {
        match self {
            Self::TooBig => (
                ConnectionError::MessageTooBig,
                "The message is larger than the connection can carry.".into(),
            ),
            Self::Closed => (ConnectionError::SendFailed, "The connection is being closed.".into()),
            Self::Channel(error) | Self::Unreadable(error) => (ConnectionError::SendFailed, error),
        }
    }
}
