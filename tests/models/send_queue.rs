//! A model of the send queue, with a channel that drains after any time and refuses frames when it is full, and with
//! messages of many frames that may not be ready or cannot be read.

use std::collections::VecDeque;

use arbitrary::{Arbitrary, Result, Unstructured};
use peerjs_wasm::proto::send_queue::{Entry, HIGH, LOW, Next, SendQueue};

/// The limit of Chromium in bytes, beyond which it refuses frames.
const HARD: u64 = 16 << 20;

#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    id: usize,
    frames: VecDeque<u32>,
    /// How many further attempts find it not ready.
    unready: u32,
    /// Whether its last frame cannot be read.
    broken: bool,
    /// How many messages were batched with it.
    joined: usize,
}

impl Entry for Message {
    fn messages(&self) -> usize {
        1 + self.joined
    }
}

/// The most messages in one batch.
const FULL: usize = 100;

#[derive(Clone, Debug)]
pub enum Op {
    Push {
        frames: Vec<u32>,
        unready: u32,
        broken: bool,
    },
    /// Small messages of one byte each, which may be batched.
    Gather(usize),
    /// The end of the task in which they were sent.
    Release,
    /// The application sends bytes on the channel without the queue.
    Foreign(u32),
    Drain(u32),
    Ready,
    Clear,
    Finish,
}

impl<'a> Arbitrary<'a> for Op {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match u.int_in_range(0..=23)? {
            0..=8 => {
                let (count, least, most) = match u.int_in_range(0..=6)? {
                    0..=3 => (1, 1, 2000),
                    4..=5 => (u.int_in_range(1..=200)?, 60_000, 66_000),
                    _ => (u.int_in_range(1..=2)?, 200_000, 900_000),
                };
                let length = u.int_in_range(least..=most)?;
                let frames = (0..count).map(|nth| length - nth.min(least - 1)).collect();
                let unready = if u.ratio(1, 4)? { u.int_in_range(1..=3)? } else { 0 };
                Self::Push { frames, unready, broken: u.ratio(1, 8)? }
            }
            9..=12 => Self::Drain(u.int_in_range(0..=6_000_000)?),
            13..=14 => Self::Ready,
            15 => Self::Foreign(u.int_in_range(0..=16 << 20)?),
            16 => Self::Clear,
            17..=20 => Self::Gather(u.int_in_range(1..=300)?),
            21..=22 => Self::Release,
            _ => Self::Finish,
        })
    }
}

/// A sequence of operations of an application and a channel. At the end, each message that was accepted and not cleared
/// has been sent in order, or reported, once.
#[derive(Clone, Debug, Arbitrary)]
pub struct Traffic(Vec<Op>);

impl Traffic {
    pub fn run(self) {
        let mut world = World::default();
        for op in self.0 {
            world.apply(op);
        }
        world.settle();
        if world.finished {
            world.expected.push(Sent::Close);
        }
        assert!(world.queue.is_empty());
        assert_eq!(world.sent, world.expected);
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Sent {
    Frame { id: usize, len: u32 },
    Failed { id: usize },
    Close,
}

#[derive(Default)]
pub struct World {
    pub queue: SendQueue<Message>,
    buffered: u64,
    threshold: u64,
    pub sent: Vec<Sent>,
    next_id: usize,
    /// The messages that must have been sent at the end.
    expected: Vec<Sent>,
    /// The messages that are not sent completely.
    open: Vec<usize>,
    finished: bool,
    parked: bool,
    /// Whether the application has sent bytes without the queue.
    foreign: bool,
}

impl World {
    pub fn apply(&mut self, op: Op) {
        match op {
            Op::Push { frames, unready, broken } => self.push(frames, unready, broken),
            Op::Gather(count) => (0..count).for_each(|_| self.gather()),
            Op::Release => {
                self.queue.release();
            }
            Op::Foreign(bytes) => {
                self.foreign = true;
                self.buffered = HARD.min(self.buffered + u64::from(bytes));
            }
            Op::Drain(bytes) => self.drain(bytes.into()),
            Op::Ready => self.ready(),
            Op::Clear => {
                self.queue.clear();
                self.parked = false;
                self.expected = self.sent.iter().filter(|sent| **sent != Sent::Close).cloned().collect();
                self.open.clear();
            }
            Op::Finish => {
                self.queue.finish();
                self.finished = true;
            }
        }
        self.pump();
    }

    fn push(&mut self, frames: Vec<u32>, unready: u32, broken: bool) {
        if self.queue.is_finishing() {
            return;
        }
        let id = self.next_id;
        self.next_id += 1;
        self.expected.extend(frames.iter().map(|&len| Sent::Frame { id, len }));
        if broken {
            self.expected.pop();
            self.expected.push(Sent::Failed { id });
        }
        let fits = self.buffered + u64::from(frames[0]) <= HARD;
        if frames.len() == 1 && unready == 0 && !broken && fits && self.queue.is_free() {
            assert!(self.open.is_empty(), "a frame overtook {:?}", self.open);
            self.give(id, frames[0]);
            self.queue.passed(frames[0].into());
            return;
        }
        self.open.push(id);
        self.queue.push(Message { id, frames: frames.into(), unready, broken, joined: 0 });
        self.queue.release();
    }

    /// Sends the first message at once; the next ones are held until the end of the task.
    fn gather(&mut self) {
        if self.queue.is_finishing() {
            return;
        }
        if self.queue.is_free() && self.buffered < HARD {
            self.push(vec![1], 0, false);
            self.queue.hold();
            return;
        }
        let joined = self.queue.join(|last| {
            let room = !last.broken && last.frames == [last.joined as u32 + 1] && last.messages() < FULL;
            if room {
                last.joined += 1;
                last.frames[0] += 1;
            }
            room
        });
        if joined {
            let Some(Sent::Frame { len, .. }) = self.expected.last_mut() else { panic!("joined nothing") };
            *len += 1;
            self.open.extend(self.open.last().copied());
            return;
        }
        let held = self.queue.release();
        self.pump();
        self.push(vec![1], 0, false);
        if held {
            self.queue.hold();
        }
    }

    fn give(&mut self, id: usize, len: u32) {
        self.buffered += u64::from(len);
        self.sent.push(Sent::Frame { id, len });
    }

    fn pump(&mut self) {
        loop {
            let buffered = self.buffered;
            match self.queue.next(|| buffered) {
                Next::Send(mut message) => {
                    assert!(matches!(self.queue.next(|| buffered), Next::Nothing), "it sends two at once");
                    if message.unready > 0 {
                        message.unready -= 1;
                        self.parked = true;
                        self.queue.park(message);
                        continue;
                    }
                    assert!(self.foreign || self.buffered < HIGH, "it overfills the channel");
                    if message.broken && message.frames.len() == 1 {
                        self.sent.push(Sent::Failed { id: message.id });
                        self.open.remove(0);
                        self.queue.sent(0, None);
                        continue;
                    }
                    let len = message.frames[0];
                    if self.buffered + u64::from(len) > HARD {
                        self.threshold = LOW.into();
                        self.queue.refused(message);
                        continue;
                    }
                    message.frames.pop_front();
                    self.give(message.id, len);
                    let more = !message.frames.is_empty();
                    if !more {
                        self.open.drain(..message.messages());
                    }
                    self.queue.sent(len.into(), more.then_some(message));
                }
                Next::AwaitLow(threshold) => {
                    assert!(self.buffered > threshold.into(), "it awaits an event that never comes");
                    self.threshold = threshold.into();
                }
                Next::Close => {
                    assert_eq!(self.buffered, 0, "closed before all was drained");
                    self.sent.push(Sent::Close);
                }
                Next::Nothing => break,
            }
            assert_eq!(self.queue.len(), self.open.len(), "wrong number of messages");
        }
    }

    fn drain(&mut self, bytes: u64) {
        let before = self.buffered;
        self.buffered = before.saturating_sub(bytes);
        if before > self.threshold && self.buffered <= self.threshold {
            self.queue.low(self.buffered);
        }
    }

    fn ready(&mut self) {
        if std::mem::take(&mut self.parked) {
            self.queue.ready();
        }
    }

    /// Drains the channel and makes all messages ready, until nothing changes.
    pub fn settle(&mut self) {
        self.apply(Op::Release);
        while self.buffered > 0 || self.parked {
            self.apply(Op::Ready);
            self.apply(Op::Drain(300_000));
        }
    }
}
