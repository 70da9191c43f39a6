//! The tracks of a call.

use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::MediaStream;

use super::Connection;
use super::rtc::Rtc;
use crate::web::face::ConnectionEvent;
use crate::web::js::{get, object};

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

/// A track has come. A stream of several tracks is told once; a track without a stream gets one.
pub(super) fn received(connection: &Rc<Connection>, event: &JsValue) {
    let mut stream: MediaStream = get(&get(event, "streams"), "0").unchecked_into();
    if stream.is_undefined() {
        let track = get(event, "track");
        let Ok(alone) = MediaStream::new_with_tracks(&Array::of1(&track)) else { return };
        stream = alone;
    }
    if connection.is_new_stream(stream.id()) {
        connection.tell(ConnectionEvent::Stream(&stream));
    }
}
