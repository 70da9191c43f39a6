//! The life of a Peer with a PeerServer: registering, disconnecting, reconnecting, destroying.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use peerjs_wasm::proto::error::PeerError;
use peerjs_wasm::proto::message::{Message, MessageType};
use peerjs_wasm::proto::peer::{Output, Peer};
use peerjs_wasm::proto::time::NEVER;
use peerjs_wasm::proto::transport::Event;
use support::{LATENCY, Note, Trouble, World, receive};

const NETWORK: &str = "error network: Lost connection to server.";
const LATE: &str = "error network: The server did not answer in time.";
const NO_ANSWER: f64 = 20_000.0;

fn drained(core: &mut Peer<Note>) -> Vec<Output<Note>> {
    std::iter::from_fn(|| core.poll()).collect()
}

// Registering.

#[test]
fn opens_under_its_own_id() {
    let mut world = World::default();
    let alice = world.peer(Some("alice"));
    assert_eq!(world.browsers[alice].core.id(), Some("alice"));
    assert!(!world.browsers[alice].core.is_open());
    world.run(4.0 * LATENCY);
    assert_eq!(world.take_log(alice), ["open alice"]);
}

#[test]
fn opens_under_an_id_from_the_server() {
    let mut world = World::default();
    let peer = world.peer(None);
    assert_eq!(world.browsers[peer].core.id(), None);
    world.run(6.0 * LATENCY);
    assert_eq!(world.take_log(peer), ["open given-1"]);
}

#[test]
fn takes_whatever_id_the_server_gives() {
    // Servers choose ids by their own rules: those of nanoid may begin with a dash.
    let mut world = World::default();
    world.server.next_id = Some("_V1StGXR8~Z5-".into());
    let peer = world.peer(None);
    world.run(6.0 * LATENCY);
    assert_eq!(world.take_log(peer), ["open _V1StGXR8~Z5-"]);
}

#[test]
fn takes_no_page_for_an_id() {
    for page in ["", "<!doctype html><title>Welcome</title>"] {
        let mut world = World::default();
        world.server.next_id = Some(page.into());
        let peer = world.peer(None);
        world.run(6.0 * LATENCY);
        let log = world.take_log(peer);
        assert!(
            log[0].starts_with("error server-error: Could not get an ID from the server. If you"),
            "{log:?}"
        );
        assert_eq!(log[1..], ["disconnected null", "close"]);
    }
}

#[test]
fn a_taken_id_destroys_a_peer_that_was_never_open() {
    let mut world = World::default();
    world.open_peer("alice");
    let other = world.peer(Some("alice"));
    world.run(100.0);
    let expected = ["error unavailable-id: ID \"alice\" is taken", "disconnected alice", "close"];
    assert_eq!(world.take_log(other), expected);
    assert_eq!(world.sockets_of(other), 0);
}

#[test]
fn an_error_of_the_server_destroys_a_peer_that_was_never_open() {
    let mut world = World::default();
    world.server.trouble = Trouble::Refuses;
    let peer = world.peer(Some("p"));
    world.run(100.0);
    assert_eq!(world.take_log(peer), ["error server-error: Invalid key provided", "disconnected p", "close"]);
}

#[test]
fn an_error_of_the_server_only_disconnects_a_peer_that_was_open() {
    let mut world = World::default();
    for (kind, expected) in [
        (MessageType::Error, "error server-error: no more"),
        (MessageType::IdTaken, "error unavailable-id: ID \"p1\" is taken"),
        (MessageType::InvalidKey, "error invalid-key: API KEY \"peerjs\" is invalid"),
    ] {
        let peer = world.open_peer("p1");
        world.say(peer, Message { kind, peer: String::new(), payload: Some(Note::text("no more")) });
        assert_eq!(world.take_log(peer), [expected, "disconnected p1"]);
        assert!(!world.browsers[peer].core.is_destroyed());
        world.run(100.0);
    }
}

#[test]
fn an_error_without_a_text_has_one_all_the_same() {
    let mut world = World::default();
    let peer = world.open_peer("p");
    world.say(peer, Message { kind: MessageType::Error, peer: String::new(), payload: None });
    assert_eq!(world.take_log(peer), ["error server-error: The server reports an error.", "disconnected p"]);
}

#[test]
fn bad_ids_and_browsers_end_the_peer_but_not_in_the_constructor() {
    for (id, obstacle, error) in [
        ("-a", None, "invalid-id: ID \"-a\" is invalid"),
        ("a", Some("no WebRTC"), "browser-incompatible: no WebRTC"),
    ] {
        let mut core = Peer::<Note>::default();
        core.start(Some(id.into()), obstacle);
        assert_eq!(core.poll(), None, "nothing happens before the constructor has returned");
        assert!(core.deadline() <= 100.0);
        core.tick(100.0);
        let outputs = drained(&mut core);
        let [Output::Error(kind, text), Output::Disconnect, Output::Disconnected(None, None), Output::Closed] =
            &outputs[..]
        else {
            panic!("{outputs:?}")
        };
        assert_eq!(format!("{}: {text}", kind.as_str()), error);
        assert!(core.is_destroyed());
        assert_eq!(core.deadline(), NEVER);
    }
}

#[test]
fn a_bad_id_is_reported_even_to_who_disconnects_at_once() {
    let mut core = Peer::<Note>::default();
    core.start(Some("no!".into()), None);
    core.disconnect();
    drained(&mut core);
    core.tick(0.0);
    let outputs = drained(&mut core);
    assert!(matches!(outputs[..], [Output::Error(..), Output::Closed]), "{outputs:?}");
}

#[test]
fn a_destroyed_peer_does_not_report_its_bad_id() {
    let mut core = Peer::<Note>::default();
    core.start(Some("no!".into()), None);
    core.destroy();
    drained(&mut core);
    assert_eq!(core.deadline(), NEVER);
    core.tick(0.0);
    assert_eq!(core.poll(), None);
}

// A server that is unreachable or misbehaves.

#[test]
fn an_unreachable_server() {
    let mut world = World::default();
    world.server.trouble = Trouble::Unreachable;
    let named = world.peer(Some("a"));
    let unnamed = world.peer(None);
    world.run(100.0);
    assert_eq!(world.take_log(named), [NETWORK, "disconnected a"]);
    assert_eq!(world.take_log(unnamed)[1..], ["disconnected null", "close"]);
}

#[test]
fn nothing_waits_for_a_server_for_ever() {
    for trouble in [Trouble::Mute, Trouble::Stuck] {
        let mut world = World::default();
        world.server.trouble = trouble;
        let peer = world.peer(Some("a"));
        world.run(NO_ANSWER);
        assert_eq!(world.take_log(peer), [LATE, "disconnected a"]);
        assert_eq!(world.deadline(peer), NEVER, "and it rests");
    }
    let mut world = World::default();
    world.server.trouble = Trouble::Stuck;
    let peer = world.peer(None);
    world.run(NO_ANSWER);
    let log = world.take_log(peer);
    assert!(log[0].starts_with("error server-error: Could not get an ID"), "{log:?}");
    assert_eq!(log[1..], ["disconnected null", "close"]);
}

#[test]
fn heartbeats_keep_the_peer_known() {
    let mut world = World::default();
    let peer = world.open_peer("a");
    world.run(300_000.0);
    assert!(world.server.knows("a"));
    assert_eq!(world.take_log(peer), [""; 0]);
    let beats = world.browsers[peer].sent.iter().filter(|message| message.kind == MessageType::Heartbeat);
    assert_eq!(beats.count(), 60, "one in 5 s");
}

// Disconnecting and reconnecting.

#[test]
fn disconnects_and_reconnects() {
    let mut world = World::default();
    let peer = world.open_peer("a");
    world.disconnect(peer);
    world.disconnect(peer);
    assert_eq!(world.take_log(peer), ["disconnected a"]);
    world.run(100.0);
    assert!(!world.server.knows("a"));
    world.reconnect(peer).unwrap();
    assert_eq!(world.browsers[peer].core.id(), Some("a"));
    assert!(!world.browsers[peer].core.is_disconnected());
    world.run(100.0);
    assert_eq!(world.take_log(peer), ["open a"]);
}

#[test]
fn reconnects_at_once_though_the_server_still_holds_the_id() {
    let mut world = World::default();
    let peer = world.open_peer("a");
    world.cut(peer);
    assert_eq!(world.take_log(peer), [NETWORK, "disconnected a"]);
    world.run(100.0);
    assert!(world.server.knows("a"), "or else this test shows nothing");
    world.reconnect(peer).unwrap();
    world.run(100.0);
    assert_eq!(world.take_log(peer), ["open a"], "the server was silent and the peer waits for ever");
    // The server detects late that the old socket is closed: that has no effect.
    world.run(120_000.0);
    assert_eq!(world.take_log(peer), [""; 0]);
}

#[test]
fn a_new_peer_with_an_old_token_opens_though_the_server_is_silent() {
    let mut world = World::default();
    let before = world.peer_with(Some("a"), "mine");
    world.run(100.0);
    world.cut(before);
    let after = world.peer_with(Some("a"), "mine");
    world.run(10_000.0);
    assert_eq!(world.take_log(after), ["open a"]);
}

#[test]
fn a_server_that_speaks_twice_opens_the_peer_once() {
    let mut world = World::default();
    let peer = world.open_peer("a");
    world.disconnect(peer);
    world.run(100.0);
    world.reconnect(peer).unwrap();
    // OPEN, because the server had forgotten the peer, and then the probe.
    world.run(1_000.0);
    world.say(peer, Message { kind: MessageType::Open, peer: String::new(), payload: None });
    assert_eq!(world.take_log(peer), ["disconnected a", "open a"]);
}

#[test]
fn an_id_that_was_taken_meanwhile_leaves_the_peer_and_its_connections_alive() {
    let mut world = World::default();
    let alice = world.open_peer("alice");
    let bob = world.open_peer("bob");
    world.connect(bob, "alice");
    world.run(100.0);
    world.disconnect(alice);
    world.run(100.0);
    world.take_log(alice);
    world.open_peer("alice");
    world.reconnect(alice).unwrap();
    world.run(100.0);
    let expected = ["error unavailable-id: ID \"alice\" is taken", "disconnected alice"];
    assert_eq!(world.take_log(alice), expected);
    assert_eq!(world.browsers[alice].connections.len(), 1);
    assert!(!world.browsers[alice].core.is_destroyed());
}

#[test]
fn reconnect_before_there_was_an_id_asks_for_one() {
    let mut world = World::default();
    let peer = world.peer(None);
    world.disconnect(peer);
    world.reconnect(peer).unwrap();
    world.run(1_000.0);
    // The late answer to the first request is ignored.
    assert_eq!(world.take_log(peer), ["disconnected null", "open given-2"]);
    assert_eq!(world.sockets_of(peer), 1);
    assert!(!world.server.knows("null") && !world.server.knows("given-1"));
}

#[test]
fn reconnect_when_there_is_nothing_to_come_back_from() {
    let mut world = World::default();
    let peer = world.peer(Some("a"));
    world.reconnect(peer).unwrap();
    let log = world.take_log(peer);
    assert!(log.len() == 1 && log[0].starts_with("complaint: In a hurry?"), "{log:?}");
    world.run(100.0);
    let why = world.reconnect(peer).unwrap_err();
    assert_eq!(why, "Peer a cannot reconnect because it is not disconnected from the server!");
    world.destroy(peer);
    let why = world.reconnect(peer).unwrap_err();
    assert_eq!(why, "This peer cannot reconnect to the server. It has already been destroyed.");
    world.run(1_000.0);
    assert_eq!(world.take_log(peer), ["open a", "disconnected a", "close"]);
}

#[test]
fn what_is_reported_of_an_earlier_attempt_does_not_count() {
    let mut core = Peer::<Note>::default();
    core.start(Some("a".into()), None);
    let Some(Output::Connect { attempt: old, .. }) = core.poll() else { panic!("connects") };
    core.disconnect();
    drained(&mut core);
    core.reconnect().unwrap();
    let outputs = drained(&mut core);
    assert!(matches!(outputs[..], [Output::Connect { attempt, .. }] if attempt != old), "{outputs:?}");
    let deadline = core.deadline();
    for kind in [MessageType::Leave, MessageType::Offer] {
        let message = Message { kind, peer: "b".into(), payload: Some(Note::data("dc")) };
        receive(&mut core, old, message, 1.0);
    }
    core.report(old, Event::Assigned("other".into()), 1.0);
    core.report(old, Event::Registered, 1.0);
    core.report(old, Event::Refused(PeerError::SocketError, "late".into()), 1.0);
    core.report(old, Event::Lost(PeerError::Network, "late".into()), 1.0);
    core.report(old, Event::Warning("late", String::new()), 1.0);
    assert_eq!(drained(&mut core), []);
    assert_eq!(core.id(), Some("a"));
    assert_eq!(core.deadline(), deadline);
}

// Destroying.

#[test]
fn nothing_survives_destroy() {
    // At every step of the registration.
    for id in [None, Some("a")] {
        for moment in 0..8 {
            let mut world = World::default();
            let peer = world.peer(id);
            world.run(f64::from(moment) * LATENCY);
            world.destroy(peer);
            world.destroy(peer);
            let log = world.take_log(peer);
            assert_eq!(log.iter().filter(|event| *event == "close").count(), 1, "{log:?}");
            world.run(60_000.0);
            assert_eq!(world.take_log(peer), [""; 0]);
            assert_eq!(world.sockets_of(peer), 0);
            assert!(!world.server.knows("a") && !world.server.knows("given-1"), "a zombie holds the id");
            assert_eq!(world.deadline(peer), NEVER);
        }
    }
}

#[test]
fn a_destroyed_peer_makes_no_connection_and_says_why() {
    let mut world = World::default();
    let peer = world.open_peer("a");
    world.destroy(peer);
    world.take_log(peer);
    assert_eq!(world.connect(peer, "b"), None);
    let log = world.take_log(peer);
    assert!(log.len() == 1 && log[0].starts_with("error disconnected: "), "{log:?}");
}

#[test]
fn a_destroyed_peer_keeps_quiet_about_what_fails_late() {
    let mut world = World::default();
    let peer = world.open_peer("a");
    world.destroy(peer);
    world.take_log(peer);
    let core = &mut world.browsers[peer].core;
    core.fail(PeerError::WebRtc, "setLocalDescription failed".into());
    core.send(Message { kind: MessageType::Candidate, peer: "b".into(), payload: None });
    core.disconnect();
    core.destroy();
    assert_eq!(drained(core), []);
}

// Listeners that call the Peer.

#[test]
fn a_listener_that_always_reconnects_does_not_revive_a_destroyed_peer() {
    let mut world = World::default();
    let peer = world.open_peer("a");
    world.on(peer, "disconnected", move |world| {
        assert!(!world.browsers[peer].core.is_destroyed());
        // PeerJS does not throw here, and programs rely on that.
        world.reconnect(peer).unwrap();
    });
    world.destroy(peer);
    assert_eq!(world.take_log(peer), ["disconnected a", "close"]);
    world.run(1_000.0);
    assert_eq!(world.take_log(peer), [""; 0]);
    assert_eq!(world.sockets_of(peer), 0);
    assert!(!world.server.knows("a"));
}

#[test]
fn a_listener_reconnects_when_the_server_is_lost() {
    let mut world = World::default();
    let peer = world.open_peer("a");
    world.on(peer, "disconnected", move |world| world.reconnect(peer).unwrap());
    world.cut(peer);
    world.run(100.0);
    assert_eq!(world.take_log(peer), [NETWORK, "disconnected a", "open a"]);
}

#[test]
fn listeners_may_end_it_at_any_event() {
    for event in ["open", "disconnected", "error", "connection to bob close", "close", "data from"] {
        for action in [World::disconnect, World::destroy] {
            let mut world = World::default();
            let bob = world.open_peer("bob");
            let alice = world.peer(Some("alice"));
            world.on(alice, event, move |world| action(world, alice));
            world.connect(alice, "bob");
            world.run(200.0);
            world.connect(bob, "alice");
            world.run(200.0);
            world.connect(alice, "nobody");
            world.run(10_000.0);
            world.destroy(alice);
            world.run(100.0);
            let log = world.take_log(alice);
            let count = |wanted: &str| log.iter().filter(|event| event.starts_with(wanted)).count();
            assert_eq!((count("close"), count("disconnected")), (1, 1), "{event}: {log:?}");
            assert!(world.browsers[alice].connections.is_empty());
            assert_eq!(world.sockets_of(alice), 0);
            assert!(!world.server.knows("alice"));
        }
    }
}

#[test]
fn a_listener_comes_and_goes_in_the_event_that_it_opened() {
    let mut world = World::default();
    let peer = world.peer(Some("a"));
    world.on(peer, "open", move |world| {
        world.disconnect(peer);
        assert!(world.browsers[peer].core.is_disconnected());
        world.reconnect(peer).unwrap();
        world.disconnect(peer);
        world.reconnect(peer).unwrap();
    });
    world.run(1_000.0);
    assert_eq!(world.take_log(peer), ["open a", "disconnected a", "disconnected a", "open a"]);
    assert_eq!(world.sockets_of(peer), 1);
}

#[test]
fn a_listener_that_destroys_a_peer_on_its_error_destroys_it_once() {
    let mut world = World::default();
    world.open_peer("a");
    let peer = world.peer(Some("a"));
    world.on(peer, "error", move |world| world.destroy(peer));
    world.run(100.0);
    let expected = ["error unavailable-id: ID \"a\" is taken", "disconnected a", "close"];
    assert_eq!(world.take_log(peer), expected);
}

#[test]
fn no_event_is_emitted_within_the_listeners_of_another() {
    let mut world = World::default();
    world.open_peer("a");
    let peer = world.peer(Some("b"));
    world.run(100.0);
    world.take_log(peer);
    world.on(peer, "error", move |world| {
        world.connect(peer, "a");
        assert!(!world.browsers[peer].core.is_disconnected(), "`disconnected` within `error`");
    });
    world.say(peer, Message { kind: MessageType::Error, peer: String::new(), payload: None });
    assert_eq!(world.take_log(peer), ["error server-error: The server reports an error.", "disconnected b"]);
    // The offers made meanwhile are sent once the peer is registered again.
    world.reconnect(peer).unwrap();
    world.run(200.0);
    assert_eq!(world.take_log(peer), ["open b", "connection to a open"]);
}
