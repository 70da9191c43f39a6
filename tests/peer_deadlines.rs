//! No connection stays half-open for ever: a message that is lost is a failure within a stated time.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use peerjs_wasm::proto::connection::PATIENCE;
use peerjs_wasm::proto::error::ConnectionError;
use peerjs_wasm::proto::message::{Message, MessageType, Payload};
use peerjs_wasm::proto::peer::{Output, Peer};
use support::{Note, World, options};

const FAILED: [&str; 2] = ["connection to b error negotiation-failed", "connection to b close"];

#[test]
fn a_connection_whose_answer_never_comes_fails() {
    let mut world = World::default();
    let alice = world.open_peer("a");
    let bob = world.open_peer("b");
    world.deafen(bob);
    world.connect(alice, "b").unwrap();
    world.run(PATIENCE - 1.0);
    assert_eq!(world.take_log(alice), [""; 0]);
    world.run(1.0);
    assert_eq!(world.take_log(alice), FAILED);
    assert!(world.browsers[alice].connections.is_empty());
    world.run(PATIENCE);
    assert_eq!(world.take_log(alice), [""; 0]);
}

#[test]
fn each_has_its_own_time() {
    let mut world = World::default();
    let alice = world.open_peer("a");
    let bob = world.open_peer("b");
    world.deafen(bob);
    world.connect(alice, "b").unwrap();
    world.run(10_000.0);
    world.connect(alice, "b").unwrap();
    world.run(PATIENCE - 10_000.0);
    assert_eq!(world.take_log(alice), FAILED);
    world.run(10_000.0);
    assert_eq!(world.take_log(alice), FAILED);
}

#[test]
fn one_that_opens_has_all_the_time_in_the_world() {
    let mut world = World::default();
    let alice = world.open_peer("a");
    world.open_peer("b");
    world.connect(alice, "b").unwrap();
    world.run(100.0);
    assert_eq!(world.take_log(alice), ["connection to b open"]);
    world.run(10.0 * PATIENCE);
    assert_eq!(world.take_log(alice), [""; 0]);
}

#[test]
fn the_time_runs_from_when_the_server_takes_the_offer() {
    let mut core = Peer::<Note>::new(options("t"));
    core.start(Some("a".into()), true, 0.0);
    let Some(Output::OpenSocket { attempt, .. }) = core.poll() else { panic!("opens a socket") };
    let key = core.add("b", "dc_1");
    core.connection_awaited(key, 0.0);
    let drained = |core: &mut Peer<Note>| std::iter::from_fn(|| core.poll()).collect::<Vec<_>>();
    core.socket_opened(attempt, 0.0);
    core.receive(attempt, support::open(), 15_000.0);
    drained(&mut core);
    core.tick(15_000.0 + PATIENCE - 1.0);
    let outputs = drained(&mut core);
    assert!(!outputs.iter().any(|output| matches!(output, Output::CloseConnection(..))), "{outputs:?}");
    core.tick(15_000.0 + PATIENCE);
    let closed = Output::CloseConnection(key, Some(ConnectionError::NegotiationFailed));
    assert!(drained(&mut core).contains(&closed));
}

#[test]
fn one_that_waits_for_a_server_that_never_comes_costs_no_timer() {
    let mut core = Peer::<Note>::new(options("t"));
    let key = core.add("b", "dc_1");
    core.connection_awaited(key, 0.0);
    assert_eq!(core.deadline(), None);
}

#[test]
fn losing_the_server_stops_no_clock() {
    let mut world = World::default();
    let alice = world.open_peer("a");
    let bob = world.open_peer("b");
    world.deafen(bob);
    world.connect(alice, "b").unwrap();
    world.run(10_000.0);
    world.cut(alice);
    world.take_log(alice);
    world.run(PATIENCE - 10_000.0);
    assert_eq!(world.take_log(alice), FAILED);
}

#[test]
fn a_server_that_delivers_is_there_though_its_answer_has_to_wait() {
    let mut core = Peer::<Note>::new(options("t"));
    core.start(Some("a".into()), true, 0.0);
    let Some(Output::OpenSocket { attempt, .. }) = core.poll() else { panic!("opens a socket") };
    core.socket_opened(attempt, 0.0);
    core.receive(attempt, support::open(), 0.0);
    let from = |peer: &str| Message {
        kind: MessageType::Candidate,
        peer: peer.into(),
        payload: Some(Note::probe("t")),
    };
    core.receive(attempt, from("a"), 0.0);
    let lost = |core: &mut Peer<Note>| {
        std::iter::from_fn(|| core.poll()).any(|output| matches!(output, Output::Disconnected(..)))
    };
    for second in 1..100 {
        let now = f64::from(second) * 1000.0;
        core.receive(attempt, from("b"), now);
        core.tick(now);
        assert!(!lost(&mut core), "after {second} s");
    }
    let silent = (100..130).find(|second| {
        core.tick(f64::from(*second) * 1000.0);
        lost(&mut core)
    });
    assert!(silent.is_some_and(|second| second <= 125), "{silent:?}");
}

#[test]
fn a_call_rings_for_as_long_as_it_likes() {
    let mut world = World::default();
    let alice = world.open_peer("a");
    // The web side says that a call is awaited when it is answered, not before.
    let key = world.add(alice, "b", "mc_1");
    world.run(100.0 * PATIENCE);
    assert_eq!(world.take_log(alice), [""; 0]);
    let core = &mut world.browsers[alice].core;
    core.connection_opened(key);
    core.connection_awaited(key, world.now);
    world.run(PATIENCE);
    assert_eq!(world.take_log(alice), FAILED, "but then it is to find a path");
}

#[test]
fn a_listener_may_try_again_and_that_has_its_own_time() {
    let mut world = World::default();
    let alice = world.open_peer("a");
    let bob = world.open_peer("b");
    world.deafen(bob);
    world.connect(alice, "b").unwrap();
    world.on(alice, "connection to b error", move |world| {
        world.connect(alice, "b");
    });
    world.run(PATIENCE);
    assert_eq!(world.take_log(alice), FAILED);
    assert_eq!(world.browsers[alice].connections.len(), 1);
    world.run(PATIENCE);
    // By now bob has noticed that his line is dead, and left.
    assert!(world.take_log(alice).ends_with(&["connection to b close".into()]));
    assert!(world.browsers[alice].connections.is_empty());
}
