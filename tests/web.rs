//! The API in a browser, with WebRTC and without.
#![cfg(target_arch = "wasm32")]

use js_sys::{Reflect, global};
use peerjs_wasm::{Error, Peer};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn opening_fails_by_the_server_or_for_want_of_webrtc() {
    let has_webrtc = Reflect::has(&global(), &"RTCPeerConnection".into()).expect("the global object is one");
    match Peer::builder().host("127.0.0.1").port(9).secure(false).open().await {
        Err(Error::ServerError(_)) => assert!(has_webrtc),
        Err(Error::BrowserIncompatible(_)) => assert!(!has_webrtc),
        other => panic!("{:?}", other.err()),
    }
}
