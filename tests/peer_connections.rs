//! The connections of a Peer: making, routing, bounding and closing them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::rc::Rc;

use peerjs_wasm::proto::message::{Message, MessageType};
use peerjs_wasm::proto::peer::{Output, Peer};
use support::{LATENCY, Note, World};

fn drained(core: &mut Peer<Note>) -> Vec<Output<Note>> {
    std::iter::from_fn(|| core.poll()).collect()
}

fn message(kind: MessageType, peer: &str, payload: Option<Note>) -> Message<Note> {
    Message { kind, peer: peer.into(), payload }
}

fn starts(log: &[String], begin: &str) -> usize {
    log.iter().filter(|event| event.starts_with(begin)).count()
}

// Making connections.

#[test]
fn two_peers_connect() {
    let mut world = World::default();
    let (alice, bob) = (world.open_peer("alice"), world.open_peer("bob"));
    world.connect(alice, "bob");
    world.run(100.0);
    assert_eq!(world.take_log(alice), ["connection to bob open"]);
    assert_eq!(world.take_log(bob), ["data from alice", "connection to alice open"]);
}

#[test]
fn many_peers_connect_before_any_of_them_is_open() {
    let mut world = World::default();
    let peers: Vec<_> =
        (0..5).map(|n| world.peer((n > 0).then_some(["", "p1", "p2", "p3", "p4"][n]))).collect();
    for from in &peers {
        for to in 1..5 {
            if *from != to {
                world.connect(*from, &format!("p{to}"));
            }
        }
    }
    world.run(1_000.0);
    for peer in &peers {
        // Peers with a chosen id: three outgoing and four incoming. Peer 0: four outgoing, since no peer knows its id.
        let open = world.browsers[*peer].connections.values().filter(|(.., open)| *open).count();
        assert_eq!(open, if *peer == 0 { 4 } else { 7 });
    }
}

#[test]
fn what_is_sent_before_open_waits_and_keeps_its_order() {
    let mut world = World::default();
    let bob = world.open_peer("bob");
    for id in [Some("alice"), None] {
        let alice = world.peer(id);
        world.connect(alice, "bob");
        for id in ["1", "2", "3"] {
            world.send(alice, MessageType::Candidate, "bob", id);
        }
        // Nothing is sent before OPEN: the world would have panicked.
        world.run(200.0);
        let sent: Vec<_> = world.sent_to(alice, "bob").map(|sent| sent.kind.as_str()).collect();
        assert_eq!(sent, ["OFFER", "CANDIDATE", "CANDIDATE", "CANDIDATE", "CANDIDATE"]);
        let log = world.take_log(alice);
        assert!(log[0].starts_with("open ") && log[1] == "connection to bob open", "{log:?}");
        assert_eq!(starts(&world.take_log(bob), "data from"), 1);
    }
}

#[test]
fn a_listener_of_open_sends_after_what_waited() {
    let mut world = World::default();
    world.open_peer("bob");
    let alice = world.peer(Some("alice"));
    world.send(alice, MessageType::Candidate, "bob", "first");
    world.on(alice, "open", move |world| world.send(alice, MessageType::Candidate, "bob", "second"));
    world.run(100.0);
    let ids = world.sent_to(alice, "bob").filter_map(|sent| sent.payload.as_ref()?.connection.clone());
    assert_eq!(ids.collect::<Vec<_>>(), ["first", "second"]);
}

#[test]
fn what_waits_is_bounded() {
    let alive = Rc::new(());
    let mut core = Peer::default();
    core.start(Some("me".into()), None);
    for _ in 0..10_000 {
        let payload = Note { alive: Rc::clone(&alive), ..Note::data("dc") };
        core.send(message(MessageType::Candidate, "far", Some(payload)));
        drained(&mut core);
    }
    assert!(Rc::strong_count(&alive) < 2_100, "{} messages wait", Rc::strong_count(&alive));
    core.destroy();
    drained(&mut core);
    assert_eq!(Rc::strong_count(&alive), 1, "and none after the end");
}

#[test]
fn a_disconnected_peer_connects_to_nobody() {
    let mut world = World::default();
    let peer = world.open_peer("a");
    world.disconnect(peer);
    assert_eq!(world.connect(peer, "b"), None);
    let expected =
        ["disconnected a", "error disconnected: Cannot connect to new Peer after disconnecting from server."];
    assert_eq!(world.take_log(peer), expected);
    world.reconnect(peer).unwrap();
    assert!(world.connect(peer, "b").is_some());
}

#[test]
fn connections_outlive_the_line_to_the_server() {
    let mut world = World::default();
    let (alice, bob) = (world.open_peer("alice"), world.open_peer("bob"));
    world.connect(alice, "bob");
    world.run(100.0);
    world.disconnect(alice);
    world.cut(bob);
    world.run(60_000.0);
    assert_eq!(world.browsers[alice].connections.len(), 1);
    assert_eq!(world.browsers[bob].connections.len(), 1);
}

#[test]
fn a_connection_to_oneself_fails_and_closes() {
    let mut world = World::default();
    let alice = world.open_peer("alice");
    world.connect(alice, "alice");
    world.run(100.0);
    let expected = ["connection to alice error negotiation-failed", "connection to alice close"];
    assert_eq!(world.take_log(alice), expected);
    assert!(world.browsers[alice].connections.is_empty());
}

// The remote peer does not exist.

#[test]
fn a_failed_connect_is_told_to_peer_and_connection_and_leaves_the_map() {
    let mut world = World::default();
    let (alice, bob) = (world.open_peer("alice"), world.open_peer("bob"));
    world.connect(alice, "bob");
    world.connect(alice, "ghost");
    world.connect(alice, "ghost");
    world.run(4_000.0);
    world.take_log(alice);
    world.run(3_000.0);
    let expected = [
        "error peer-unavailable: Could not connect to peer ghost",
        "connection to ghost error peer-unavailable",
        "connection to ghost close",
        "connection to ghost error peer-unavailable",
        "connection to ghost close",
    ];
    assert_eq!(world.take_log(alice), expected);
    assert_eq!(world.browsers[alice].core.registry().keys().count(), 1, "the one to bob");
    assert!(world.browsers[alice].core.is_open());
    assert_eq!(starts(&world.take_log(bob), "connection to alice close"), 0);
}

#[test]
fn an_open_connection_does_not_fail_because_a_later_message_was_not_taken() {
    let mut world = World::default();
    let (alice, bob) = (world.open_peer("alice"), world.open_peer("bob"));
    world.connect(alice, "bob");
    world.run(100.0);
    world.disconnect(bob);
    world.run(100.0);
    world.take_log(alice);
    world.connect(alice, "bob");
    world.run(10_000.0);
    let log = world.take_log(alice);
    assert_eq!(starts(&log, "connection to bob close"), 1, "{log:?}");
    assert_eq!(world.browsers[alice].connections.len(), 1);
}

#[test]
fn who_comes_back_within_five_seconds_is_found() {
    let mut world = World::default();
    let alice = world.open_peer("alice");
    world.connect(alice, "bob");
    world.run(3_000.0);
    let bob = world.peer(Some("bob"));
    world.run(10_000.0);
    assert_eq!(world.take_log(alice), ["connection to bob open"]);
    assert_eq!(starts(&world.take_log(bob), "data from alice"), 1);
}

#[test]
fn who_tries_again_in_a_listener_is_not_closed_along() {
    for event in ["error peer-unavailable", "connection to ghost error", "connection to ghost close"] {
        let mut world = World::default();
        let alice = world.open_peer("alice");
        world.connect(alice, "ghost");
        world.on(alice, event, move |world| assert!(world.connect(alice, "ghost").is_some()));
        world.run(5_100.0);
        let log = world.take_log(alice);
        assert_eq!(starts(&log, "connection to ghost close"), 1, "after {event}: {log:?}");
        assert_eq!(world.browsers[alice].connections.len(), 1);
        let ghost = world.peer(Some("ghost"));
        world.run(100.0);
        assert_eq!(starts(&world.take_log(ghost), "data from alice"), 1);
    }
}

// A remote peer leaves.

#[test]
fn leave_closes_every_connection_to_that_peer() {
    let mut world = World::default();
    let (alice, bob) = (world.open_peer("alice"), world.open_peer("bob"));
    for _ in 0..4 {
        world.connect(alice, "bob");
        world.connect(bob, "alice");
    }
    world.run(100.0);
    world.open_peer("carol");
    world.connect(alice, "carol");
    world.run(100.0);
    world.take_log(alice);
    world.say(alice, message(MessageType::Leave, "bob", None));
    assert_eq!(world.take_log(alice), ["connection to bob close"; 8]);
    assert_eq!(world.browsers[alice].connections.len(), 1);
}

#[test]
fn who_connects_again_when_a_peer_has_left_does_not_do_so_for_ever() {
    let mut world = World::default();
    let (alice, _) = (world.open_peer("alice"), world.open_peer("bob"));
    fn again(world: &mut World, alice: usize) {
        world.on(alice, "connection to bob close", move |world| {
            assert!(world.browsers[alice].log.len() < 10, "for ever");
            again(world, alice);
            world.connect(alice, "bob");
        });
    }
    world.connect(alice, "bob");
    world.connect(alice, "bob");
    world.run(100.0);
    world.take_log(alice);
    again(&mut world, alice);
    world.say(alice, message(MessageType::Leave, "bob", None));
    assert_eq!(world.take_log(alice), ["connection to bob close"; 2]);
    world.run(100.0);
    assert_eq!(world.take_log(alice), ["connection to bob open"; 2]);
}

#[test]
fn destroy_closes_every_connection_even_one_that_a_listener_adds() {
    let mut world = World::default();
    let (alice, bob) = (world.open_peer("alice"), world.open_peer("bob"));
    for _ in 0..3 {
        world.connect(alice, "bob");
        world.connect(bob, "alice");
    }
    world.run(100.0);
    world.take_log(alice);
    world.on(alice, "disconnected", move |world| {
        world.add(alice, "carol", "mc_1", None);
    });
    world.on(alice, "connection to bob close", move |world| {
        world.add(alice, "dave", "mc_2", None);
        assert_eq!(world.connect(alice, "bob"), None);
    });
    world.destroy(alice);
    let log = world.take_log(alice);
    assert_eq!(log[0], "disconnected alice");
    assert_eq!((starts(&log, "close"), starts(&log, "error disconnected")), (1, 1), "{log:?}");
    assert_eq!(starts(&log, "connection to bob close"), 6);
    assert_eq!(starts(&log, "connection to carol close"), 1);
    assert_eq!(starts(&log, "connection to dave close"), 1);
    assert_eq!(world.browsers[alice].core.registry().keys().count(), 0);
}

#[test]
fn a_connection_that_a_listener_closes_is_not_closed_again() {
    let mut world = World::default();
    let (alice, _) = (world.open_peer("alice"), world.open_peer("bob"));
    let keys: Vec<_> = (0..3).map(|_| world.connect(alice, "bob").unwrap()).collect();
    world.run(100.0);
    world.take_log(alice);
    world.on(alice, "connection to bob close", move |world| world.close(alice, keys[1]));
    world.destroy(alice);
    assert_eq!(starts(&world.take_log(alice), "connection to bob close"), 3);
}

#[test]
fn a_destroyed_old_connection_does_not_keep_the_new_one_alive() {
    let mut world = World::default();
    let (alice, bob) = (world.open_peer("alice"), world.open_peer("bob"));
    world.send(bob, MessageType::Offer, "alice", "dc_1");
    world.run(100.0);
    world.on(alice, "connection to bob close", move |world| world.destroy(alice));
    world.send(bob, MessageType::Offer, "alice", "dc_1");
    world.run(100.0);
    assert!(world.browsers[alice].connections.is_empty());
    assert_eq!(world.take_log(alice).last().unwrap(), "close");
}

#[test]
fn time_between_two_peers_is_what_the_world_says() {
    // The other tests rely on this.
    let mut world = World::default();
    let peer = world.peer(Some("a"));
    world.run(2.0 * LATENCY - 1.0);
    assert_eq!(world.take_log(peer), [""; 0]);
    world.run(1.0);
    assert_eq!(world.take_log(peer), ["open a"]);
}
