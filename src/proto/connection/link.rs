//! Control messages that arrive once and in order, though each way to the remote may lose, repeat and reorder them.
//!
//! Every message has a number and is kept until the remote has acknowledged it. Over the control channel it is sent at
//! once; a message that is not acknowledged in time, because the path is lost or the channel is not open, goes through
//! the signalling server, again and again with growing pauses. The remote takes messages in the order of their numbers
//! and ignores those that it has or that come too early.

use super::control::Frame;
use crate::proto::time::{Millis, NEVER, earlier};

/// How many messages may wait for their acknowledgement. A negotiation is a description and some ten candidates.
const UNACKNOWLEDGED: usize = 256;

/// How long an acknowledgement is waited for at first, in milliseconds; and at most, doubled each time.
const FIRST_WAIT: Millis = 1_000.0;
const LONGEST_WAIT: Millis = 8_000.0;

/// The messages on their way in both directions.
pub struct Link {
    /// The number of the last message sent,
    sent: u32,
    /// and of the last one received.
    received: u32,
    unacknowledged: Vec<(u32, String)>,
    wait: Millis,
    /// When what is not acknowledged is sent again.
    deadline: Millis,
}

impl Default for Link {
    fn default() -> Self {
        Self { sent: 0, received: 0, unacknowledged: Vec::new(), wait: FIRST_WAIT, deadline: NEVER }
    }
}

impl Link {
    /// Sends a message: gives the frame and its number. None when too many wait already, which only a remote can bring
    /// about that acknowledges nothing.
    pub fn send(&mut self, message: String, now: Millis) -> Option<(u32, String)> {
        if self.unacknowledged.len() >= UNACKNOWLEDGED {
            return None;
        }
        self.sent += 1;
        let frame = self.frame(self.sent, &message);
        self.unacknowledged.push((self.sent, message));
        self.deadline = earlier(self.deadline, now + self.wait);
        Some((self.sent, frame))
    }

    /// A message came. Gives whether it is the next one, and so to be taken; it is to be acknowledged in any case.
    pub fn receive(&mut self, number: u32, received: u32, now: Millis) -> bool {
        self.acknowledged(received, now);
        let next = self.is_next(number);
        if next {
            self.received = number;
        }
        next
    }

    /// The frame that acknowledges what was received.
    pub fn acknowledgement(&self) -> String {
        Frame::Received(self.received).write()
    }

    /// The remote has received every message up to this one.
    pub fn acknowledged(&mut self, received: u32, now: Millis) {
        let before = self.unacknowledged.len();
        self.unacknowledged.retain(|(number, _)| *number > received);
        if self.unacknowledged.len() < before {
            self.wait = FIRST_WAIT;
            self.deadline = if self.unacknowledged.is_empty() { NEVER } else { now + self.wait };
        }
    }

    /// When something is to be sent again.
    pub fn deadline(&self) -> Millis {
        self.deadline
    }

    /// What is not acknowledged is sent again now.
    pub fn hurry(&mut self, now: Millis) {
        if !self.unacknowledged.is_empty() {
            self.wait = FIRST_WAIT;
            self.deadline = now;
        }
    }

    /// Whether the message of that number is the next one.
    pub fn is_next(&self, number: u32) -> bool {
        number == self.received.wrapping_add(1)
    }

    /// What is to be sent again, since it was not acknowledged in time: the first few only, as the remote takes them in
    /// order.
    pub fn overdue(&mut self, now: Millis) -> Vec<String> {
        if now < self.deadline {
            return Vec::new();
        }
        self.wait = earlier(self.wait * 2.0, LONGEST_WAIT);
        self.deadline = now + self.wait;
        self.waiting().take(16).collect()
    }

    /// What is not acknowledged.
    pub fn waiting(&self) -> impl Iterator<Item = String> + '_ {
        self.unacknowledged.iter().map(|(number, message)| self.frame(*number, message))
    }

    fn frame(&self, number: u32, message: &str) -> String {
        Frame::Data { number, received: self.received, message }.write()
    }
}
