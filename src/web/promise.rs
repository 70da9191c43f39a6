//! Promises whose end a closure hears of. Futures would bring their executor along, four kilobytes of the npm build.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::js::Callback;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Promise)]
    pub(super) type Settling;

    #[wasm_bindgen(method)]
    pub(super) fn then(this: &Settling, fulfilled: &JsValue, rejected: &JsValue);

    #[wasm_bindgen(method, js_name = catch)]
    pub(super) fn or_else(this: &Settling, rejected: &JsValue);
}

/// A JS function that calls `told`. It is freed when JavaScript forgets it: a promise may settle late, or never.
pub(super) fn function(told: impl Fn(JsValue) + 'static) -> JsValue {
    Callback::new(told).into_js_value()
}

/// The promise of something that may have failed already. A stand-in of a test suite may return any value in its place.
pub(super) fn promise(made: Result<Promise, JsValue>) -> Settling {
    made.map_or_else(|error| Promise::reject(&error), |made| Promise::resolve(&made)).unchecked_into()
}

/// Calls `told` once, with what the promise is fulfilled or rejected with, and never before this returns.
pub(crate) fn settle(made: Result<Promise, JsValue>, told: impl FnOnce(Result<JsValue, JsValue>) + 'static) {
    settle_boxed(&promise(made), Box::new(told));
}

type Told = Box<dyn FnOnce(Result<JsValue, JsValue>)>;

fn settle_boxed(promise: &Settling, told: Told) {
    let told = Rc::new(Cell::new(Some(told)));
    let on = |wrap: fn(JsValue) -> Result<JsValue, JsValue>| {
        let told = Rc::clone(&told);
        function(move |value| {
            if let Some(told) = told.take() {
                told(wrap(value));
            }
        })
    };
    promise.then(&on(Ok), &on(Err));
}
