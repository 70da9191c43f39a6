//! Automatic reconnection to a lost server, and detection of the loss.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use peerjs_wasm::proto::message::{Message, MessageType};
use peerjs_wasm::proto::peer_server::Report;
use peerjs_wasm::proto::time::NEVER;
use support::{LATENCY, Trouble, World};

const LOST: [&str; 2] = ["error network: Lost connection to server.", "disconnected a"];
const LATE: [&str; 2] = ["error network: The server did not answer in time.", "disconnected a"];
const FOR_EVER: f64 = f64::INFINITY;

/// A peer "a" that reconnects automatically, registered at a server that has just died.
fn bereft(retries: f64) -> (World, usize) {
    let mut world = World::default();
    let peer = world.returning_peer(Some("a"), retries);
    world.run(100.0);
    assert_eq!(world.take_log(peer), ["open a"]);
    world.kill_server();
    world.run(LATENCY);
    assert_eq!(world.take_log(peer), LOST);
    (world, peer)
}

fn is_disconnected(world: &World, peer: usize) -> bool {
    world.browsers[peer].core.is_disconnected()
}

// Reconnecting.

#[test]
fn without_the_option_it_stays_away() {
    let mut world = World::default();
    let peer = world.open_peer("a");
    world.kill_server();
    world.server.trouble = Trouble::None;
    world.run(600_000.0);
    assert_eq!(world.take_log(peer), LOST);
    assert_eq!(world.browsers[peer].retries, [0.0; 0]);
}

#[test]
fn it_comes_back_under_its_id() {
    let (mut world, peer) = bereft(FOR_EVER);
    world.server.trouble = Trouble::None;
    world.run(740.0);
    assert_eq!(world.take_log(peer), [""; 0], "not at once: all others do the same");
    world.run(100.0);
    assert_eq!(world.take_log(peer), ["open a"]);
    assert!(world.server.knows("a"));
    world.run(600_000.0);
    assert_eq!(world.take_log(peer), [""; 0]);
}

#[test]
fn each_attempt_that_fails_says_so_and_waits_twice_as_long_for_the_next() {
    let (mut world, peer) = bereft(FOR_EVER);
    world.run(120_000.0);
    let waits = [750.0, 1_500.0, 3_000.0, 6_000.0, 12_000.0, 22_500.0, 22_500.0];
    assert_eq!(world.browsers[peer].retries[..7], waits);
    let failed = world.take_log(peer);
    assert_eq!(failed.len(), 2 * (world.browsers[peer].retries.len() - 1));
    assert!(failed.chunks(2).all(|events| events == LOST), "{failed:?}");
    // After it was registered, the delay begins with the shortest again.
    world.server.trouble = Trouble::None;
    world.run(30_000.0);
    assert_eq!(world.take_log(peer), ["open a"]);
    world.kill_server();
    world.run(LATENCY);
    assert_eq!(world.browsers[peer].retries.last(), Some(&750.0));
}

#[test]
fn after_so_many_attempts_it_rests() {
    let (mut world, peer) = bereft(2.0);
    world.run(3_600_000.0);
    assert_eq!(world.take_log(peer), [LOST, LOST].concat());
    assert_eq!(world.browsers[peer].retries, [750.0, 1_500.0], "the last event says that nothing follows");
    assert_eq!(world.deadline(peer), NEVER);
    assert!(is_disconnected(&world, peer) && !world.browsers[peer].core.is_destroyed());
    // The application can still reconnect, and then all attempts are available again.
    world.reconnect(peer).unwrap();
    world.run(600_000.0);
    assert_eq!(world.browsers[peer].retries.len(), 4);
    world.server.trouble = Trouble::None;
    world.take_log(peer);
    world.reconnect(peer).unwrap();
    world.run(100.0);
    assert_eq!(world.take_log(peer), ["open a"]);
}

#[test]
fn a_browser_that_is_online_again_does_not_wait() {
    let (mut world, peer) = bereft(FOR_EVER);
    world.run(60_000.0);
    world.take_log(peer);
    world.server.trouble = Trouble::None;
    world.online(peer);
    assert!(!is_disconnected(&world, peer));
    world.online(peer);
    world.run(4.0 * LATENCY);
    assert_eq!(world.take_log(peer), ["open a"]);
    world.online(peer);
    assert_eq!(world.sockets_of(peer), 1, "and an open peer does nothing");
}

#[test]
fn it_keeps_trying_before_it_was_ever_open() {
    for id in [Some("a"), None] {
        let mut world = World::default();
        world.server.trouble = Trouble::Unreachable;
        let peer = world.returning_peer(id, FOR_EVER);
        world.run(5_000.0);
        let log = world.take_log(peer);
        let kind = if id.is_some() { "error network" } else { "error server-error" };
        assert!(log.len() >= 4 && log.chunks(2).all(|events| events[0].starts_with(kind)), "{log:?}");
        assert!(!world.browsers[peer].core.is_destroyed());
        world.server.trouble = Trouble::None;
        world.run(30_000.0);
        assert!(world.take_log(peer).last().unwrap().starts_with("open "));
    }
}

#[test]
fn what_is_sent_while_it_is_under_way_waits() {
    let (mut world, peer) = bereft(FOR_EVER);
    let other = {
        world.server.trouble = Trouble::None;
        world.open_peer("b")
    };
    assert_eq!(world.connect(peer, "b"), None, "as after any disconnect");
    world.run(700.0);
    world.connect(peer, "b").unwrap();
    world.run(200.0);
    assert_eq!(world.take_log(other), ["data from a", "connection to a open"]);
}

#[test]
fn connections_live_on() {
    let mut world = World::default();
    let peer = world.returning_peer(Some("a"), FOR_EVER);
    world.open_peer("b");
    world.connect(peer, "b").unwrap();
    world.run(200.0);
    world.kill_server();
    world.server.trouble = Trouble::None;
    world.run(2_000.0);
    assert_eq!(world.take_log(peer).last().unwrap(), "open a");
    assert_eq!(world.browsers[peer].connections.len(), 1);
}

// What stops reconnection.

#[test]
fn the_application_can_call_it_off() {
    for act in [World::disconnect, World::destroy] {
        let (mut world, peer) = bereft(FOR_EVER);
        act(&mut world, peer);
        let destroyed = world.browsers[peer].core.is_destroyed();
        assert_eq!(world.take_log(peer), if destroyed { &["close"][..] } else { &[] });
        assert_eq!(world.deadline(peer), NEVER);
        world.online(peer);
        world.server.trouble = Trouble::None;
        world.run(600_000.0);
        assert_eq!(world.take_log(peer), [""; 0]);
        assert_eq!(world.sockets_of(peer), 0);
    }
}

#[test]
fn the_application_can_call_it_off_in_any_event() {
    for event in ["error", "disconnected"] {
        for act in [World::disconnect, World::destroy] {
            let mut world = World::default();
            let peer = world.returning_peer(Some("a"), FOR_EVER);
            world.run(100.0);
            world.on(peer, event, move |world| act(world, peer));
            world.kill_server();
            world.run(LATENCY);
            world.server.trouble = Trouble::None;
            world.run(600_000.0);
            let log = world.take_log(peer);
            assert!(!log[1..].contains(&"open a".into()), "{event}: {log:?}");
            assert_eq!(log.iter().filter(|event| *event == "disconnected a").count(), 1, "{event}: {log:?}");
            assert_eq!(world.sockets_of(peer), 0);
        }
    }
}

#[test]
fn what_the_application_asked_for_is_not_undone() {
    let mut world = World::default();
    let peer = world.returning_peer(Some("a"), FOR_EVER);
    world.run(100.0);
    world.disconnect(peer);
    world.run(600_000.0);
    assert_eq!(world.take_log(peer), ["open a", "disconnected a"]);
    world.reconnect(peer).unwrap();
    world.run(100.0);
    world.kill_server();
    world.server.trouble = Trouble::None;
    world.run(2_000.0);
    assert_eq!(world.take_log(peer), ["open a", LOST[0], LOST[1], "open a"], "until it wants to be back");
}

#[test]
fn an_id_that_was_taken_meanwhile_is_the_end_of_it() {
    let (mut world, peer) = bereft(FOR_EVER);
    world.server.trouble = Trouble::None;
    world.open_peer("a");
    world.run(600_000.0);
    let expected = ["error unavailable-id: ID \"a\" is taken", "disconnected a"];
    assert_eq!(world.take_log(peer), expected);
    assert_eq!(world.deadline(peer), NEVER);
    assert!(!world.browsers[peer].core.is_destroyed());
}

#[test]
fn a_server_that_says_no_is_the_end_of_it() {
    let (mut world, peer) = bereft(FOR_EVER);
    world.server.trouble = Trouble::Refuses;
    world.run(600_000.0);
    assert_eq!(world.take_log(peer), ["error server-error: Invalid key provided", "disconnected a"]);
}

// Detecting a silent server.

#[test]
fn a_dead_line_is_noticed() {
    let mut world = World::default();
    let peer = world.open_peer("a");
    world.run(60_000.0);
    world.deafen(peer);
    world.run(25_000.0);
    assert_eq!(world.take_log(peer), LATE);
}

#[test]
fn a_line_that_dies_at_once_is_noticed() {
    let mut world = World::default();
    let peer = world.peer(Some("a"));
    world.run(4.0 * LATENCY);
    assert_eq!(world.take_log(peer), ["open a"]);
    world.deafen(peer);
    world.run(25_000.0);
    assert_eq!(world.take_log(peer), LATE);
}

#[test]
fn a_server_that_never_answers_its_own_peer_is_not_judged_by_that() {
    let mut world = World::default();
    let peer = world.peer(Some("a"));
    world.run(2.0 * LATENCY);
    // Its requests are lost, and its messages too.
    world.report(peer, 1, Report::Received(support::open()));
    world.deafen(peer);
    world.run(50_000.0);
    assert_eq!(world.take_log(peer), ["open a"]);
}

#[test]
fn a_page_that_was_asleep_asks_again_before_it_gives_up() {
    let mut world = World::default();
    let peer = world.open_peer("a");
    world.run(10_000.0);
    // Its timers do not run for an hour, and then once before any message arrives.
    let before = world.browsers[peer].sent.len();
    world.now = 3_600_000.0;
    world.run(0.0);
    assert_eq!(world.take_log(peer), [""; 0]);
    assert_eq!(world.browsers[peer].sent.len(), before + 2, "a heartbeat and a probe");
}

#[test]
fn an_answer_to_the_question_opens_nothing_twice() {
    let mut world = World::default();
    let peer = world.open_peer("a");
    world.run(120_000.0);
    assert_eq!(world.take_log(peer), [""; 0]);
    let asked = |message: &&Message<_>| message.kind == MessageType::Candidate;
    assert_eq!(
        world.browsers[peer].sent.iter().filter(asked).count(),
        25,
        "at first, and with each heartbeat"
    );
}
