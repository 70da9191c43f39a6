//! Signaling messages that wait until the peer is registered.

use super::message::Message;

/// How many messages are kept at the most. An application that makes connections for hours while the server is
/// unreachable must not fill the memory. An offer and its candidates are some ten to twenty messages.
const CAPACITY: usize = 2048;

/// A bounded queue of messages to peers, in the order in which they were sent.
pub struct Outbox<P> {
    waiting: Vec<Message<P>>,
}

impl<P> Outbox<P> {
    /// An empty outbox.
    pub const fn new() -> Self {
        Self { waiting: Vec::new() }
    }

    /// Adds a message. If the outbox is full, it drops and returns the oldest message.
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
