//! Runs the model of the send queue: see models/send_queue.rs.
#![cfg(not(target_arch = "wasm32"))]

mod models;

use models::send_queue::{Op, Traffic, World};
use peerjs_wasm::proto::send_queue::{Entry, HIGH, Next, SendQueue};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn keeps_order_loses_nothing_and_never_gets_stuck(traffic in models::from_bytes::<Traffic>(500)) {
        traffic.run();
    }
}

#[test]
fn sixty_thousand_tiny_messages_behind_a_full_buffer_all_go() {
    let mut world = World::default();
    world.apply(Op::Foreign(10 << 20));
    world.apply(Op::Push { frames: vec![HIGH as u32], unready: 0, broken: false });
    for _ in 0..60_000 {
        world.apply(Op::Push { frames: vec![20], unready: 0, broken: false });
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
