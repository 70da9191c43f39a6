//! The end of the way out: with all that was sent, or without.

use std::rc::Rc;

use web_sys::RtcDataChannel;

use super::{Inner, Outbound};
use crate::web::js::now;
use crate::web::timer::Timeout;

/// In milliseconds: a channel lives at least so long before it is closed,
const GRACE: f64 = 1_000.0;
/// and at most so long while its far side is to close it, or to agree that it is closed.
const ASKED: f64 = 10_000.0;

impl Outbound {
    /// Forgets what the channel has not got yet, and closes that. `done` is called once the far side has agreed, or has had
    /// time enough.
    pub fn part(&self, done: impl FnOnce() + 'static) {
        self.0.queue.borrow_mut().clear();
        let Some(attached) = self.0.attached.borrow().clone().filter(|attached| attached.is_open()) else {
            return done();
        };
        self.0.done.set(Some(Box::new(done)));
        attached.channel.close();
        let inner = Rc::clone(&self.0);
        self.0.leaving.set(Some(Timeout::new(ASKED, move || inner.closed())));
    }

    /// Forgets what is not sent yet, and the channel: as long as anything here holds that, it holds its listeners, and
    /// they whoever holds this.
    pub fn close(&self) {
        self.0.queue.borrow_mut().clear();
        self.0.leaving.take();
        let attached = self.0.attached.take();
        drop(attached);
    }

    /// There is no path to the far side, or there is one again.
    pub fn pause(&self, paused: bool) {
        self.0.paused.set(paused);
    }

    /// The far side has been asked to close the channel, behind all that was sent.
    pub fn asked(&self) {
        self.0.asked.set(true);
    }

    /// When all that was sent has left the channel's buffer: closes the channel, and once that has closed, everything
    /// having arrived, calls `done`. Nothing can be sent meanwhile. A channel that is not open is done at once.
    pub fn finish(&self, done: impl FnOnce() + 'static) {
        if self.0.open().is_ok() {
            self.0.done.set(Some(Box::new(done)));
            self.0.queue.borrow_mut().finish();
            self.0.pump();
        } else {
            done();
        }
    }
}

impl Inner {
    /// Closes the channel, which was opened at `since`, but gives the far side time: for all else it is asked to close it, and
    /// until then for opening. What comes over a channel that closes before its page has seen it is lost in Chromium. Without
    /// a path it begins anew: Firefox closes a channel at once then, and what was sent is lost.
    pub(super) fn leave(self: &Rc<Self>, channel: &RtcDataChannel, since: f64) {
        let asked = self.asked.get();
        let wait = if asked || self.paused.get() { ASKED } else { since + GRACE - now() };
        let (channel, inner) = (channel.clone(), Rc::downgrade(self));
        let timer = Timeout::new(wait.max(0.0), move || {
            let Some(inner) = inner.upgrade() else { return };
            if inner.paused.get() {
                return inner.leave(&channel, since);
            }
            channel.close();
            // A far side that has left without our hearing of it takes part in no closing either.
            if asked {
                inner.closed();
            }
        });
        self.leaving.set(Some(timer));
    }

    pub(super) fn closed(self: &Rc<Self>) {
        self.queue.borrow_mut().clear();
        self.leaving.take();
        if let Some(done) = self.done.take() {
            done();
        }
    }
}
