//! Timers, and one for all the deadlines of a state machine.

use std::cell::{Cell, RefCell};

use wasm_bindgen::prelude::*;

use super::js::{Callback, now};
use crate::proto::time::{Millis, NEVER};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(act: &JsValue, wait: f64) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);
}

/// Something that is to be done once, unless this is dropped before.
pub(crate) struct Timeout {
    id: JsValue,
    _act: Callback,
}

impl Timeout {
    /// Does it in `wait` milliseconds.
    pub(crate) fn new(wait: f64, act: impl FnOnce() + 'static) -> Self {
        Self::boxed(wait, Box::new(act))
    }

    fn boxed(wait: f64, act: Box<dyn FnOnce()>) -> Self {
        let act = Cell::new(Some(act));
        let act = Callback::new(move |_| {
            if let Some(act) = act.take() {
                act();
            }
        });
        Self { id: set_timeout(act.as_ref(), wait), _act: act }
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}

/// A timer that is set to another moment as deadlines come and go.
pub(super) struct Alarm {
    timer: RefCell<Option<Timeout>>,
    /// When it fires.
    armed: Cell<Millis>,
}

impl Default for Alarm {
    fn default() -> Self {
        Self { timer: RefCell::default(), armed: Cell::new(NEVER) }
    }
}

impl Alarm {
    /// Sets it to `deadline`, or to none if that is [`NEVER`]; `fire` then calls [`Alarm::fired`] first.
    pub(super) fn set(&self, deadline: Millis, fire: impl FnOnce() + 'static) {
        if deadline == self.armed.replace(deadline) {
            return;
        }
        // setTimeout takes 31 bits; a timer that fires early only looks at the clock and is set again.
        let wait = (deadline - now()).clamp(0.0, 2e9);
        let timer = (deadline < NEVER).then(|| Timeout::new(wait, fire));
        let previous = self.timer.replace(timer);
        drop(previous);
    }

    /// It has fired.
    pub(super) fn fired(&self) {
        self.armed.set(NEVER);
    }
}
