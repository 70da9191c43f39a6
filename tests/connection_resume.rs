//! A connection whose path is lost, in virtual time: see models/connection.rs.
#![cfg(not(target_arch = "wasm32"))]

mod models;

use models::connection::{End, FIREFOX, Heard, Op, Pair, ours};
use peerjs_wasm::proto::connection::control::Frame;
use peerjs_wasm::proto::connection::resume::TIMEOUT;
use peerjs_wasm::proto::message::Features;

/// Two ends, of which the caller has sent something; then the path is cut.
fn cut() -> Pair {
    let mut pair = Pair::connected(ours());
    pair.perform(Op::Send(End::Caller));
    pair.perform(Op::Cut);
    pair
}

fn told(pair: &mut Pair, end: End) -> Vec<Heard> {
    std::mem::take(&mut pair.half(end).heard)
}

/// Time passes in steps of a tenth of a second, and everything that can happen does.
fn live(pair: &mut Pair, seconds: f64) {
    let end = pair.now + seconds * 1_000.0;
    while pair.now < end {
        pair.perform(Op::Wait(100));
        pair.work();
    }
}

#[test]
fn nothing_is_asked_while_nothing_is_sent() {
    let pair = Pair::connected(ours());
    assert_eq!(pair.caller.core.deadline(), f64::INFINITY);
    assert_eq!(pair.callee.core.deadline(), f64::INFINITY);
}

#[test]
fn one_message_is_followed_by_one_ping() {
    let mut pair = Pair::connected(ours());
    pair.perform(Op::Send(End::Caller));
    live(&mut pair, 60.0);
    assert_eq!(pair.caller.asked, 1);
    assert_eq!(pair.caller.core.deadline(), f64::INFINITY);
    assert_eq!(told(&mut pair, End::Caller), []);
}

#[test]
fn a_silent_path_is_noticed_in_three_seconds_and_a_new_one_found_at_once() {
    let mut pair = cut();
    live(&mut pair, 3.2);
    assert_eq!(told(&mut pair, End::Caller), [Heard::Reconnecting("silence")]);
    assert!(pair.caller.restarts > 0, "no restart");
    pair.perform(Op::Mend);
    live(&mut pair, 0.3);
    assert!(matches!(told(&mut pair, End::Caller)[..], [Heard::Reconnected(_)]));
    pair.settle();
    pair.check();
}

#[test]
fn a_lost_path_is_given_up_after_the_timeout() {
    for end in [End::Caller, End::Callee] {
        let mut pair = cut();
        pair.perform(Op::Path(end, 0));
        live(&mut pair, TIMEOUT / 1_000.0 - 0.2);
        assert_eq!(told(&mut pair, end), [Heard::Reconnecting("ice")]);
        live(&mut pair, 0.4);
        assert_eq!(told(&mut pair, end), [Heard::Failed, Heard::Closed]);
    }
}

#[test]
fn a_remote_whose_page_sleeps_is_not_waited_for_without_end() {
    let mut pair = cut();
    live(&mut pair, 20.0);
    // The browser sees the path, which gives the whole time again, but not every time that it says so.
    let mut seconds = 0;
    while !pair.caller.heard.contains(&Heard::Closed) {
        pair.perform(Op::Path(End::Caller, 2));
        live(&mut pair, 10.0);
        seconds += 10;
        assert!(seconds < 300, "kept without end");
    }
    assert!(seconds >= 60);
    assert_eq!(told(&mut pair, End::Caller), [Heard::Reconnecting("silence"), Heard::Failed, Heard::Closed]);
}

#[test]
fn a_page_that_was_frozen_has_its_whole_time_when_it_wakes() {
    let mut pair = cut();
    live(&mut pair, 20.0);
    pair.perform(Op::Wait(60_000));
    live(&mut pair, TIMEOUT / 1_000.0 - 1.0);
    assert_eq!(told(&mut pair, End::Caller), [Heard::Reconnecting("silence")]);
    pair.perform(Op::Mend);
    live(&mut pair, 0.3);
    assert!(matches!(told(&mut pair, End::Caller)[..], [Heard::Reconnected(_)]));
    pair.settle();
    pair.check();
}

#[test]
fn timers_that_are_always_late_do_not_keep_a_lost_connection_for_ever() {
    let mut pair = cut();
    live(&mut pair, 4.0);
    for _ in 0..20 {
        pair.perform(Op::Wait(60_000));
    }
    assert_eq!(told(&mut pair, End::Caller), [Heard::Reconnecting("silence"), Heard::Failed, Heard::Closed]);
}

#[test]
fn while_the_remote_acknowledges_bytes_it_is_waited_for() {
    let mut pair = cut();
    for second in 0..100 {
        pair.now += 1_000.0;
        let now = pair.now;
        pair.caller.core.tick(now, Some(second));
        pair.perform(Op::Wait(0));
    }
    assert!(!pair.caller.heard.contains(&Heard::Closed));
}

#[test]
fn with_firefox_an_old_path_is_replaced_only_when_it_is_given_up_or_the_network_is_another() {
    for (caller, callee) in [("-", FIREFOX), (FIREFOX, "-")] {
        let lost = || {
            let mut pair = Pair::between(caller, callee, ours());
            pair.perform(Op::Send(End::Caller));
            pair.perform(Op::Cut);
            live(&mut pair, 3.5);
            for end in [End::Caller, End::Callee] {
                pair.perform(Op::Path(end, 0));
            }
            live(&mut pair, 15.0);
            assert_eq!((pair.caller.restarts, pair.callee.restarts), (0, 0));
            pair
        };
        let mut pair = lost();
        pair.perform(Op::Heard(End::Caller, 0));
        live(&mut pair, 8.0);
        assert_eq!((pair.caller.restarts, pair.callee.restarts), (1, 0));
        let mut pair = lost();
        pair.perform(Op::Path(End::Caller, 1));
        live(&mut pair, 8.0);
        let heard = told(&mut pair, End::Caller);
        if caller == FIREFOX {
            assert_eq!(heard[1..], [Heard::Failed, Heard::Closed], "DTLS is closed");
            continue;
        }
        assert_eq!((pair.caller.restarts, heard.len()), (1, 1));
        let mut pair = lost();
        pair.perform(Op::Mend);
        live(&mut pair, 0.3);
        assert!(matches!(told(&mut pair, End::Caller)[..], [_, Heard::Reconnected(_)]));
        pair.settle();
        pair.check();
    }
}

#[test]
fn what_does_not_want_to_be_resumed_ends_as_before() {
    let mut features = Features::default();
    features.add("control");
    for features in [features, Features::default()] {
        let mut pair = Pair::connected(features);
        pair.perform(Op::Send(End::Caller));
        pair.perform(Op::Path(End::Caller, 0));
        live(&mut pair, 100.0);
        assert_eq!(told(&mut pair, End::Caller), []);
        pair.perform(Op::Path(End::Caller, 1));
        assert_eq!(told(&mut pair, End::Caller), [Heard::Failed, Heard::Closed]);
    }
}

#[test]
fn a_frame_without_the_key_is_ignored_and_one_of_before_changes_nothing() {
    let mut pair = cut();
    pair.perform(Op::Wait(5_000));
    pair.perform(Op::Path(End::Caller, 0));
    pair.perform(Op::Wait(0));
    pair.perform(Op::Finish(End::Caller));
    let (frame, key) = pair.server(End::Callee).first().cloned().expect("an offer");
    assert!(frame.starts_with("1d1 0 o"), "{frame}");
    // The callee's own key is the caller's to know.
    for wrong in ["", "x", "caller1"] {
        let now = pair.now;
        pair.callee.core.relayed(&frame, wrong, now);
        pair.perform(Op::Wait(0));
        assert_eq!(pair.callee.pc.operation, None, "{wrong}");
    }
    live(&mut pair, 1.0);
    pair.perform(Op::Mend);
    pair.settle();
    let before = pair.callee.offers;
    let now = pair.now;
    pair.callee.core.relayed(&frame, &key, now);
    pair.settle();
    assert_eq!(pair.callee.offers, before, "an old restart was taken once more");
    pair.check();
}

#[test]
fn a_remote_that_restarts_all_the_time_is_slowed_down() {
    let mut pair = Pair::connected(ours());
    let mut number = 1;
    for _ in 0..600 {
        let message = "ov=0\r\na=ice-ufrag:x\r\n";
        let frame = Frame::Data { number, received: 0, message }.write();
        let (now, before) = (pair.now, pair.callee.offers);
        pair.callee.core.control(&frame, now);
        for _ in 0..4 {
            pair.work_at(End::Callee);
        }
        number += u32::from(pair.callee.offers > before);
        pair.perform(Op::Wait(100));
    }
    assert!((100..200).contains(&pair.callee.offers), "{} in a minute", pair.callee.offers);
}

#[test]
fn a_remote_that_answers_every_other_ping_does_not_have_us_restart_all_the_time() {
    let mut pair = Pair::connected(ours());
    for round in 0..600 {
        pair.perform(Op::Path(End::Caller, 0));
        pair.work_at(End::Caller);
        if round % 2 == 1 {
            pair.perform(Op::Path(End::Caller, 2));
            live(&mut pair, 0.1);
        }
        pair.perform(Op::Wait(100));
    }
    assert!(pair.caller.restarts < 40, "{} restarts", pair.caller.restarts);
}

#[test]
fn both_ends_that_restart_at_once_come_together() {
    let mut pair = cut();
    pair.perform(Op::Path(End::Caller, 1));
    pair.perform(Op::Path(End::Callee, 1));
    for end in [End::Caller, End::Callee] {
        pair.perform(Op::Restart(end));
        pair.perform(Op::Finish(end));
    }
    pair.perform(Op::Mend);
    live(&mut pair, 2.0);
    for end in [End::Caller, End::Callee] {
        let heard = told(&mut pair, end);
        assert!(matches!(heard[..], [Heard::Reconnecting("ice"), Heard::Reconnected(_)]), "{heard:?}");
    }
    pair.settle();
    pair.check();
}

#[test]
fn a_restart_is_followed_by_another_one_as_soon_as_it_has_failed_and_not_before() {
    let mut pair = cut();
    live(&mut pair, 5.0);
    pair.perform(Op::Path(End::Callee, 0));
    live(&mut pair, 20.0);
    assert_eq!((pair.caller.restarts, pair.callee.restarts), (1, 0));
    pair.perform(Op::Path(End::Caller, 1));
    live(&mut pair, 0.3);
    assert_eq!((pair.caller.restarts, pair.callee.restarts), (2, 0));
}

#[test]
fn an_end_that_closes_while_the_path_is_lost_says_so_through_the_server() {
    let mut pair = cut();
    pair.perform(Op::Path(End::Caller, 0));
    pair.perform(Op::Close(End::Caller, models::connection::Why::Local));
    assert_eq!(pair.caller.signalled, 1);
}
