//! Where what comes for a Peer goes: to which connection, kept for how long, how much of it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::rc::Rc;

use peerjs_wasm::proto::error::ConnectionError;
use peerjs_wasm::proto::message::{Message, MessageType};
use peerjs_wasm::proto::peer::{Output, Peer};
use support::{Note, options};

/// A core that the server knows as "me", and what goes with everything that its socket says.
fn registered() -> (Peer<Note>, u32) {
    let mut core = Peer::new(options("secret"));
    core.start(Some("me".into()), true, 0.0);
    let Some(Output::OpenSocket { attempt, .. }) = core.poll() else { panic!("opens a socket") };
    core.socket_opened(attempt, 0.0);
    core.receive(attempt, message(MessageType::Open, "", None), 0.0);
    let outputs = drained(&mut core);
    assert!(matches!(&outputs[..], [Output::Opened(id), Output::Transmit(_)] if id == "me"), "{outputs:?}");
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
    core.receive(attempt, candidate("far", "mc_1"), 0.0);
    let delivered = || Output::Deliver(key, candidate("far", "mc_1"));
    assert_eq!(drained(&mut core), [delivered(), delivered(), delivered()]);
}

#[test]
fn candidates_that_overtake_the_answer_wait_for_it() {
    let (mut core, attempt) = registered();
    let key = core.add("far", "dc_1");
    let answer = || message(MessageType::Answer, "far", Some(Note::data("dc_1")));
    core.receive(attempt, candidate("far", "dc_1"), 0.0);
    assert_eq!(drained(&mut core), [], "a browser refuses candidates before there is a description");
    core.receive(attempt, answer(), 0.0);
    let expected = [Output::Deliver(key, answer()), Output::Deliver(key, candidate("far", "dc_1"))];
    assert_eq!(drained(&mut core), expected);
}

#[test]
fn an_answer_is_taken_once() {
    let (mut core, attempt) = registered();
    let key = core.add("far", "dc_1");
    let answer = || message(MessageType::Answer, "far", Some(Note::data("dc_1")));
    core.receive(attempt, answer(), 0.0);
    core.receive(attempt, answer(), 0.0);
    let outputs = drained(&mut core);
    assert!(
        matches!(&outputs[..], [Output::Deliver(to, _), Output::Warn(_, from)] if *to == key && from == "far"),
        "{outputs:?}"
    );
    core.connection_opened(key);
    core.receive(attempt, answer(), 0.0);
    assert!(matches!(drained(&mut core)[..], [Output::Warn(..)]));
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

#[test]
fn a_peer_that_declines_or_cancels_closes_its_connection_and_no_other() {
    let (mut core, attempt) = registered();
    let keys = [core.add("far", "mc_1"), core.add("far", "mc_2"), core.add("other", "mc_1")];
    let close = |id: &str| Some(Note { closes: true, ..Note::media(id) });
    core.receive(attempt, candidate("far", "mc_1"), 0.0);
    core.receive(attempt, message(MessageType::Candidate, "far", close("mc_1")), 0.0);
    core.receive(attempt, message(MessageType::Candidate, "far", close("mc_1")), 0.0);
    core.receive(attempt, message(MessageType::Candidate, "mallory", close("mc_2")), 0.0);
    assert_eq!(drained(&mut core), [Output::CloseConnection(keys[0], None)]);
    let failed = Some(Note { failed: true, ..close("mc_2").unwrap() });
    core.receive(attempt, message(MessageType::Candidate, "far", failed), 0.0);
    let error = Some(ConnectionError::NegotiationFailed);
    assert_eq!(drained(&mut core), [Output::CloseConnection(keys[1], error)], "and says if it has failed");
    // Nor does it wait for a connection to come.
    core.receive(attempt, message(MessageType::Candidate, "far", close("mc_3")), 0.0);
    assert_eq!(drained(&mut core), []);
    let later = core.add("far", "mc_3");
    core.connection_ready(later);
    assert_eq!(drained(&mut core), []);
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
fn an_offer_that_comes_again_is_taken_once() {
    let (mut core, attempt) = registered();
    let offer = |sdp: &str| Note { text: Some(sdp.into()), ..Note::data("dc_1") };
    let take = |core: &mut Peer<Note>, peer: &str, sdp: &str| {
        core.receive(attempt, message(MessageType::Offer, peer, Some(offer(sdp))), 0.0);
        let outputs = drained(core);
        matches!(outputs[..], [Output::Offer { .. }])
    };
    assert!(take(&mut core, "far", "v=0"));
    let key = core.add("far", "dc_1");
    core.connection_ready(key);
    assert!(!take(&mut core, "far", "v=0"), "doubled on its way");
    core.connection_opened(key);
    assert!(!take(&mut core, "far", "v=0"), "late");
    core.connection_closed(key);
    assert!(!take(&mut core, "far", "v=0"), "replayed when all was over");
    assert!(take(&mut core, "far", "v=0 again"), "of another session");
    for session in 0..256 {
        assert!(take(&mut core, "flood", &session.to_string()));
    }
    assert!(!take(&mut core, "flood", "0"), "so many are remembered");
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
    assert_eq!(take(&mut core, "late", 0), 257, "256 in all, and the open one");
}

#[test]
fn a_connection_that_is_slow_to_go_is_told_once() {
    let (mut core, attempt) = registered();
    let keys = [core.add("far", "dc_1"), core.add("far", "dc_2")];
    core.receive(attempt, message(MessageType::Leave, "far", None), 0.0);
    core.receive(attempt, message(MessageType::Leave, "far", None), 0.0);
    assert_eq!(drained(&mut core), keys.map(|key| Output::CloseConnection(key, None)));
    core.receive(attempt, message(MessageType::Expire, "far", None), 0.0);
    core.destroy();
    let outputs = drained(&mut core);
    assert!(!outputs.iter().any(|output| matches!(output, Output::CloseConnection(..))), "{outputs:?}");
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
fn nobody_hears_that_a_question_to_ourselves_was_not_taken() {
    let (mut core, attempt) = registered();
    core.receive(attempt, message(MessageType::Expire, "me", None), 0.0);
    assert_eq!(drained(&mut core), []);
}
