//! Methods of RTCPeerConnection that throw on what an application passes through us, which web-sys does not provide for.

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
}
