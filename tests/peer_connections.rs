//! What a Peer does about its connections: making, routing, bounding and closing them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::rc::Rc;

use peerjs_wasm::core::connection::Stage;
use peerjs_wasm::core::error::ConnectionError;
use peerjs_wasm::core::message::{Message, MessageType};
use peerjs_wasm::core::peer::{Output, Peer};
use support::{LATENCY, Note, World, options};

/// A core that the server knows as "me", and what goes with everything that its socket says.
fn registered() -> (Peer<Note>, u32) {
    let mut core = Peer::new(options("secret"));
    core.start(Some("me".into()), true, 0.0);
    let Some(Output::OpenSocket { attempt, .. }) = core.poll() else { panic!("opens a socket") };
    core.socket_opened(attempt, 0.0);
    core.receive(attempt, message(MessageType::Open, "", None), 0.0);
    assert_eq!(drained(&mut core), [Output::Opened("me".into())]);
    (core, attempt)
}

fn drained(core: &mut Peer<Note>) -> Vec<Output<Note>> {
    std::iter::from_fn(|| core.poll()).collect()
}

fn message(kind: MessageType, peer: &str, payload: Option<Note>) -> Message<Note> {
    Message { kind, peer: peer.into(), payload }
}

fn candidate(peer: &str, id: &str) -> Message<Note> {
    message(MessageType::Candidate, peer, Some(Note::data(id)))
}

fn offer(peer: &str, id: &str) -> Message<Note> {
    message(MessageType::Offer, peer, Some(Note::data(id)))
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
        // Four outgoing and three incoming, one more for whom the server named: nobody knows it.
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
        // Nothing goes out before OPEN: the world would have panicked.
        world.run(200.0);
        let sent: Vec<_> = world.browsers[alice].sent.iter().map(|sent| sent.kind.as_str()).collect();
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
    let ids = world.browsers[alice].sent.iter().filter_map(|sent| sent.payload.as_ref()?.connection.clone());
    assert_eq!(ids.collect::<Vec<_>>(), ["first", "second"]);
}

#[test]
fn what_waits_is_bounded() {
    let alive = Rc::new(());
    let mut core = Peer::new(options("t"));
    core.start(Some("me".into()), true, 0.0);
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

// Nobody there.

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

// Somebody leaves.

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
        world.add(alice, "carol", "mc_1");
    });
    world.on(alice, "connection to bob close", move |world| {
        world.add(alice, "dave", "mc_2");
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

// Messages that come too early.

#[test]
fn an_unanswered_call_gets_its_messages_when_it_is_answered() {
    let (mut core, attempt) = registered();
    core.receive(attempt, message(MessageType::Offer, "far", Some(Note::media("mc_1"))), 0.0);
    let outputs = drained(&mut core);
    assert!(matches!(&outputs[..], [Output::Offer { peer, id, .. }] if peer == "far" && id == "mc_1"));
    let key = core.add("far", "mc_1");
    core.receive(attempt, candidate("far", "mc_1"), 0.0);
    core.receive(attempt, candidate("far", "mc_1"), 600_000.0);
    assert_eq!(drained(&mut core), [], "not before it can take them, however long that takes");
    core.connection_ready(key);
    core.receive(attempt, message(MessageType::Answer, "far", Some(Note::media("mc_1"))), 0.0);
    let kinds: Vec<_> = drained(&mut core)
        .into_iter()
        .map(|output| match output {
            Output::Deliver(to, message) if to == key => message.kind,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, [MessageType::Candidate, MessageType::Candidate, MessageType::Answer]);
}

#[test]
fn a_candidate_that_overtakes_its_offer_is_kept_for_it() {
    let (mut core, attempt) = registered();
    core.receive(attempt, candidate("far", "dc_1"), 0.0);
    core.receive(attempt, offer("far", "dc_1"), 1.0);
    assert!(matches!(drained(&mut core)[..], [Output::Offer { .. }]));
    let key = core.add("far", "dc_1");
    core.connection_ready(key);
    assert_eq!(drained(&mut core), [Output::Deliver(key, candidate("far", "dc_1"))]);
}

#[test]
fn nobody_reaches_the_connection_of_another() {
    let (mut core, attempt) = registered();
    let key = core.add("far", "dc_1");
    core.receive(attempt, candidate("mallory", "dc_1"), 0.0);
    core.receive(attempt, candidate("far", "dc_2"), 0.0);
    core.connection_ready(key);
    core.receive(attempt, candidate("mallory", "dc_1"), 0.0);
    assert_eq!(drained(&mut core), []);
    // Nor does an offer of mallory's close it.
    core.receive(attempt, offer("mallory", "dc_1"), 0.0);
    assert!(matches!(drained(&mut core)[..], [Output::Offer { .. }]));
}

#[test]
fn early_messages_are_bounded_in_count() {
    let (mut core, attempt) = registered();
    let alive = Rc::new(());
    let early = |peer: &str, id: &str| {
        let payload = Note { alive: Rc::clone(&alive), ..Note::data(id) };
        message(MessageType::Candidate, peer, Some(payload))
    };
    let mut warnings = 0;
    for id in 0..300 {
        for _ in 0..200 {
            core.receive(attempt, early("junk", &id.to_string()), 0.0);
            warnings += drained(&mut core).len();
        }
    }
    assert!(Rc::strong_count(&alive) <= 64 * 128 + 1, "{} kept", Rc::strong_count(&alive));
    assert_eq!(warnings, 300 * (200 - 128), "each that was not kept is told");
    // Whoever comes last is still heard: the oldest give way.
    core.receive(attempt, early("honest", "dc_1"), 0.0);
    let key = core.add("honest", "dc_1");
    core.connection_ready(key);
    assert!(matches!(drained(&mut core)[..], [Output::Deliver(..)]));
    core.destroy();
    drained(&mut core);
    assert_eq!(Rc::strong_count(&alive), 1);
}

#[test]
fn the_oldest_early_messages_give_way_whatever_was_claimed_between() {
    let (mut core, attempt) = registered();
    for id in 0..64 {
        core.receive(attempt, candidate("far", &id.to_string()), f64::from(id));
    }
    drained(&mut core);
    core.add("far", "0");
    core.receive(attempt, candidate("far", "64"), 64.0);
    core.receive(attempt, candidate("far", "65"), 65.0);
    drained(&mut core);
    let mut kept = |id: &str| {
        let key = core.add("far", id);
        core.connection_ready(key);
        drained(&mut core).len()
    };
    assert_eq!((kept("1"), kept("2"), kept("63"), kept("65")), (0, 1, 1, 1));
}

#[test]
fn early_messages_are_bounded_in_age() {
    let (mut core, attempt) = registered();
    let alive = Rc::new(());
    let payload = Note { alive: Rc::clone(&alive), ..Note::data("dc_1") };
    core.receive(attempt, message(MessageType::Candidate, "far", Some(payload)), 0.0);
    let mut now = 0.0;
    while now < 25_000.0 {
        now = core.deadline().unwrap();
        core.tick(now);
        drained(&mut core);
    }
    assert_eq!(Rc::strong_count(&alive), 2, "its offer may still come");
    while now < 40_000.0 {
        now = core.deadline().unwrap();
        core.tick(now);
        drained(&mut core);
    }
    assert_eq!(Rc::strong_count(&alive), 1, "though nobody has sent anything since");
}

#[test]
fn what_waits_for_an_answer_is_bounded() {
    let (mut core, attempt) = registered();
    let key = core.add("far", "mc_1");
    for _ in 0..1_000 {
        core.receive(attempt, candidate("far", "mc_1"), 0.0);
    }
    drained(&mut core);
    core.connection_ready(key);
    assert_eq!(drained(&mut core).len(), 128);
}

#[test]
fn nothing_stays_of_a_closed_connection() {
    let (mut core, attempt) = registered();
    let key = core.add("far", "mc_1");
    core.receive(attempt, candidate("far", "mc_1"), 0.0);
    assert_eq!(drained(&mut core), []);
    core.connection_closed(key);
    core.connection_ready(key);
    core.connection_opened(key);
    let again = core.add("far", "mc_1");
    core.connection_ready(again);
    assert_eq!(drained(&mut core), []);
    assert_ne!(key, again);
}

// Offers.

#[test]
fn an_offer_with_a_known_id_closes_the_old_connection_first() {
    let (mut core, attempt) = registered();
    core.receive(attempt, offer("far", "dc_1"), 0.0);
    drained(&mut core);
    let old = core.add("far", "dc_1");
    core.connection_ready(old);
    core.connection_opened(old);
    core.receive(attempt, offer("far", "dc_1"), 0.0);
    assert_eq!(core.poll(), Some(Output::CloseConnection(old, None)));
    core.connection_closed(old);
    assert!(matches!(core.poll(), Some(Output::Offer { .. })));
    let new = core.add("far", "dc_1");
    core.connection_ready(new);
    core.receive(attempt, candidate("far", "dc_1"), 0.0);
    assert_eq!(drained(&mut core), [Output::Deliver(new, candidate("far", "dc_1"))]);
}

#[test]
fn of_offers_with_one_id_only_the_last_stays_however_fast_they_come() {
    let (mut core, attempt) = registered();
    for _ in 0..3 {
        core.receive(attempt, offer("far", "dc_1"), 0.0);
    }
    let mut living = Vec::new();
    while let Some(output) = core.poll() {
        match output {
            Output::Offer { peer, id, .. } => living.push(core.add(&peer, &id)),
            // The close is told late, as by a page that waits for something.
            Output::CloseConnection(key, None) => living.retain(|living| *living != key),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(living.len(), 1);
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
fn malformed_messages_are_told_to_the_log_and_nobody_else() {
    let (mut core, attempt) = registered();
    let without_id = Note { connection: None, ..Note::data("") };
    let without_kind = Note { kind: None, ..Note::data("dc_1") };
    for (kind, payload) in [
        (MessageType::Offer, None),
        (MessageType::Offer, Some(without_id.clone())),
        (MessageType::Offer, Some(without_kind)),
        (MessageType::Answer, None),
        (MessageType::Candidate, Some(without_id)),
    ] {
        core.receive(attempt, message(kind, "far", payload), 0.0);
        let outputs = drained(&mut core);
        assert!(matches!(&outputs[..], [Output::Warn(_, from)] if from == "far"), "{outputs:?}");
    }
    core.receive(attempt, message(MessageType::Heartbeat, "far", None), 0.0);
    assert_eq!(drained(&mut core), []);
}

#[test]
fn offers_of_one_peer_are_bounded_while_they_are_not_open() {
    let (mut core, attempt) = registered();
    let mut keys = Vec::new();
    let mut take = |core: &mut Peer<Note>, peer: &str, id: usize| {
        core.receive(attempt, offer(peer, &format!("dc_{id}")), 0.0);
        match &drained(core)[..] {
            [Output::Offer { peer, id, .. }] => keys.push(core.add(peer, id)),
            [Output::Warn(_, from)] => assert_eq!(from, peer),
            other => panic!("{other:?}"),
        }
        keys.len()
    };
    for id in 0..100 {
        take(&mut core, "flood", id);
    }
    assert_eq!(take(&mut core, "flood", 100), 64);
    assert_eq!(take(&mut core, "other", 0), 65, "others are not in its way");
    let first = core.registry().keys().next().unwrap();
    core.connection_opened(first);
    assert_eq!(take(&mut core, "flood", 101), 66, "one that has opened makes room");
    for peer in 0..10 {
        for id in 0..64 {
            take(&mut core, &format!("bot{peer}"), id);
        }
    }
    assert_eq!(take(&mut core, "late", 0), 513, "512 in all, and the open one");
}

// What a stranger cannot do.

#[test]
fn only_what_comes_from_ourselves_and_has_our_token_proves_that_we_are_registered() {
    let mut core = Peer::new(options("secret"));
    core.start(Some("me".into()), true, 0.0);
    let Some(Output::OpenSocket { attempt, .. }) = core.poll() else { panic!("opens a socket") };
    core.socket_opened(attempt, 0.0);
    core.receive(attempt, candidate("me", "dc_1"), 0.0);
    core.receive(attempt, candidate("mallory", "secret"), 0.0);
    assert_eq!(drained(&mut core), []);
    core.receive(attempt, candidate("me", "secret"), 0.0);
    assert_eq!(drained(&mut core), [Output::Opened("me".into())]);
}

#[test]
fn a_connection_says_how_it_failed() {
    use peerjs_wasm::core::connection::{describe, failure};
    let table = [
        ("failed", false, Some(ConnectionError::NegotiationFailed)),
        ("failed", true, Some(ConnectionError::ConnectionClosed)),
        ("closed", false, Some(ConnectionError::ConnectionClosed)),
        ("closed", true, Some(ConnectionError::ConnectionClosed)),
        ("disconnected", true, None),
        ("connected", false, None),
        ("completed", false, None),
        ("", true, None),
    ];
    for (state, connected, expected) in table {
        assert_eq!(failure(state, connected), expected, "{state} {connected}");
    }
    let text = |error| describe(error, "bob");
    assert_eq!(text(ConnectionError::NegotiationFailed), "Negotiation of connection to bob failed.");
    assert_eq!(text(ConnectionError::ConnectionClosed), "Connection to bob closed.");
    assert_eq!(text(ConnectionError::PeerUnavailable), "Could not connect to peer bob");
}

#[test]
fn time_between_two_peers_is_what_the_world_says() {
    // The rest relies on it.
    let mut world = World::default();
    let peer = world.peer(Some("a"));
    world.run(2.0 * LATENCY - 1.0);
    assert_eq!(world.take_log(peer), [""; 0]);
    world.run(1.0);
    assert_eq!(world.take_log(peer), ["open a"]);
}
