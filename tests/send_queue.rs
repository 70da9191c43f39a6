//! The send queue against a model: a channel that drains when it likes, refuses when it is full, and messages of many
//! frames that are not always ready.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::VecDeque;

use peerjs_wasm::core::send_queue::{Entry, HIGH, LOW, Next, SendQueue};
use proptest::prelude::*;

/// Chromium's own limit.
const HARD: u64 = 16 << 20;

#[derive(Clone, Debug, PartialEq)]
struct Message {
    id: usize,
    frames: VecDeque<u32>,
    /// Before this many more attempts it is not ready.
    unready: u32,
    /// Messages that have joined it since.
    joined: usize,
}

impl Entry for Message {
    fn messages(&self) -> usize {
        1 + self.joined
    }
}

/// The most that share a frame.
const FULL: usize = 100;

#[derive(Clone, Debug)]
enum Op {
    Push {
        frames: Vec<u32>,
        unready: u32,
    },
    /// Small ones, of a byte each, that may share a frame.
    Gather(usize),
    /// The task ends in which they were sent.
    Release,
    /// The user puts bytes into the channel behind the queue's back.
    Foreign(u32),
    Drain(u32),
    Ready,
    Clear,
    Finish,
}

#[derive(Clone, Debug, PartialEq)]
enum Sent {
    Frame { id: usize, len: u32 },
    Close,
}

#[derive(Default)]
struct World {
    queue: SendQueue<Message>,
    buffered: u64,
    threshold: u64,
    sent: Vec<Sent>,
    next_id: usize,
    /// What must have been sent when all has come to rest.
    expected: Vec<Sent>,
    /// Messages that are not completely sent, as far as the model knows.
    open: Vec<usize>,
    finished: bool,
    parked: bool,
    /// The channel holds, or has held, what the queue knows nothing of.
    foreign: bool,
}

impl World {
    fn apply(&mut self, op: Op) {
        match op {
            Op::Push { frames, unready } => self.push(frames, unready),
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
                let frame = |sent: &&Sent| matches!(sent, Sent::Frame { .. });
                self.expected = self.sent.iter().filter(frame).cloned().collect();
                self.open.clear();
            }
            Op::Finish => {
                self.queue.finish();
                self.finished = true;
            }
        }
        self.pump();
    }

    fn push(&mut self, frames: Vec<u32>, unready: u32) {
        if self.queue.is_finishing() {
            return;
        }
        let id = self.next_id;
        self.next_id += 1;
        self.expected.extend(frames.iter().map(|&len| Sent::Frame { id, len }));
        let fits = self.buffered + u64::from(frames[0]) <= HARD;
        if frames.len() == 1 && unready == 0 && fits && self.queue.is_free() {
            assert!(self.open.is_empty(), "a frame overtook {:?}", self.open);
            self.give(id, frames[0]);
            self.queue.passed(frames[0].into());
            return;
        }
        self.open.push(id);
        self.queue.push(Message { id, frames: frames.into(), unready, joined: 0 });
        self.queue.release();
    }

    /// The first goes at once, the next wait for the end of the task.
    fn gather(&mut self) {
        if self.queue.is_finishing() {
            return;
        }
        if self.queue.is_free() && self.buffered < HARD {
            self.push(vec![1], 0);
            self.queue.hold();
            return;
        }
        let joined = self.queue.join(|last| {
            let room = last.frames == [last.joined as u32 + 1] && last.messages() < FULL;
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
        self.push(vec![1], 0);
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

    /// Lets everything happen that can.
    fn settle(&mut self) {
        self.apply(Op::Release);
        while self.buffered > 0 || self.parked {
            self.apply(Op::Ready);
            self.apply(Op::Drain(300_000));
        }
    }
}

fn op() -> impl Strategy<Value = Op> {
    let frames = prop_oneof![
        4 => prop::collection::vec(1u32..2000, 1..2),
        2 => prop::collection::vec(60_000u32..66_000, 1..200),
        1 => prop::collection::vec(200_000u32..900_000, 1..3),
    ];
    prop_oneof![
        8 => (frames, prop_oneof![3 => Just(0u32), 1 => 1u32..4])
            .prop_map(|(frames, unready)| Op::Push { frames, unready }),
        4 => (1usize..300).prop_map(Op::Gather),
        2 => Just(Op::Release),
        4 => (0u32..6_000_000).prop_map(Op::Drain),
        3 => Just(Op::Ready),
        1 => (0u32..(16 << 20)).prop_map(Op::Foreign),
        1 => Just(Op::Clear),
        1 => Just(Op::Finish),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn keeps_order_loses_nothing_and_never_gets_stuck(ops in prop::collection::vec(op(), 1..60)) {
        let mut world = World::default();
        for op in ops {
            world.apply(op);
        }
        world.settle();
        if world.finished {
            world.expected.push(Sent::Close);
        }
        prop_assert!(world.queue.is_empty());
        prop_assert_eq!(world.sent, world.expected);
    }
}

#[test]
fn sixty_thousand_tiny_messages_behind_a_full_buffer_all_go() {
    let mut world = World::default();
    world.apply(Op::Foreign(10 << 20));
    world.apply(Op::Push { frames: vec![HIGH as u32], unready: 0 });
    for _ in 0..60_000 {
        world.apply(Op::Push { frames: vec![20], unready: 0 });
    }
    assert_eq!(world.queue.len(), 60_000);
    world.settle();
    assert_eq!(world.sent.len(), 60_001);
}

#[derive(Debug, PartialEq)]
struct Named(&'static str);

impl Entry for Named {
    fn messages(&self) -> usize {
        1
    }
}

#[test]
fn a_message_in_hand_is_counted_and_may_be_forgotten() {
    let mut queue = SendQueue::default();
    queue.push(Named("a"));
    let Next::Send(message) = queue.next(|| 0) else { panic!("nothing to send") };
    assert_eq!(queue.len(), 1);
    assert!(!queue.is_free(), "another would overtake it");
    queue.clear();
    queue.push(Named("b"));
    queue.sent(10, Some(message));
    assert_eq!(queue.next(|| 0), Next::Send(Named("b")));
}
