//! The tracks of a call.

use std::rc::Rc;

use js_sys::JSON;
use wasm_bindgen::prelude::*;
use web_sys::MediaStream;

use super::Connection;
use super::rtc::Rtc;
use crate::proto::connection::Connection as Core;
use crate::proto::connection::control::StreamMetadata;
use crate::proto::message::ConnectionType;
use crate::web::face::ConnectionEvent;
use crate::web::js::{get, get_text, now, object};
use crate::web::listener::EventListener;

/// Sends what is in `stream`.
pub(super) fn send(pc: &Rtc, stream: &MediaStream) -> Result<(), JsValue> {
    for track in stream.get_tracks() {
        pc.add_track(&track, stream)?;
    }
    Ok(())
}

/// Offers to receive audio and video, for a call that sends nothing.
pub(super) fn receive_only(pc: &Rtc) -> Result<(), JsValue> {
    let init = object([("direction", &"recvonly".into())]);
    for kind in ["audio", "video"] {
        pc.add_transceiver(kind, &init)?;
    }
    Ok(())
}

impl Connection {
    /// Something has changed that the remote has to agree to.
    pub(crate) fn negotiation_needed(self: &Rc<Self>) {
        self.trunk().input(Core::negotiation_needed);
    }

    /// Tells the remote the metadata, as JSON, of a stream whose tracks are about to be added. False if it is too long.
    pub(crate) fn describe(self: &Rc<Self>, stream: String, json: String) -> bool {
        let stream = StreamMetadata { id: stream, json, branch: self.number() };
        self.trunk().input(|core| core.describe(&stream, now()))
    }

    /// The metadata of a stream that the remote sends; undefined if there is none.
    pub(crate) fn metadata_of(&self, stream: &str) -> JsValue {
        let metadata = self.carrier().core.borrow().stream(stream).map(|stream| JSON::parse(&stream.json));
        metadata.and_then(Result::ok).unwrap_or_default()
    }

    /// Hears of the tracks of all calls that use the RTCPeerConnection.
    pub(super) fn hear_tracks(&self) {
        if let Some(pc) = self.pc()
            && !self.hears_tracks.replace(true)
        {
            let this = self.this.clone();
            let listener = EventListener::new(&pc, "track", move |event| {
                if let Some(this) = this.upgrade() {
                    this.track_came(event);
                }
            });
            self.handlers.borrow_mut().push(listener);
        }
    }

    /// The remote sends a track: tells the call that it belongs to.
    pub(super) fn track_came(&self, event: &JsValue) {
        let id = get_text(&get(&get(event, "streams"), "0"), "id").unwrap_or_default();
        let number = self.core.borrow().stream(&id).map_or(0, |stream| stream.branch);
        let tell = |to: &Self| to.tell(ConnectionEvent::Rtc(event));
        if number > 0 {
            self.find(number).iter().for_each(|branch| tell(branch));
        } else if self.setup.kind == ConnectionType::Media {
            tell(self);
        }
    }
}
