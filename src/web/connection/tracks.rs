//! What a call of a Rust application sends. The JavaScript face does the same in `js/media.js`, in fewer bytes.

use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::MediaStream;

use super::Connection;
use crate::proto::message::ConnectionType;
use crate::web::js::{get, get_text, object, set};

/// The property of an RTCRtpSender that has the id of the call it belongs to, if that shares its RTCPeerConnection.
const CALL: &str = "_call";

#[wasm_bindgen]
extern "C" {
    type Pc;

    #[wasm_bindgen(method, catch, js_name = addTrack)]
    fn add_track(this: &Pc, track: &JsValue, stream: &MediaStream) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = addTransceiver)]
    fn add_transceiver(this: &Pc, track: &JsValue, init: &JsValue) -> Result<JsValue, JsValue>;

    type Transceiver;

    #[wasm_bindgen(method, catch)]
    fn stop(this: &Transceiver) -> Result<(), JsValue>;
}

impl Connection {
    /// Sends a track, which belongs to `stream` for the remote. Gives its RTCRtpSender.
    pub(crate) fn add_track(
        self: &Rc<Self>,
        track: &JsValue,
        stream: &MediaStream,
    ) -> Result<JsValue, JsValue> {
        let pc: Pc = self.pc().ok_or(JsValue::UNDEFINED)?.unchecked_into();
        if self.number() == 0 {
            return pc.add_track(track, stream);
        }
        self.describe(stream.id(), String::new());
        // Unlike addTrack this takes a track that another call sends, too.
        let init = object([("direction", &"sendonly".into()), ("streams", &Array::of1(stream))]);
        let sender = get(&pc.add_transceiver(track, &init)?, "sender");
        set(sender.unchecked_ref(), CALL, &(&self.id).into());
        Ok(sender)
    }

    /// Whether `sender` is of this call, and not of another that shares its RTCPeerConnection.
    pub(crate) fn is_own(&self, sender: &JsValue) -> bool {
        let own = (self.number() > 0).then_some(&*self.id);
        get_text(sender, CALL).as_deref() == own
    }

    /// Sends the first stream of a call that shares its RTCPeerConnection; any other has offered it.
    pub(crate) fn send_first(self: &Rc<Self>, stream: &MediaStream) -> Result<(), JsValue> {
        let Some(pc) = self.pc().filter(|_| self.number() > 0) else { return Ok(()) };
        let tracks = stream.get_tracks();
        let is_sent = pc.get_senders().iter().any(|sender| tracks.includes(&get(&sender, "track"), 0));
        // The remote tells calls apart by the ids of their streams.
        let own = is_sent.then(|| MediaStream::new_with_tracks(&tracks)).transpose()?;
        let own = own.as_ref().unwrap_or(stream);
        tracks.iter().try_for_each(|track| self.add_track(&track, own).map(drop))
    }

    /// The call is over: sends nothing any longer over an RTCPeerConnection that lives on.
    pub(crate) fn stop_tracks(&self) {
        let Some(pc) = self.pc().filter(|_| self.setup.kind == ConnectionType::Media) else { return };
        for transceiver in pc.get_transceivers().iter() {
            if self.is_own(&get(&transceiver, "sender")) {
                // One that is stopped already is as good.
                let _ = transceiver.unchecked_into::<Transceiver>().stop();
            }
        }
    }
}
