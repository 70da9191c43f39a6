//! The tests of src/web and src/api, which need a browser.
#![cfg(target_arch = "wasm32")]

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn a_page_has_webrtc() {
    assert!(web_sys::RtcPeerConnection::new().is_ok());
}
