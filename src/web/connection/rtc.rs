//! Methods of RTCPeerConnection, each of which may throw: because of what an application passes through us, or because the
//! RTCPeerConnection is not the browser's own. web-sys does not provide for that.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::{MediaStream, RtcDataChannel};

#[wasm_bindgen]
extern "C" {
    pub(super) type Rtc;

    #[wasm_bindgen(method, catch, js_name = createDataChannel)]
    pub(super) fn create_data_channel(
        this: &Rtc,
        label: &str,
        init: &JsValue,
    ) -> Result<RtcDataChannel, JsValue>;

    #[wasm_bindgen(method, catch, js_name = addTrack)]
    pub(super) fn add_track(this: &Rtc, track: &JsValue, stream: &MediaStream) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = addTransceiver)]
    pub(super) fn add_transceiver(this: &Rtc, kind: &str, init: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = setConfiguration)]
    pub(super) fn set_configuration(this: &Rtc, config: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = restartIce)]
    pub(super) fn restart_ice(this: &Rtc) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = createOffer)]
    pub(super) fn create_offer(this: &Rtc, options: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = createAnswer)]
    pub(super) fn create_answer(this: &Rtc) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = setLocalDescription)]
    pub(super) fn set_local_description(this: &Rtc, description: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = setRemoteDescription)]
    pub(super) fn set_remote_description(this: &Rtc, description: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = addIceCandidate)]
    pub(super) fn add_ice_candidate(this: &Rtc, candidate: &JsValue) -> Result<Promise, JsValue>;
}
