//! The control channel: a data channel that both ends have made, and that PeerJS never sees.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::JsString;
use wasm_bindgen::prelude::*;
use web_sys::RtcDataChannel;

use super::Connection;
use super::rtc::Rtc;
use crate::proto::border::LogLevel;
use crate::proto::connection::control::LONGEST;
use crate::proto::connection::{CONTROL_CHANNEL, Connection as Core};
use crate::web::js::{get, now, object};
use crate::web::listener::EventListener;

/// What hears of the reply to a ping, after so many milliseconds, or that there is none.
pub(crate) type Replied = Box<dyn FnOnce(Option<f64>)>;

/// The control channel of a connection, once there is one.
#[derive(Default)]
pub(super) struct Control {
    channel: RefCell<Option<(RtcDataChannel, [EventListener; 3])>>,
    pings: RefCell<Vec<(u32, Replied)>>,
}

impl Control {
    pub(super) fn send(&self, frame: &str) {
        let channel = self.channel.borrow().as_ref().map(|(channel, _)| channel.clone());
        if let Some(channel) = channel {
            // What must arrive is sent again; a channel that takes nothing is as good as a lost path.
            let _ = channel.send_with_str(frame);
        }
    }

    pub(super) fn replied(&self, id: u32, after: Option<f64>) {
        let mut pings = self.pings.borrow_mut();
        if let Some(index) = pings.iter().position(|(known, _)| *known == id) {
            let (_, replied) = pings.remove(index);
            drop(pings);
            replied(after);
        }
    }

    /// Forgets the channel, and whoever waits for a reply is told that there is none.
    pub(super) fn close(&self) {
        let channel = self.channel.take();
        drop(channel);
        for (_, replied) in self.pings.take() {
            replied(None);
        }
    }
}

impl Connection {
    /// Asks the remote whether it is there. False if it cannot be asked.
    pub(crate) fn ping(self: &Rc<Self>, replied: Replied) -> bool {
        let this = self.trunk();
        let id = this.core.borrow_mut().ping(now());
        if let Some(id) = id {
            this.control.pings.borrow_mut().push((id, replied));
            this.carry_out();
        }
        id.is_some()
    }

    /// Tells the remote how many bytes this end takes in all over the data channel.
    #[cfg(feature = "rust-api")]
    pub(crate) fn set_limit(self: &Rc<Self>, bytes: u64) {
        self.input(|core| core.set_limit(bytes));
    }

    /// Makes the control channel, and listens to whether there is something to negotiate over it.
    pub(super) fn open_control(self: &Rc<Self>) {
        let Some(pc) = self.pc() else { return };
        let init = object([("negotiated", &true.into()), ("id", &CONTROL_CHANNEL.into())]);
        let channel = match pc.unchecked_ref::<Rtc>().create_data_channel("", &init) {
            Ok(channel) => channel,
            Err(error) => return self.peer.log(LogLevel::Warnings, "No control channel", &error),
        };
        let on = |name: &'static str, then: fn(&Rc<Self>, &JsValue)| {
            let this = self.this.clone();
            EventListener::new(&channel, name, move |event| {
                if let Some(this) = this.upgrade() {
                    then(&this, event);
                }
            })
        };
        let listeners = [
            on("open", |this, _| this.input(|core| core.control_opened(now()))),
            on("close", |this, _| this.input(Core::control_closed)),
            on("message", |this, event| {
                // Long text is not even copied.
                if let Some(text) = get(event, "data").dyn_ref::<JsString>()
                    && text.length() as usize <= LONGEST
                {
                    let frame = String::from(text);
                    this.input(|core| core.control(&frame, now()));
                }
            }),
        ];
        *self.control.channel.borrow_mut() = Some((channel, listeners));
        self.on(&pc, "negotiationneeded", |this, _| this.negotiation_needed());
    }
}
