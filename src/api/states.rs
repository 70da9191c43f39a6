//! How far a connection or a call has come, as a stream.

use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::link::{Linked, State};

/// The states of a connection or a call: [`Connection::states`](super::Connection::states).
pub struct States {
    listener: Rc<dyn Linked>,
    last: Option<State>,
}

impl States {
    pub(super) fn new(listener: Rc<dyn Linked>) -> Self {
        Self { listener, last: None }
    }

    /// Waits for the next one; `None` after [`State::Closed`].
    pub async fn next(&mut self) -> Option<State> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &Context<'_>) -> Poll<Option<State>> {
        let link = self.listener.link();
        let state = link.state();
        if self.last != Some(state) {
            self.last = Some(state);
            return Poll::Ready(Some(state));
        }
        if state == State::Closed {
            return Poll::Ready(None);
        }
        link.changed.register(context);
        Poll::Pending
    }
}

impl Stream for States {
    type Item = State;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<State>> {
        self.poll(context)
    }
}

impl fmt::Debug for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("States").field("last", &self.last).finish_non_exhaustive()
    }
}
