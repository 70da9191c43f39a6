//! Connections that share an RTCPeerConnection, and whose turn it is to offer, in virtual time.

mod models;

use models::connection::{self, End, Heard, Op, Pair, Why, ours};
use peerjs_wasm::proto::connection::branches::BRANCHES;
use peerjs_wasm::proto::connection::control::{BranchMessage, Frame, Said, write_branch};
use peerjs_wasm::proto::connection::{METADATA, PATIENCE};

/// What the remote says of a branch, as the frame that follows `sent` others.
fn frame(sent: u32, number: u16, said: Said, json: &str) -> String {
    let message = write_branch(&BranchMessage { number, said, json: json.into() });
    Frame::Data { number: sent + 1, received: 0, message: &message }.write()
}

fn numbers(half: &connection::Half) -> Vec<u16> {
    half.branches.iter().map(|(number, _)| *number).collect()
}

#[test]
fn both_ends_open_branches_at_once_and_never_choose_the_same_number() {
    let mut pair = Pair::connected(ours());
    for _ in 0..200 {
        let near = pair.caller.open(false, pair.now).expect("room");
        let far = pair.callee.open(false, pair.now).expect("room");
        assert_ne!(near % 2, far % 2);
        pair.work();
        assert_eq!(numbers(&pair.caller), [near, far]);
        assert_eq!(numbers(&pair.callee), [far, near]);
        for nth in [0, 1] {
            pair.perform(Op::Part(End::Caller, nth, false));
        }
        for _ in 0..2 {
            pair.perform(Op::Part(End::Caller, 0, false));
        }
        pair.work();
        assert_eq!((numbers(&pair.caller), numbers(&pair.callee)), (vec![], vec![]));
        pair.perform(Op::Wait(100));
    }
    assert!(pair.caller.told.iter().all(|(_, said)| *said != Said::Failed), "none was refused");
}

#[test]
fn a_number_is_not_taken_again_soon() {
    let mut pair = Pair::connected(ours());
    let first = pair.caller.open(false, 0.0).expect("room");
    pair.perform(Op::Part(End::Caller, 0, false));
    for _ in 0..63 {
        assert_ne!(pair.caller.open(false, 0.0), Some(first));
        pair.perform(Op::Part(End::Caller, 0, false));
    }
    assert_eq!(pair.caller.open(false, 0.0), Some(first));
}

#[test]
fn each_end_may_open_so_many_and_says_when_there_is_no_room() {
    let mut pair = Pair::connected(ours());
    for open in 0..BRANCHES {
        assert_eq!(pair.caller.core.room(), Some(BRANCHES - open));
        assert!(pair.caller.open(open % 2 == 0, pair.now).is_some());
    }
    let (number, _) = pair.caller.branches[0];
    assert_eq!((pair.caller.core.room(), pair.caller.open(false, pair.now)), (Some(0), None));
    assert_eq!(pair.callee.core.room(), Some(BRANCHES), "the other end has its own");
    let long = BranchMessage { number, said: Said::Data, json: "x".repeat(METADATA + 1) };
    assert!(!pair.caller.core.say(&long, pair.now));
    let peerjs = Pair::connected(Default::default());
    assert_eq!(peerjs.caller.core.room(), None);
}

#[test]
fn a_remote_cannot_flood_with_branches() {
    let mut pair = Pair::connected(ours());
    for sent in 0..1_000 {
        let number = 102 + 2 * (sent % 2_000) as u16;
        pair.perform(Op::Junk(End::Callee, frame(sent, number, Said::Data, "{}")));
    }
    assert_eq!(pair.callee.branches.len(), BRANCHES);
    assert!(pair.callee.core.room() == Some(BRANCHES), "this end has its own room");
    // Opens and closes the same one over and over.
    let mut pair = Pair::connected(ours());
    for sent in 0..1_000 {
        let said = if sent % 2 == 0 { Said::Media } else { Said::End };
        pair.perform(Op::Junk(End::Callee, frame(sent, 102, said, "{}")));
    }
    let opened = pair.callee.told.iter().filter(|(_, said)| *said == Said::Media).count();
    assert!((100..200).contains(&opened), "{opened} in no time");
}

#[test]
fn what_makes_no_sense_is_refused_or_ignored() {
    let mut pair = Pair::connected(ours());
    let own = pair.callee.open(false, pair.now).expect("room");
    let told = pair.callee.told.len();
    let long = "x".repeat(METADATA + 1);
    let all = [
        (0, Said::Data, ""),
        (100, Said::Data, "{}"),
        (101, Said::Media, "{}"),
        (230, Said::Data, "{}"),
        (u16::MAX, Said::Media, "{}"),
        (own, Said::Data, "{}"),
        (own + 2, Said::Media, "{}"),
        (102, Said::Data, &long),
        (102, Said::Accept, ""),
        (102, Said::End, ""),
        (0, Said::Accept, ""),
        (0, Said::Failed, ""),
    ];
    for (sent, (number, said, json)) in all.into_iter().enumerate() {
        pair.perform(Op::Junk(End::Callee, frame(sent as u32, number, said, json)));
    }
    assert_eq!((pair.callee.told.len(), numbers(&pair.callee)), (told, vec![own]));
    assert!(!pair.callee.left);
}

#[test]
fn one_that_is_not_accepted_in_time_has_failed_and_a_call_rings_on() {
    let mut pair = Pair::connected(ours());
    pair.perform(Op::Cut);
    let data = pair.caller.open(false, pair.now).expect("room");
    let call = pair.caller.open(true, pair.now).expect("room");
    pair.perform(Op::Wait(PATIENCE as u16 - 1));
    assert_eq!(numbers(&pair.caller), [data, call]);
    pair.perform(Op::Wait(1));
    assert_eq!((numbers(&pair.caller), &*pair.caller.told), (vec![call], &[(data, Said::Failed)][..]));
}

#[test]
fn a_connection_that_closes_leaves_its_branches_and_the_last_one_ends_it() {
    let mut pair = Pair::connected(ours());
    pair.caller.open(false, pair.now);
    pair.callee.open(true, pair.now);
    pair.work();
    pair.perform(Op::Accept(End::Caller, 1));
    pair.perform(Op::Accept(End::Callee, 1));
    pair.work();
    pair.perform(Op::Close(End::Caller, Why::Local));
    pair.perform(Op::Close(End::Callee, Why::Remote));
    pair.work();
    assert!(pair.caller.left && pair.callee.left);
    assert_eq!((pair.caller.closed, pair.callee.closed), (0, 0));
    // It still negotiates, and opens further ones.
    pair.perform(Op::Toggle(End::Callee, 1));
    pair.work();
    assert_eq!(pair.caller.pc.remote, pair.callee.pc.tracks);
    let later = pair.caller.open(false, pair.now).expect("room");
    pair.work();
    assert!(numbers(&pair.callee).contains(&later));
    for _ in 0..3 {
        pair.perform(Op::Part(End::Caller, 0, false));
    }
    pair.work();
    assert_eq!((pair.caller.closed, pair.callee.closed), (1, 1));
    assert_eq!(pair.caller.heard, [Heard::Closed]);
}

#[test]
fn a_connection_that_fails_takes_its_branches_along() {
    let mut pair = Pair::connected(ours());
    pair.caller.open(false, pair.now);
    pair.work();
    pair.perform(Op::Close(End::Callee, Why::Failed));
    assert_eq!((pair.callee.closed, numbers(&pair.callee)), (1, vec![]));
}

#[test]
fn a_branch_that_the_remote_does_not_know_yet_is_waited_for_but_not_for_ever() {
    let mut pair = Pair::connected(ours());
    pair.caller.core.add_branch(peerjs_wasm::proto::message::ConnectionType::Data).expect("room");
    pair.perform(Op::Close(End::Caller, Why::Local));
    pair.work();
    pair.perform(Op::Close(End::Callee, Why::Remote));
    assert!(pair.callee.left && pair.callee.closed == 0, "more is to come");
    pair.perform(Op::Wait(9_999));
    assert_eq!(pair.callee.closed, 0);
    pair.perform(Op::Wait(1));
    assert_eq!(pair.callee.closed, 1);
}

#[test]
fn before_the_first_media_one_end_waits_for_its_turn() {
    let mut pair = Pair::connected(ours());
    let first = pair.callee.offers;
    for (end, track) in [(End::Caller, 1), (End::Callee, 2)] {
        pair.perform(Op::Toggle(end, track));
        pair.perform(Op::Needed(end));
    }
    for _ in 0..40 {
        pair.work_at(End::Callee);
        pair.work_at(End::Caller);
    }
    // Neither had to set a description while its own was not answered, or to roll one back.
    assert_eq!((pair.caller.offers, pair.callee.offers), (1, 1 + first));
    pair.settle();
    pair.check();
}

#[test]
fn an_end_that_gets_no_turn_offers_all_the_same() {
    let mut pair = Pair::connected(ours());
    pair.perform(Op::Cut);
    pair.perform(Op::Toggle(End::Callee, 1));
    pair.perform(Op::Needed(End::Callee));
    assert!(pair.callee.pc.operation.is_none(), "it asks first");
    pair.perform(Op::Wait(10_000));
    assert!(pair.callee.pc.operation.is_some());
    pair.settle();
    pair.check();
}

#[test]
fn an_end_that_gives_its_turn_away_for_nothing_offers_again() {
    let mut pair = Pair::connected(ours());
    let ask = Frame::Data { number: 1, received: 0, message: "w\n" }.write();
    pair.perform(Op::Junk(End::Caller, ask));
    pair.perform(Op::Toggle(End::Caller, 1));
    pair.perform(Op::Needed(End::Caller));
    assert!(pair.caller.pc.operation.is_none(), "it is the other end's turn");
    pair.perform(Op::Wait(10_000));
    assert!(pair.caller.pc.operation.is_some());
}
