//! Routing of messages in a Peer: to which connection, and how many of them are kept for how long.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::rc::Rc;

use peerjs_wasm::proto::error::ConnectionError;
use peerjs_wasm::proto::message::{ConnectionType, Message, MessageType};
use peerjs_wasm::proto::peer::{Output, Peer};
use peerjs_wasm::proto::registry::RING;
use peerjs_wasm::proto::time::NEVER;
use support::{Note, receive, registered};

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
    receive(&mut core, attempt, message(MessageType::Offer, "far", Some(Note::media("mc_1"))), 0.0);
    let outputs = drained(&mut core);
    assert!(matches!(&outputs[..], [Output::Offer { peer, id, .. }] if peer == "far" && id == "mc_1"));
    let key = core.add("far", "mc_1", None);
    receive(&mut core, attempt, candidate("far", "mc_1"), 0.0);
    receive(&mut core, attempt, candidate("far", "mc_1"), 600_000.0);
    assert_eq!(drained(&mut core), [], "not before it can take them, however long that takes");
    core.connection_ready(key);
    receive(&mut core, attempt, candidate("far", "mc_1"), 0.0);
    let delivered = || Output::Deliver(key, candidate("far", "mc_1"));
    assert_eq!(drained(&mut core), [delivered(), delivered(), delivered()]);
}

#[test]
fn candidates_that_overtake_the_answer_wait_for_it() {
    let (mut core, attempt) = registered();
    let key = core.add("far", "dc_1", None);
    let answer = || message(MessageType::Answer, "far", Some(Note::data("dc_1")));
    receive(&mut core, attempt, candidate("far", "dc_1"), 0.0);
    assert_eq!(drained(&mut core), [], "a browser refuses candidates before there is a description");
    receive(&mut core, attempt, answer(), 0.0);
    let expected = [Output::Deliver(key, answer()), Output::Deliver(key, candidate("far", "dc_1"))];
    assert_eq!(drained(&mut core), expected);
}

#[test]
fn an_answer_is_taken_once() {
    let (mut core, attempt) = registered();
    let key = core.add("far", "dc_1", None);
    let answer = || message(MessageType::Answer, "far", Some(Note::data("dc_1")));
    receive(&mut core, attempt, answer(), 0.0);
    receive(&mut core, attempt, answer(), 0.0);
    let outputs = drained(&mut core);
    assert!(
        matches!(&outputs[..], [Output::Deliver(to, _), Output::Warn(_, from)] if *to == key && from == "far"),
        "{outputs:?}"
    );
    core.connection_opened(key);
    receive(&mut core, attempt, answer(), 0.0);
    assert!(matches!(drained(&mut core)[..], [Output::Warn(..)]));
}

#[test]
fn a_candidate_that_overtakes_its_offer_is_kept_for_it() {
    let (mut core, attempt) = registered();
    receive(&mut core, attempt, candidate("far", "dc_1"), 0.0);
    receive(&mut core, attempt, offer("far", "dc_1"), 1.0);
    assert!(matches!(drained(&mut core)[..], [Output::Offer { .. }]));
    let key = core.add("far", "dc_1", None);
    core.connection_ready(key);
    assert_eq!(drained(&mut core), [Output::Deliver(key, candidate("far", "dc_1"))]);
}

#[test]
fn nobody_reaches_the_connection_of_another() {
    let (mut core, attempt) = registered();
    let key = core.add("far", "dc_1", None);
    receive(&mut core, attempt, candidate("mallory", "dc_1"), 0.0);
    receive(&mut core, attempt, candidate("far", "dc_2"), 0.0);
    core.connection_ready(key);
    receive(&mut core, attempt, candidate("mallory", "dc_1"), 0.0);
    assert_eq!(drained(&mut core), []);
    // An offer of mallory does not close it either.
    receive(&mut core, attempt, offer("mallory", "dc_1"), 0.0);
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
            receive(&mut core, attempt, early("junk", &id.to_string()), 0.0);
            warnings += drained(&mut core).len();
        }
    }
    assert!(Rc::strong_count(&alive) <= 64 * 128 + 1, "{} kept", Rc::strong_count(&alive));
    assert_eq!(warnings, 300 * (200 - 128), "each that was not kept is told");
    // The latest messages are kept: the oldest are dropped.
    receive(&mut core, attempt, early("honest", "dc_1"), 0.0);
    let key = core.add("honest", "dc_1", None);
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
        receive(&mut core, attempt, candidate("far", &id.to_string()), f64::from(id));
    }
    drained(&mut core);
    core.add("far", "0", None);
    receive(&mut core, attempt, candidate("far", "64"), 64.0);
    receive(&mut core, attempt, candidate("far", "65"), 65.0);
    drained(&mut core);
    let mut kept = |id: &str| {
        let key = core.add("far", id, None);
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
    receive(&mut core, attempt, message(MessageType::Candidate, "far", Some(payload)), 0.0);
    drained(&mut core);
    core.tick(29_999.0);
    assert_eq!(Rc::strong_count(&alive), 2, "its offer may still come");
    assert_eq!(core.deadline(), 30_000.0);
    core.tick(30_000.0);
    assert_eq!(Rc::strong_count(&alive), 1, "though nobody has sent anything since");
    assert_eq!(core.deadline(), NEVER);
}

#[test]
fn what_waits_for_an_answer_is_bounded() {
    let (mut core, attempt) = registered();
    let key = core.add("far", "mc_1", None);
    for _ in 0..1_000 {
        receive(&mut core, attempt, candidate("far", "mc_1"), 0.0);
    }
    drained(&mut core);
    core.connection_ready(key);
    assert_eq!(drained(&mut core).len(), 128);
}

#[test]
fn nothing_stays_of_a_closed_connection() {
    let (mut core, attempt) = registered();
    let key = core.add("far", "mc_1", None);
    receive(&mut core, attempt, candidate("far", "mc_1"), 0.0);
    assert_eq!(drained(&mut core), []);
    core.connection_closed(key);
    core.connection_ready(key);
    core.connection_opened(key);
    let again = core.add("far", "mc_1", None);
    core.connection_ready(again);
    assert_eq!(drained(&mut core), []);
    assert_ne!(key, again);
}

#[test]
fn a_peer_that_declines_or_cancels_closes_its_connection_and_no_other() {
    let (mut core, attempt) = registered();
    let keys =
        [core.add("far", "mc_1", None), core.add("far", "mc_2", None), core.add("other", "mc_1", None)];
    let close = |id: &str| Some(Note { closes: true, ..Note::media(id) });
    receive(&mut core, attempt, candidate("far", "mc_1"), 0.0);
    receive(&mut core, attempt, message(MessageType::Candidate, "far", close("mc_1")), 0.0);
    receive(&mut core, attempt, message(MessageType::Candidate, "far", close("mc_1")), 0.0);
    receive(&mut core, attempt, message(MessageType::Candidate, "mallory", close("mc_2")), 0.0);
    assert_eq!(drained(&mut core), [Output::CloseConnection(keys[0], None)]);
    let failed = Some(Note { failed: true, ..close("mc_2").unwrap() });
    receive(&mut core, attempt, message(MessageType::Candidate, "far", failed), 0.0);
    let error = Some(ConnectionError::NegotiationFailed);
    assert_eq!(drained(&mut core), [Output::CloseConnection(keys[1], error)], "and says if it has failed");
    // It is not kept for a later connection either.
    receive(&mut core, attempt, message(MessageType::Candidate, "far", close("mc_3")), 0.0);
    assert_eq!(drained(&mut core), []);
    let later = core.add("far", "mc_3", None);
    core.connection_ready(later);
    assert_eq!(drained(&mut core), []);
}

// Offers.

#[test]
fn an_offer_with_a_known_id_closes_the_old_connection_first() {
    let (mut core, attempt) = registered();
    receive(&mut core, attempt, offer("far", "dc_1"), 0.0);
    drained(&mut core);
    let old = core.add("far", "dc_1", None);
    core.connection_ready(old);
    core.connection_opened(old);
    receive(&mut core, attempt, offer("far", "dc_1"), 0.0);
    assert_eq!(core.poll(), Some(Output::CloseConnection(old, None)));
    core.connection_closed(old);
    assert!(matches!(core.poll(), Some(Output::Warn(..))), "which PeerJS warns of too");
    assert!(matches!(core.poll(), Some(Output::Offer { .. })));
    let new = core.add("far", "dc_1", None);
    core.connection_ready(new);
    receive(&mut core, attempt, candidate("far", "dc_1"), 0.0);
    assert_eq!(drained(&mut core), [Output::Deliver(new, candidate("far", "dc_1"))]);
}

#[test]
fn of_offers_with_one_id_only_the_last_stays_however_fast_they_come() {
    let (mut core, attempt) = registered();
    for _ in 0..3 {
        receive(&mut core, attempt, offer("far", "dc_1"), 0.0);
    }
    let mut living = Vec::new();
    while let Some(output) = core.poll() {
        match output {
            Output::Offer { peer, id, .. } => living.push(core.add(&peer, &id, None)),
            // The close is reported late, as by a page that is busy.
            Output::CloseConnection(key, None) => living.retain(|living| *living != key),
            Output::Warn(..) => {}
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
        receive(core, attempt, message(MessageType::Offer, peer, Some(offer(sdp))), 0.0);
        let outputs = drained(core);
        matches!(outputs[..], [Output::Offer { .. }])
    };
    assert!(take(&mut core, "far", "v=0"));
    let key = core.add("far", "dc_1", None);
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
        receive(&mut core, attempt, message(kind, "far", payload), 0.0);
        let outputs = drained(&mut core);
        assert!(matches!(&outputs[..], [Output::Warn(_, from)] if from == "far"), "{outputs:?}");
    }
    receive(&mut core, attempt, message(MessageType::Heartbeat, "far", None), 0.0);
    assert_eq!(drained(&mut core), []);
}

/// A Peer that receives offers of calls and data connections, and answers only the latter.
struct Offered {
    core: Peer<Note>,
    attempt: u32,
    made: u32,
}

impl Offered {
    fn new() -> Self {
        let (core, attempt) = registered();
        Self { core, attempt, made: 0 }
    }

    /// Whether one more offer of `peer` is accepted.
    fn takes(&mut self, peer: &str, note: fn(&str) -> Note, now: f64) -> bool {
        self.made += 1;
        let payload = note(&self.made.to_string());
        let media = payload.kind == Some(ConnectionType::Media);
        receive(&mut self.core, self.attempt, message(MessageType::Offer, peer, Some(payload)), now);
        let mut taken = false;
        while let Some(output) = self.core.poll() {
            match output {
                Output::Offer { peer, id, .. } => {
                    let key = self.core.add(&peer, &id, Some(now));
                    if !media {
                        self.core.connection_awaited(key, now);
                        self.core.connection_ready(key);
                    }
                    taken = true;
                }
                Output::CloseConnection(key, None) => self.core.connection_closed(key),
                Output::Warn(_, from) => assert_eq!(from, peer),
                other => panic!("{other:?}"),
            }
        }
        taken
    }

    fn count(&mut self, times: u32, peer: &str, note: fn(&str) -> Note, now: f64) -> u32 {
        (0..times).map(|_| u32::from(self.takes(peer, note, now))).sum()
    }
}

#[test]
fn offers_of_one_peer_are_bounded_while_they_are_not_open() {
    for note in [Note::data, Note::media] {
        let mut offered = Offered::new();
        assert_eq!(offered.count(100, "flood", note, 0.0), 64);
        assert!(offered.takes("other", note, 0.0), "others are not in its way");
        let first = offered.core.registry().keys().next().unwrap();
        offered.core.connection_opened(first);
        assert_eq!(offered.count(2, "flood", note, 0.0), 1, "one that has opened makes room");
    }
}

#[test]
fn data_connections_that_are_being_made_are_not_given_up_for_others() {
    let mut offered = Offered::new();
    for bot in ["bot1", "bot2", "bot3", "bot4"] {
        assert_eq!(offered.count(64, bot, Note::data, 0.0), 64);
    }
    assert!(!offered.takes("friend", Note::data, 29_999.0), "256 in all");
    let core = &mut offered.core;
    core.tick(30_000.0);
    while let Some(output) = core.poll() {
        let Output::CloseConnection(key, Some(_)) = output else { panic!("{output:?}") };
        core.connection_closed(key);
    }
    assert!(offered.takes("friend", Note::data, 30_000.0), "they have failed by now");
}

/// Four remote peers that call again and again, without an answer.
fn beleaguered() -> Offered {
    let mut offered = Offered::new();
    for bot in ["bot1", "bot2", "bot3", "bot4"] {
        assert_eq!(offered.count(64, bot, Note::media, 0.0), 64);
    }
    offered
}

#[test]
fn unanswered_calls_of_strangers_keep_no_friend_out() {
    const DAY: f64 = 24.0 * 3_600_000.0;
    const NOTES: [fn(&str) -> Note; 2] = [Note::media, Note::data];
    for (now, note) in [0.0, DAY].into_iter().flat_map(|now| NOTES.map(|note| (now, note))) {
        let mut offered = beleaguered();
        assert!(offered.takes("friend", note, now), "after {now} ms");
    }
    let mut offered = beleaguered();
    assert_eq!(offered.count(1_000, "bot1", Note::media, 0.0), 0, "they themselves have had enough");
    assert_eq!(offered.count(64, "bot1", Note::media, RING), 64, "until theirs have rung for long enough");
    assert_eq!(offered.count(1, "bot1", Note::media, RING), 0);
}

#[test]
fn peers_do_not_evict_each_other_without_end() {
    let mut offered = beleaguered();
    let bots: Vec<String> = (0..8).map(|bot| format!("bot{bot}")).collect();
    let mut rounds =
        || (0..1_000).map(|round| offered.count(1, &bots[round % 8], Note::media, 0.0)).sum::<u32>();
    assert!(rounds() > 0, "there is room for the other four");
    assert_eq!(rounds(), 0);
    assert_eq!(offered.count(10, "friend", Note::media, 0.0), 10);
    assert_eq!(offered.core.registry().keys().count(), 256);
}

#[test]
fn calls_of_our_own_and_answered_ones_are_not_given_up() {
    let mut offered = Offered::new();
    let own: Vec<_> = (0..300).map(|id| offered.core.add("friend", &format!("mc_own{id}"), None)).collect();
    for key in &own[1..] {
        offered.core.connection_closed(*key);
    }
    assert!(offered.takes("friend", Note::media, 0.0));
    let answered = offered.core.registry().keys().last().unwrap();
    offered.core.connection_opened(answered);
    for bot in 0..300 {
        offered.takes(&format!("bot{bot}"), Note::media, f64::from(bot) * RING);
    }
    assert_eq!(offered.core.registry().keys().count(), 258);
    let keys: Vec<_> = offered.core.registry().keys().take(2).collect();
    assert_eq!(keys, [own[0], answered]);
}

#[test]
fn a_connection_that_is_slow_to_go_is_told_once() {
    let (mut core, attempt) = registered();
    let keys = [core.add("far", "dc_1", None), core.add("far", "dc_2", None)];
    receive(&mut core, attempt, message(MessageType::Leave, "far", None), 0.0);
    receive(&mut core, attempt, message(MessageType::Leave, "far", None), 0.0);
    assert_eq!(drained(&mut core), keys.map(|key| Output::CloseConnection(key, None)));
    receive(&mut core, attempt, message(MessageType::Expire, "far", None), 0.0);
    core.destroy();
    let outputs = drained(&mut core);
    assert!(!outputs.iter().any(|output| matches!(output, Output::CloseConnection(..))), "{outputs:?}");
}

// What a hostile peer cannot do.

#[test]
fn what_seems_to_come_from_ourselves_is_not_kept() {
    let (mut core, attempt) = registered();
    receive(&mut core, attempt, candidate("me", "dc_1"), 0.0);
    assert_eq!(drained(&mut core), []);
    let key = core.add("me", "dc_1", None);
    core.connection_ready(key);
    assert_eq!(drained(&mut core), []);
}

#[test]
fn nobody_hears_that_a_question_to_ourselves_was_not_taken() {
    let (mut core, attempt) = registered();
    receive(&mut core, attempt, message(MessageType::Expire, "me", None), 0.0);
    assert_eq!(drained(&mut core), []);
}
