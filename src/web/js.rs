//! Small words for what is done to JS values all the time.

use std::cell::RefCell;
use std::ptr;

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Tells `window.onerror`, so that an exception in a listener is seen although we caught it.
    #[wasm_bindgen(catch, js_name = reportError)]
    fn report_error(error: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(js_name = String)]
    pub(crate) fn to_text(value: &JsValue) -> String;

    #[wasm_bindgen(js_namespace = Math)]
    pub(super) fn random() -> f64;

    #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(bytes: &mut [u8]) -> Result<(), JsValue>;

    #[wasm_bindgen(js_namespace = performance)]
    pub(crate) fn now() -> f64;
}

/// What the browser calls. All are of one type, so that the glue for one does for all.
pub(super) type Callback = Closure<dyn Fn(JsValue)>;

/// A name as JavaScript has it. A connection needs some hundred and fifty, of fifty kinds, each of which is made once.
fn name(text: &'static str) -> &'static JsValue {
    thread_local! {
        static NAMES: RefCell<Vec<(&'static str, &'static JsValue)>> = const { RefCell::new(Vec::new()) };
    }
    NAMES.with_borrow_mut(|names| {
        if let Some((_, name)) = names.iter().find(|(known, _)| ptr::eq(*known, text)) {
            return *name;
        }
        let name = &*Box::leak(Box::new(text.into()));
        names.push((text, name));
        name
    })
}

/// `object[key]`; undefined where that throws or there is no object.
pub(crate) fn get(object: &JsValue, key: &'static str) -> JsValue {
    get_at(object, name(key))
}

/// The same for a key that is not known beforehand.
pub(super) fn get_at(object: &JsValue, key: &JsValue) -> JsValue {
    // Not left to the exception: of a call that throws wasm-bindgen never frees the place for what it would return.
    if !object.is_object() {
        return JsValue::UNDEFINED;
    }
    Reflect::get(object, key).unwrap_or(JsValue::UNDEFINED)
}

/// `object[key]` when it is a text.
pub(crate) fn get_text(object: &JsValue, key: &'static str) -> Option<String> {
    get(object, key).as_string()
}

/// `String(object[key])` unless it is null or undefined.
pub(super) fn get_as_text(object: &JsValue, key: &'static str) -> Option<String> {
    let value = get(object, key);
    if value.is_null() || value.is_undefined() { None } else { Some(to_text(&value)) }
}

/// `object[key] = value`, on an object that takes it.
pub(crate) fn set(object: &Object, key: &'static str, value: &JsValue) {
    set_at(object, name(key), value);
}

/// The same for a key that is not known beforehand.
pub(super) fn set_at(object: &Object, key: &JsValue, value: &JsValue) {
    // Only a frozen object or a throwing setter refuses, and both are the application's own wish.
    let _ = Reflect::set(object, key, value);
}

/// An object literal.
pub(crate) fn object<const N: usize>(entries: [(&'static str, &JsValue); N]) -> Object {
    let object = Object::new();
    for (key, value) in entries {
        set(&object, key, value);
    }
    object
}

/// What to do with an exception of user code that must not stop us.
pub(super) fn rethrow_later(result: Result<(), JsValue>) {
    if let Err(error) = result {
        let _ = report_error(&error);
    }
}

/// A random text that nobody has had yet, for ids of connections. It need not be secret: a browser that has no
/// `crypto.getRandomValues` makes it as PeerJS does.
pub(super) fn random_token() -> String {
    secret_token().unwrap_or_else(|| to_text(&random().into()))
}

/// 80 random bits as 16 letters and digits; None if the browser has none to give.
pub(super) fn secret_token() -> Option<String> {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    let mut bytes = [0; 16];
    get_random_values(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| char::from(DIGITS[usize::from(byte & 31)])).collect())
}
