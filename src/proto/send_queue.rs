//! The one line in which messages wait for the data channel.
//!
//! Decides only: whoever owns it asks [`SendQueue::next`] what to do until it says [`Next::Nothing`], does it, and says
//! how it went. The message whose turn it is is handed out, so that nothing is borrowed while it is sent: that may run
//! the user's code, which may send.

use std::collections::VecDeque;
use std::mem;

/// Nothing more is given to a channel that has this many bytes buffered. Chromium refuses at 16 MiB, and used to close.
pub const HIGH: u64 = 2 << 20;

/// A full channel is given more when this many bytes are left: enough to keep it busy until the page gets to it.
pub const LOW: u32 = 1 << 20;

/// What a UTF-16 unit of a text frame counts, in bytes: the most that it takes as UTF-8. Both ends count so.
pub const TEXT_UNIT: u64 = 3;

/// A sender that waits for room lets no more small messages gather, though it sends without an end in one task.
const GATHERED: usize = 1024;

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Next<M> {
    /// Send the next frame of this message. Then say [`SendQueue::sent`], or hand it back to [`SendQueue::park`] or
    /// [`SendQueue::refused`].
    Send(M),
    /// Have the channel tell when it has no more than this buffered, then say [`SendQueue::low`].
    AwaitLow(u32),
    /// Close the channel: all has left it.
    Close,
    /// Wait until something changes.
    Nothing,
}

/// What waits in a [`SendQueue`].
pub trait Entry {
    /// How many messages it is.
    fn messages(&self) -> usize;
}

/// Messages on their way to a data channel, first come, first served.
pub struct SendQueue<M> {
    waiting: VecDeque<M>,
    first: First,
    /// At most this much is in the channel's buffer, which drains unseen.
    buffered: u64,
    /// How many bytes have gone to the channel in all,
    total: u64,
    /// and how many the remote takes in all, if it has said so.
    limit: Option<u64>,
    /// The channel will tell when it can take more.
    full: bool,
    /// Messages gather.
    held: bool,
    /// How many messages wait in line,
    in_line: usize,
    /// and how many are handed out.
    handed_out: usize,
    end: End,
}

/// Where the first message is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    InLine,
    /// In line, but some of it is not there yet.
    Parked,
    HandedOut,
    /// Handed out when all was cleared.
    Forgotten,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Open,
    /// Wanted once all is sent and drained.
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
    /// What to do now. `buffered` tells how much the channel has buffered; it is asked only when that matters.
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

    /// Puts a message at the end of the line.
    pub fn push(&mut self, message: M) {
        self.in_line += message.messages();
        self.waiting.push_back(message);
    }

    /// Adds one more message to the last in the line, which takes it or not. Returns whether it did.
    pub fn join(&mut self, add: impl FnOnce(&mut M) -> bool) -> bool {
        let joined = self.waiting.back_mut().is_some_and(add);
        self.in_line += usize::from(joined);
        joined
    }

    /// From now on messages wait, so that they can gather, for [`SendQueue::release`].
    pub fn hold(&mut self) {
        self.held = true;
    }

    /// They have gathered. Returns whether they did.
    pub fn release(&mut self) -> bool {
        mem::take(&mut self.held)
    }

    /// Takes the last message out of the line.
    pub fn pop_last(&mut self) -> Option<M> {
        let last = self.waiting.pop_back()?;
        self.in_line -= last.messages();
        Some(last)
    }

    /// Whether a frame may go straight to the channel: it would overtake nobody and finds room. Say
    /// [`SendQueue::passed`] afterwards.
    pub fn is_free(&self) -> bool {
        self.is_empty()
            && self.first == First::InLine
            && !self.full
            && !self.held
            && self.buffered < HIGH
            && !self.is_spent()
    }

    /// A frame of this many bytes went straight to the channel.
    pub fn passed(&mut self, bytes: u64) {
        self.buffered += bytes;
        self.total += bytes;
    }

    /// The channel took a frame of this many bytes. `rest` is the message if there is more of it; without it, it is
    /// done, or given up.
    pub fn sent(&mut self, bytes: u64, rest: Option<M>) {
        self.passed(bytes);
        self.take_back(rest);
    }

    /// The remote takes this many bytes in all. A frame that begins below the limit is sent whole; a limit that was given
    /// once is not taken back.
    pub fn set_limit(&mut self, bytes: u64) {
        self.limit = Some(self.limit.map_or(bytes, |limit| limit.max(bytes)));
    }

    /// The message is not ready to be sent. Nobody overtakes it; say [`SendQueue::ready`] when it is.
    pub fn park(&mut self, message: M) {
        if self.take_back(Some(message)) {
            self.first = First::Parked;
        }
    }

    /// What the parked message waited for is there.
    pub fn ready(&mut self) {
        if self.first == First::Parked {
            self.first = First::InLine;
        }
    }

    /// The channel is full although it should not be, and did not take the frame. It is tried again when the channel
    /// tells that it has no more than [`LOW`] buffered.
    pub fn refused(&mut self, message: M) {
        self.full = true;
        self.take_back(Some(message));
    }

    /// The channel tells that it is low: it has this much buffered.
    pub fn low(&mut self, buffered: u64) {
        self.full = false;
        self.buffered = buffered;
    }

    /// How many messages wait to be sent, or to be sent completely.
    pub fn len(&self) -> usize {
        self.in_line + self.handed_out
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether one more message would not wait behind a full channel: nothing waits, or only until the task ends.
    pub fn has_room(&self) -> bool {
        self.is_empty() || (self.held && self.len() < GATHERED)
    }

    /// Forgets all messages.
    pub fn clear(&mut self) {
        self.waiting.clear();
        (self.in_line, self.handed_out) = (0, 0);
        self.first = match self.first {
            First::InLine | First::Parked => First::InLine,
            First::HandedOut | First::Forgotten => First::Forgotten,
        };
    }

    /// The end is wanted, once all is sent and has left the channel's buffer.
    pub fn finish(&mut self) {
        if self.end == End::Open {
            self.end = End::Wanted;
            self.held = false;
        }
    }

    /// Whether the end is wanted: nothing should be added any more.
    pub fn is_finishing(&self) -> bool {
        self.end != End::Open
    }

    fn is_spent(&self) -> bool {
        self.limit.is_some_and(|limit| self.total >= limit)
    }

    /// Whether the message was still wanted.
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
