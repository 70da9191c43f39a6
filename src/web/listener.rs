//! Listening to the browser's objects.

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::js::{Callback, get, set, set_at};

/// Marks an event that has been handled.
const HANDLED: &str = "_handled";

#[wasm_bindgen]
extern "C" {
    type Target;

    #[wasm_bindgen(method, catch, js_name = addEventListener)]
    fn add(this: &Target, name: &str, act: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = removeEventListener)]
    fn remove(this: &Target, name: &str, act: &JsValue) -> Result<(), JsValue>;
}

/// Listens to an event of the browser until it is stopped or dropped.
pub(crate) struct EventListener {
    target: JsValue,
    name: &'static str,
    act: Callback,
    has_property: bool,
}

impl EventListener {
    /// Calls `act` with each event `name` of `target`.
    pub fn new(target: &JsValue, name: &'static str, act: impl Fn(&JsValue) + 'static) -> Self {
        Self::listen(target, name, false, Callback::new(move |event| act(&event)))
    }

    /// Sets the property `on…`, too, as PeerJS does: a program may wrap that, hand it an event of its own, or put another
    /// handler in its place. `act` is called once for each event.
    pub fn with_property(target: &JsValue, name: &'static str, act: impl Fn(&JsValue) + 'static) -> Self {
        Self::with_property_boxed(target, name, Box::new(act))
    }

    fn with_property_boxed(target: &JsValue, name: &'static str, act: Box<dyn Fn(&JsValue)>) -> Self {
        let act = Callback::new(move |event: JsValue| {
            if event.is_object() && !get(&event, HANDLED).is_truthy() {
                set(event.unchecked_ref(), HANDLED, &true.into());
                act(&event);
            }
        });
        Self::listen(target, name, true, act)
    }

    #[inline(never)]
    fn listen(target: &JsValue, name: &'static str, has_property: bool, act: Callback) -> Self {
        let listener = Self { target: target.clone(), name, act, has_property };
        // The property first: what a program has put there hears of an event before it ends the connection. Another function
        // than the listener, since webrtc-adapter, which the page may have loaded, takes one only once.
        if has_property {
            listener.set_property(&listener.act.as_ref().unchecked_ref::<Function>().bind0(&JsValue::NULL));
        }
        // A stand-in for the browser's object, in a test, may have the property alone.
        let _ = listener.target().add(name, listener.act.as_ref());
        listener
    }

    /// Listens no more, but for the property: from now on a program that replaces it keeps events from us.
    pub fn unlisten(&self) {
        let _ = self.target().remove(self.name, self.act.as_ref());
    }

    /// Hears of nothing more. What a program has kept of the property may still be called until this is dropped.
    pub fn stop(&self) {
        self.unlisten();
        if self.has_property {
            self.set_property(&JsValue::NULL);
        }
    }

    fn target(&self) -> &Target {
        self.target.unchecked_ref()
    }

    fn set_property(&self, value: &JsValue) {
        set_at(self.target.unchecked_ref(), &["on", self.name].concat().into(), value);
    }
}

impl Drop for EventListener {
    fn drop(&mut self) {
        self.stop();
    }
}
