//! What waits for whom: tasks for something to change, things for a task to take them.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Context, Poll, Waker};

/// The tasks that want to know of a change.
#[derive(Default)]
pub(super) struct Waiting(RefCell<Vec<Waker>>);

impl Waiting {
    /// Something has changed.
    pub(super) fn wake(&self) {
        // Whoever is woken may come back at once.
        for waker in self.0.take() {
            waker.wake();
        }
    }

    /// Waits until `look` finds something; it looks at every change.
    pub(super) async fn until<T>(&self, mut look: impl FnMut() -> Option<T>) -> T {
        poll_fn(|context| match look() {
            Some(found) => Poll::Ready(found),
            None => {
                self.register(context);
                Poll::Pending
            }
        })
        .await
    }

    pub(super) fn register(&self, context: &Context<'_>) {
        let mut wakers = self.0.borrow_mut();
        if !wakers.iter().any(|waker| waker.will_wake(context.waker())) {
            wakers.push(context.waker().clone());
        }
    }
}

/// Things that wait to be taken, each by one task.
pub(super) struct Queue<T> {
    items: RefCell<VecDeque<T>>,
    waiting: Waiting,
    ended: Cell<bool>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { items: RefCell::default(), waiting: Waiting::default(), ended: Cell::default() }
    }
}

impl<T> Queue<T> {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.items.borrow().len()
    }

    /// One more.
    pub(super) fn push(&self, item: T) {
        self.items.borrow_mut().push_back(item);
        self.waiting.wake();
    }

    /// Forgets the one that has waited longest.
    pub(super) fn drop_first(&self) {
        let first = self.items.borrow_mut().pop_front();
        drop(first);
    }

    /// There will be no more.
    pub(super) fn end(&self) {
        self.ended.set(true);
        self.waiting.wake();
    }

    /// There will be no more, and those that wait are not wanted.
    pub(super) fn clear(&self) {
        let items = self.items.take();
        self.end();
        drop(items);
    }

    /// What came last and nobody has taken yet.
    pub(super) fn last<R>(&self, look: impl FnOnce(Option<&mut T>) -> R) -> R {
        look(self.items.borrow_mut().back_mut())
    }

    /// The next one, if there is one.
    pub(super) fn take(&self) -> Option<T> {
        self.items.borrow_mut().pop_front()
    }

    /// The next one, as a stream gives it.
    pub(super) fn poll(&self, context: &Context<'_>) -> Poll<Option<T>> {
        let next = self.take();
        if next.is_some() || self.ended.get() {
            return Poll::Ready(next);
        }
        self.waiting.register(context);
        Poll::Pending
    }
}

/// A line of tasks: first come, first served.
#[derive(Default)]
pub(super) struct Line {
    tickets: RefCell<VecDeque<u64>>,
    next: Cell<u64>,
}

/// A place in the line. Given up when dropped.
pub(super) struct Turn<'a> {
    line: &'a Line,
    waiting: &'a Waiting,
    ticket: u64,
}

impl Line {
    /// The last place; `waiting` is told when those behind it may move on.
    pub(super) fn join<'a>(&'a self, waiting: &'a Waiting) -> Turn<'a> {
        let ticket = self.next.get();
        self.next.set(ticket + 1);
        self.tickets.borrow_mut().push_back(ticket);
        Turn { line: self, waiting, ticket }
    }
}

impl Line {
    /// Whether nobody waits.
    pub(super) fn is_empty(&self) -> bool {
        self.tickets.borrow().is_empty()
    }
}

impl Turn<'_> {
    /// Whether it is the first place.
    pub(super) fn has_come(&self) -> bool {
        self.line.tickets.borrow().front() == Some(&self.ticket)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.line.tickets.borrow_mut().retain(|ticket| *ticket != self.ticket);
        self.waiting.wake();
    }
}
