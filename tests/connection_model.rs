//! Runs the model of a connection with two ends: see models/connection.rs.
#![cfg(not(target_arch = "wasm32"))]

mod models;

use models::connection::{self, Course, End, Op, Pair, ours};
use peerjs_wasm::proto::connection::control::{Frame, StreamMetadata};
use peerjs_wasm::proto::connection::{METADATA, Output};
use peerjs_wasm::proto::message::Features;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_ends_come_together_whatever_the_network_does(course in models::from_bytes::<Course>(600)) {
        course.run();
    }

    #[test]
    fn control_frames_are_read_as_they_were_written(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        connection::control(&bytes);
        connection::control(&[b"1d", bytes.as_slice()].concat());
    }
}

#[test]
fn a_glare_is_resolved_fifty_times_over() {
    let mut pair = Pair::connected(ours());
    for round in 0..50 {
        pair.perform(Op::Toggle(End::Caller, round));
        pair.perform(Op::Toggle(End::Callee, round / 2));
        for end in [End::Caller, End::Callee] {
            pair.perform(Op::Needed(end));
            pair.perform(Op::Finish(end));
        }
        pair.settle();
        pair.check();
    }
    assert_eq!((pair.caller.warned, pair.callee.warned), (0, 0));
}

#[test]
fn what_the_path_does_not_carry_goes_through_the_server() {
    let mut pair = Pair::connected(ours());
    pair.perform(Op::Cut);
    pair.perform(Op::Toggle(End::Caller, 1));
    pair.perform(Op::Needed(End::Caller));
    pair.perform(Op::Finish(End::Caller));
    pair.perform(Op::Wait(1_000));
    pair.perform(Op::Deliver(End::Callee, 0));
    assert!(pair.callee.pc.operation.is_some(), "the offer did not come through the server");
    pair.settle();
    pair.check();
}

#[test]
fn what_the_server_has_lost_goes_over_the_control_channel_when_that_opens() {
    let mut pair = Pair::connected(ours());
    let now = pair.now;
    pair.caller.core.control_closed();
    let stream = StreamMetadata { id: "screen".into(), json: "1".into(), branch: 0 };
    assert!(pair.caller.core.describe(&stream, now));
    pair.work_at(End::Caller);
    pair.perform(Op::Lose(End::Callee, 0));
    pair.caller.core.control_opened(now);
    pair.work();
    assert!(pair.callee.core.stream("screen").is_some());
}

#[test]
fn the_metadata_of_a_stream_comes_before_its_offer_and_is_bounded() {
    let mut pair = Pair::connected(ours());
    let metadata = |id: &str, json: &str| StreamMetadata { id: id.into(), json: json.into(), branch: 0 };
    assert!(pair.caller.core.describe(&metadata("screen", "1"), pair.now));
    assert!(pair.caller.core.describe(&metadata("screen", "2"), pair.now), "it may be told anew");
    pair.settle();
    let known = |pair: &Pair, id: &str| pair.callee.core.stream(id).map(|stream| stream.json.clone());
    assert_eq!(known(&pair, "screen").as_deref(), Some("2"));
    assert_eq!(known(&pair, "camera"), None);
    assert!(!pair.caller.core.describe(&metadata("long", &"x".repeat(METADATA + 1)), pair.now));
    for round in 0..10 {
        for id in 0..10 {
            assert!(pair.caller.core.describe(&metadata(&format!("{round} {id}"), "3"), pair.now));
        }
        pair.settle();
    }
    let is_known = |id: usize| known(&pair, &format!("{} {}", id / 10, id % 10)).is_some();
    assert_eq!((0..100).filter(|id| is_known(*id)).collect::<Vec<_>>(), (36..100).collect::<Vec<_>>());
    let long =
        Frame::Data { number: 103, received: 0, message: &["slong\n", &"x".repeat(METADATA + 1)].concat() };
    pair.callee.core.control(&long.write(), pair.now);
    assert_eq!(known(&pair, "long"), None, "the remote keeps to the limit, too");
}

#[test]
fn an_rtcpeerconnection_that_says_it_is_closed_is_no_error() {
    let mut pair = Pair::connected(ours());
    pair.callee.core.path_changed("closed", 0.0);
    let told: Vec<_> = std::iter::from_fn(|| pair.callee.core.poll(pair.now)).collect();
    assert!(told.contains(&Output::Closed { expected: false }), "{told:?}");
    assert!(!told.iter().any(|output| matches!(output, Output::Error(_))), "{told:?}");
}

#[test]
fn an_offer_that_nobody_answers_is_rolled_back() {
    let mut pair = Pair::connected(ours());
    pair.perform(Op::Cut);
    pair.perform(Op::Toggle(End::Caller, 1));
    pair.perform(Op::Needed(End::Caller));
    pair.perform(Op::Finish(End::Caller));
    for _ in 0..31 {
        pair.perform(Op::Wait(1_000));
        for _ in 0..16 {
            pair.perform(Op::Lose(End::Callee, 0));
        }
    }
    assert!(pair.caller.pc.operation.is_some(), "nothing is rolled back");
    pair.settle();
    pair.check();
}

#[test]
fn an_offer_that_was_taken_but_answered_too_late_is_corrected() {
    let mut pair = Pair::connected(ours());
    pair.perform(Op::Toggle(End::Caller, 1));
    pair.perform(Op::Needed(End::Caller));
    pair.perform(Op::Finish(End::Caller));
    pair.perform(Op::Arrive(End::Callee));
    pair.perform(Op::Finish(End::Callee));
    pair.perform(Op::Finish(End::Callee));
    assert!(pair.callee.pc.remote.contains(&1), "the offer was not taken");
    pair.perform(Op::Cut);
    for _ in 0..31 {
        pair.perform(Op::Wait(1_000));
        for _ in 0..16 {
            pair.perform(Op::Lose(End::Caller, 0));
        }
    }
    pair.perform(Op::Finish(End::Caller));
    pair.perform(Op::Toggle(End::Caller, 1));
    pair.settle();
    pair.check();
}

#[test]
fn with_peerjs_nothing_is_negotiated_again() {
    let mut pair = Pair::connected(Features::default());
    pair.perform(Op::Toggle(End::Caller, 1));
    pair.perform(Op::Needed(End::Caller));
    assert_eq!(pair.caller.pc.operation, None);
    assert_eq!(pair.half(End::Caller).core.ping(0.0), None);
}

#[test]
fn a_ping_is_answered_or_given_up() {
    let mut pair = Pair::connected(ours());
    pair.perform(Op::Ping(End::Caller));
    pair.settle();
    pair.check();
    pair.perform(Op::Ping(End::Callee));
    pair.perform(Op::Cut);
    pair.perform(Op::Wait(10_000));
    pair.settle();
    pair.check();
}
