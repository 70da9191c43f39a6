//! Frames that wait until the server has registered us.

use super::message::Message;

/// More than this many frames are not kept: an application that makes connections for hours while the server is away
/// must not fill the memory. An offer and its candidates are some ten to twenty frames.
const CAPACITY: usize = 2048;

/// A bounded queue of messages to peers, in the order in which they were sent.
pub struct Outbox<P> {
    waiting: Vec<Message<P>>,
}

impl<P> Outbox<P> {
    /// An empty one.
    pub const fn new() -> Self {
        Self { waiting: Vec::new() }
    }

    /// Keeps `message`. When the outbox is full the oldest message is given up, and that is what comes back.
    pub fn push(&mut self, message: Message<P>) -> Option<Message<P>> {
        let lost = if self.waiting.len() == CAPACITY { Some(self.waiting.remove(0)) } else { None };
        self.waiting.push(message);
        lost
    }
}

impl<P> IntoIterator for Outbox<P> {
    type Item = Message<P>;
    type IntoIter = std::vec::IntoIter<Message<P>>;

    fn into_iter(self) -> Self::IntoIter {
        self.waiting.into_iter()
    }
}

impl<P> Default for Outbox<P> {
    fn default() -> Self {
        Self::new()
    }
}
