//! The queue of messages for one data channel: order, backpressure and close.
//!
//! The queue only decides. After each change its owner calls [`SendQueue::next`], carries the action out and reports
//! the result, until it returns [`Next::Nothing`]. The message to be sent is moved out of the queue, so that nothing is
//! borrowed while it is sent: sending may run code of the application, which may send again.

use std::collections::VecDeque;
use std::mem;

/// High-water mark in bytes: a channel that has this much buffered gets no more. Chromium refuses to buffer more than
/// 16 MiB, and older versions closed the channel.
pub const HIGH: u64 = 2 << 20;

/// Low-water mark in bytes: a full channel gets more data once it has no more than this buffered. It is enough to keep
/// the channel busy until the page reacts.
pub const LOW: u32 = 1 << 20;

/// How many bytes of credit one UTF-16 unit of a text frame takes: the most that it can take as UTF-8. Both ends count
/// so.
pub const TEXT_UNIT: u64 = 3;

/// How many held messages [`SendQueue::has_capacity`] allows: a sender that sends in one task without end, but waits
/// for backpressure, holds no more.
const GATHERED: usize = 1024;

/// The action that the owner of a [`SendQueue`] takes next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next<M> {
    /// Send the next frame of this message. Then call [`SendQueue::sent`], [`SendQueue::park`] or
    /// [`SendQueue::refused`].
    Send(M),
    /// Call [`SendQueue::low`] once the channel has no more than this many bytes buffered.
    AwaitLow(u32),
    /// Close the channel: its buffer is empty.
    Close,
    /// Wait until the state of the queue changes.
    Nothing,
}

/// An entry of a [`SendQueue`]: a message, or a batch of several.
pub trait Entry {
    /// Returns the number of messages in the entry.
    fn messages(&self) -> usize;
}

/// Messages for a data channel, sent in the order in which they were added.
pub struct SendQueue<M> {
    waiting: VecDeque<M>,
    first: First,
    /// Upper bound of the bytes in the buffer of the channel: the buffer drains without a report.
    buffered: u64,
    /// How many bytes were given to the channel in total.
    total: u64,
    /// The credit of the remote: how many bytes it accepts in total. `None` if it has not announced a limit.
    limit: Option<u64>,
    /// Whether the channel is full: [`SendQueue::low`] will be called.
    full: bool,
    /// Whether messages are held, to be batched.
    held: bool,
    /// How many messages are in `waiting`.
    in_line: usize,
    /// How many messages are handed out.
    handed_out: usize,
    end: End,
}

/// Where the first message is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    InLine,
    /// In line, but not ready to be sent.
    Parked,
    HandedOut,
    /// Handed out when the queue was cleared: not to be taken back.
    Forgotten,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Open,
    /// To be closed once all is sent and drained.
    Wanted,
    Closed,
}

impl<M: Entry> Default for SendQueue<M> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            first: First::InLine,
            buffered: 0,
            total: 0,
            limit: None,
            full: false,
            held: false,
            in_line: 0,
            handed_out: 0,
            end: End::Open,
        }
    }
}

impl<M: Entry> SendQueue<M> {
    /// Returns the next action. `buffered` returns how many bytes the channel has buffered; it is called only if
    /// needed.
    ///
    /// After [`Next::Send`], returns [`Next::Nothing`] until the result is reported.
    pub fn next(&mut self, buffered: impl FnOnce() -> u64) -> Next<M> {
        if self.full || self.held || self.first != First::InLine {
            return Next::Nothing;
        }
        if self.waiting.is_empty() {
            return self.next_at_end(buffered);
        }
        if self.is_spent() {
            return Next::Nothing;
        }
        if self.buffered >= HIGH {
            self.buffered = buffered();
            if self.buffered >= HIGH {
                self.full = true;
                return Next::AwaitLow(LOW);
            }
        }
        match self.waiting.pop_front() {
            Some(message) => {
                self.first = First::HandedOut;
                self.handed_out = message.messages();
                self.in_line -= self.handed_out;
                Next::Send(message)
            }
            None => Next::Nothing,
        }
    }

    fn next_at_end(&mut self, buffered: impl FnOnce() -> u64) -> Next<M> {
        if self.end != End::Wanted {
            Next::Nothing
        } else if buffered() > 0 {
            self.full = true;
            Next::AwaitLow(0)
        } else {
            self.end = End::Closed;
            Next::Close
        }
    }

    /// Adds a message at the end of the queue.
    pub fn push(&mut self, message: M) {
        self.in_line += message.messages();
        self.waiting.push_back(message);
    }

    /// Adds one message to the last entry of the queue, if `add` accepts it. Returns whether it did.
    pub fn join(&mut self, add: impl FnOnce(&mut M) -> bool) -> bool {
        let joined = self.waiting.back_mut().is_some_and(add);
        self.in_line += usize::from(joined);
        joined
    }

    /// Holds all messages until [`SendQueue::release`], so that they can be batched.
    pub fn hold(&mut self) {
        self.held = true;
    }

    /// Ends [`SendQueue::hold`]. Returns whether messages were held.
    pub fn release(&mut self) -> bool {
        mem::take(&mut self.held)
    }

    /// Removes the last entry of the queue.
    pub fn pop_last(&mut self) -> Option<M> {
        let last = self.waiting.pop_back()?;
        self.in_line -= last.messages();
        Some(last)
    }

    /// Whether a frame may be sent directly, without the queue: the queue is empty and the channel is not full. Call
    /// [`SendQueue::passed`] afterwards.
    pub fn is_free(&self) -> bool {
        self.is_empty()
            && self.first == First::InLine
            && !self.full
            && !self.held
            && self.buffered < HIGH
            && !self.is_spent()
    }

    /// Reports that a frame of this many bytes was sent directly.
    pub fn passed(&mut self, bytes: u64) {
        self.buffered += bytes;
        self.total += bytes;
    }

    /// Reports that the channel accepted a frame of this many bytes. `rest` is the message if it has more frames, and
    /// `None` if it is complete or dropped.
    pub fn sent(&mut self, bytes: u64, rest: Option<M>) {
        self.passed(bytes);
        self.take_back(rest);
    }

    /// Returns how many bytes have gone to the channel in total.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Sets how many bytes the remote accepts in total. A frame that begins below the limit is sent whole. The limit
    /// only rises: a lower one is ignored.
    pub fn set_limit(&mut self, bytes: u64) {
        self.limit = Some(self.limit.map_or(bytes, |limit| limit.max(bytes)));
    }

    /// Takes back a message that is not ready to be sent. It keeps its place, and later messages wait for it: call
    /// [`SendQueue::ready`] when it is ready.
    pub fn park(&mut self, message: M) {
        if self.take_back(Some(message)) {
            self.first = First::Parked;
        }
    }

    /// Reports that the parked message is ready. Does nothing if there is none.
    pub fn ready(&mut self) {
        if self.first == First::Parked {
            self.first = First::InLine;
        }
    }

    /// Takes back a message whose frame the channel refused because its buffer is full, below [`HIGH`]. It is sent
    /// again after [`SendQueue::low`], which is due once the channel has no more than [`LOW`] bytes buffered.
    pub fn refused(&mut self, message: M) {
        self.full = true;
        self.take_back(Some(message));
    }

    /// Reports that the channel has drained to this many bytes.
    pub fn low(&mut self, buffered: u64) {
        self.full = false;
        self.buffered = buffered;
    }

    /// Returns how many messages are not sent completely.
    pub fn len(&self) -> usize {
        self.in_line + self.handed_out
    }

    /// Whether all messages are sent.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a further message would be sent without backpressure: the queue is empty, or only holds messages to be
    /// batched.
    pub fn has_capacity(&self) -> bool {
        self.is_empty() || (self.held && self.len() < GATHERED)
    }

    /// Drops all messages, including the one that is handed out.
    pub fn clear(&mut self) {
        self.waiting.clear();
        (self.in_line, self.handed_out) = (0, 0);
        self.first = match self.first {
            First::InLine | First::Parked => First::InLine,
            First::HandedOut | First::Forgotten => First::Forgotten,
        };
    }

    /// Closes the channel once all messages are sent and its buffer is empty. Ends [`SendQueue::hold`].
    pub fn finish(&mut self) {
        if self.end == End::Open {
            self.end = End::Wanted;
            self.held = false;
        }
    }

    /// Whether [`SendQueue::finish`] was called: no more messages should be added.
    pub fn is_finishing(&self) -> bool {
        self.end != End::Open
    }

    fn is_spent(&self) -> bool {
        self.limit.is_some_and(|limit| self.total >= limit)
    }

    /// Ends the hand-out. Returns whether the message was still wanted, that is, not dropped by [`SendQueue::clear`].
    fn take_back(&mut self, message: Option<M>) -> bool {
        let wanted = mem::replace(&mut self.first, First::InLine) == First::HandedOut;
        self.handed_out = 0;
        if wanted && let Some(message) = message {
            self.in_line += message.messages();
            self.waiting.push_front(message);
        }
        wanted
    }
}
