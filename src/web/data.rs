//! The data channel of a connection.

use std::cell::RefCell;
use std::rc::Weak;

use wasm_bindgen::prelude::*;
use web_sys::{RtcDataChannel, RtcPeerConnection};

use super::connection::Connection;
use super::js::{get, object, set};
use super::rtc::Rtc;

/// What a connection does with its data channel.
pub(super) struct Data {
    connection: Weak<Connection>,
    channel: RefCell<Option<RtcDataChannel>>,
}

impl Data {
    pub(super) fn new(connection: Weak<Connection>) -> Self {
        Self { connection, channel: RefCell::default() }
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

    pub(super) fn opened(&self, _pc: Option<&RtcPeerConnection>) {}

    pub(super) fn send_frame(&self, frame: &JsValue) {
        if let Some(channel) = &*self.channel.borrow() {
            let _ = channel.send_with_str(&frame.as_string().unwrap_or_default());
        }
    }

    pub(super) fn close(&self) {
        self.channel.take();
    }
}
