//! Who is there, as an application's own signalling says.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::queue::Waiting;
use crate::proto::presence::Roster;

/// Another peer comes or goes: [`Peer::presence`](super::Peer::presence).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Presence {
    /// The peer with this id is there.
    Online(String),
    /// The peer with this id has gone, or is not known to be there any longer.
    Offline(String),
}

/// A [`Roster`], as seen from code that is linked where nobody is ever said to be there.
trait Changes {
    fn said(&mut self, id: &str, is_online: bool);
    fn lost(&mut self);
    fn next_change(&mut self) -> Option<(String, bool)>;
}

impl Changes for Roster {
    fn said(&mut self, id: &str, is_online: bool) {
        self.said(id, is_online);
    }

    fn lost(&mut self) {
        self.lost();
    }

    fn next_change(&mut self) -> Option<(String, bool)> {
        self.next_change()
    }
}

/// What a Peer's signalling has said of others.
#[derive(Default)]
pub(super) struct Watched {
    /// Once something was said.
    roster: RefCell<Option<Box<dyn Changes>>>,
    has_ended: Cell<bool>,
    waiting: Waiting,
}

impl Watched {
    pub(super) fn said(&self, id: &str, is_online: bool) {
        if !self.has_ended.get() {
            let mut roster = self.roster.borrow_mut();
            roster.get_or_insert_with(|| Box::<Roster>::default()).said(id, is_online);
            drop(roster);
            self.waiting.wake();
        }
    }

    /// The signalling is lost.
    pub(super) fn lost(&self) {
        if let Some(roster) = &mut *self.roster.borrow_mut() {
            roster.lost();
        }
        self.waiting.wake();
    }

    /// The Peer is destroyed.
    pub(super) fn end(&self) {
        self.has_ended.set(true);
        drop(self.roster.take());
        self.waiting.wake();
    }

    fn take(&self) -> Option<Presence> {
        let (id, is_online) = self.roster.borrow_mut().as_mut()?.next_change()?;
        Some(if is_online { Presence::Online(id) } else { Presence::Offline(id) })
    }

    fn poll(&self, context: &Context<'_>) -> Poll<Option<Presence>> {
        let next = self.take();
        if next.is_some() || self.has_ended.get() {
            return Poll::Ready(next);
        }
        self.waiting.register(context);
        Poll::Pending
    }
}

/// Who comes and goes: [`Peer::presence`](super::Peer::presence).
pub struct Presences(pub(super) Rc<Watched>);

impl Presences {
    /// Takes the next change if there is one now.
    pub fn try_next(&mut self) -> Option<Presence> {
        self.0.take()
    }

    /// Waits for the next change; `None` when the Peer is destroyed.
    pub async fn next(&mut self) -> Option<Presence> {
        std::future::poll_fn(|context| self.0.poll(context)).await
    }
}

impl fmt::Debug for Presences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presences").finish_non_exhaustive()
    }
}

impl Stream for Presences {
    type Item = Presence;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Presence>> {
        self.0.poll(context)
    }
}
