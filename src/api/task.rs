//! Work for another task of the page.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::MessageChannel;

/// Does something in the next task. A timer would wait a second each time where the page is not seen.
pub(super) fn in_next_task(act: impl FnOnce() + 'static) {
    let Ok(channel) = MessageChannel::new() else { return act() };
    let (near, far) = (channel.port1(), channel.port2());
    let port = near.clone();
    let act = Closure::once_into_js(move || {
        port.close();
        act();
    });
    near.set_onmessage(Some(act.unchecked_ref()));
    // Only a value that cannot be copied would be refused.
    let _ = far.post_message(&JsValue::NULL);
}
