//! One timer for all the deadlines of a state machine.

use std::cell::{Cell, RefCell};

use gloo_timers::callback::Timeout;

use super::js::now;
use crate::proto::time::{Millis, NEVER};

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
        let wait = (deadline - now()).clamp(0.0, 2e9) as u32;
        let timer = (deadline < NEVER).then(|| Timeout::new(wait, fire));
        let previous = self.timer.replace(timer);
        drop(previous);
    }

    /// It has fired.
    pub(super) fn fired(&self) {
        self.armed.set(NEVER);
    }
}
