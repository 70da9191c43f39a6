//! The tracks of a call.

use std::rc::Rc;

use js_sys::JSON;
use wasm_bindgen::prelude::*;
use web_sys::MediaStream;

use super::Connection;
use super::rtc::Rtc;
use crate::proto::connection::Connection as Core;
use crate::proto::connection::control::StreamMetadata;
use crate::web::js::{now, object};

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
        self.input(Core::negotiation_needed);
    }

    /// Sends a track, which belongs to `stream` for the remote. Gives its RTCRtpSender.
    #[cfg(feature = "rust-api")]
    pub(crate) fn add_track(&self, track: &JsValue, stream: &MediaStream) -> Result<JsValue, JsValue> {
        let pc = self.pc().ok_or(JsValue::UNDEFINED)?;
        pc.unchecked_ref::<Rtc>().add_track(track, stream)
    }

    /// Tells the remote the metadata, as JSON, of a stream whose tracks are about to be added. False if it is too long.
    pub(crate) fn describe(self: &Rc<Self>, stream: String, json: String) -> bool {
        self.input(|core| core.describe(&StreamMetadata { id: stream, json }, now()))
    }

    /// The metadata of a stream that the remote sends; undefined if there is none.
    pub(crate) fn metadata_of(&self, stream: &str) -> JsValue {
        let metadata = self.core.borrow().metadata_of(stream).map(JSON::parse);
        metadata.and_then(Result::ok).unwrap_or_default()
    }
}
