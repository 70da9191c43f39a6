//! No connection stays half-open forever: if a message is lost, the connection fails within a stated time.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use peerjs_wasm::proto::connection::PATIENCE;
use peerjs_wasm::proto::error::ConnectionError;
use peerjs_wasm::proto::peer::{Output, Peer};
use peerjs_wasm::proto::time::NEVER;
use peerjs_wasm::proto::transport::Event;
use support::{Note, World};

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
    let mut core = Peer::<Note>::default();
    core.start(Some("a".into()), None);
    let Some(Output::Connect { attempt, .. }) = core.poll() else { panic!("connects") };
    let key = core.add("b", "dc_1", None);
    core.connection_awaited(key, 0.0);
    let drained = |core: &mut Peer<Note>| std::iter::from_fn(|| core.poll()).collect::<Vec<_>>();
    core.report(attempt, Event::Registered, 15_000.0);
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
    let mut core = Peer::<Note>::default();
    let key = core.add("b", "dc_1", None);
    core.connection_awaited(key, 0.0);
    assert_eq!(core.deadline(), NEVER);
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
fn a_call_rings_for_as_long_as_it_likes() {
    let mut world = World::default();
    let alice = world.open_peer("a");
    // src/web reports an incoming call as awaited only when it is answered.
    let key = world.add(alice, "b", "mc_1", None);
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
    // Bob has detected that his socket is dead, and has left.
    assert!(world.take_log(alice).ends_with(&["connection to b close".into()]));
    assert!(world.browsers[alice].connections.is_empty());
}
