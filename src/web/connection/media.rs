//! The tracks of a call.

use std::rc::Rc;

use js_sys::{Array, JSON};
use wasm_bindgen::prelude::*;
use web_sys::MediaStream;

use super::Connection;
use super::rtc::{Rtc, Transceiver};
use crate::proto::connection::Connection as Core;
use crate::proto::connection::control::StreamMetadata;
use crate::proto::message::ConnectionType;
use crate::web::face::ConnectionEvent;
use crate::web::js::{get, get_text, now, object, set};
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
        pc.add_transceiver(&kind.into(), &init)?;
    }
    Ok(())
}

/// The property of an RTCRtpSender that has the id of the call it belongs to, if that shares its RTCPeerConnection.
const CALL: &str = "_call";

impl Connection {
    /// Something has changed that the remote has to agree to.
    pub(crate) fn negotiation_needed(self: &Rc<Self>) {
        self.trunk().input(Core::negotiation_needed);
    }

    /// Sends a track, which belongs to `stream` for the remote. Gives its RTCRtpSender.
    pub(crate) fn add_track(
        self: &Rc<Self>,
        track: &JsValue,
        stream: &MediaStream,
    ) -> Result<JsValue, JsValue> {
        let pc = self.rtc().ok_or(JsValue::UNDEFINED)?;
        if self.setup.place.is_none() {
            return pc.add_track(track, stream);
        }
        // Another call may send this very track, and a transceiver of the remote's may belong to another call.
        let init = object([("direction", &"sendonly".into()), ("streams", &Array::of1(stream))]);
        let sender = get(&pc.add_transceiver(track, &init)?, "sender");
        set(sender.unchecked_ref(), CALL, &(&self.id).into());
        Ok(sender)
    }

    /// Whether this end sends `sender`'s track in this call.
    pub(crate) fn is_own(&self, sender: &JsValue) -> bool {
        get_text(sender, CALL) == self.setup.place.is_some().then(|| self.id.clone())
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

    /// Sends the stream of a call that was accepted.
    pub(super) fn send_tracks(self: &Rc<Self>) {
        if let Some(stream) = self.stream.take()
            && let Err(error) = self.send_stream(&stream)
        {
            self.fail_later(error);
        }
    }

    fn send_stream(self: &Rc<Self>, stream: &MediaStream) -> Result<(), JsValue> {
        let Some(pc) = self.pc() else { return Ok(()) };
        let tracks = stream.get_tracks();
        // The remote tells calls apart by the ids of their streams.
        let sent = pc.get_senders().iter().any(|sender| tracks.includes(&get(&sender, "track"), 0));
        let own = sent.then(|| MediaStream::new_with_tracks(&tracks)).transpose()?;
        let stream = own.as_ref().unwrap_or(stream);
        self.describe(stream.id(), String::new());
        tracks.iter().try_for_each(|track| self.add_track(&track, stream).map(drop))
    }

    /// Sends nothing in this call any longer, while its RTCPeerConnection lives on.
    pub(super) fn stop_tracks(&self) {
        let Some(pc) = self.pc().filter(|_| self.setup.kind == ConnectionType::Media) else { return };
        for transceiver in pc.get_transceivers().iter() {
            let transceiver: &Transceiver = transceiver.unchecked_ref();
            // One that is stopped already, or whose RTCPeerConnection is closed, is as good.
            if self.is_own(&get(transceiver, "sender")) {
                let _ = transceiver.stop();
            }
        }
    }
}
