//! The advice about connections that fail: the cases that the npm package passes, too.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use peerjs_wasm::proto::diagnosis::{Advice, CandidateCount, Facts};

const CASES: &str = include_str!("diagnosis.txt");

/// An SDP with candidates of these types.
fn sdp(types: &str) -> String {
    let types = types.split(' ').filter(|kind| *kind != "-");
    types
        .map(|kind| format!("a=candidate:1 1 udp 1 192.0.2.1 9 typ {kind} raddr 0.0.0.0 rport 0\r\n"))
        .collect()
}

fn name(advice: Advice) -> &'static str {
    match advice {
        Advice::TurnNeeded => "turn-needed",
        Advice::TurnUnreachable => "turn-unreachable",
        Advice::TurnRefused => "turn-refused",
        Advice::RelayFailed => "relay-failed",
        Advice::NoAnswer => "no-answer",
        Advice::NoCandidates => "no-candidates",
        Advice::PathLost => "path-lost",
        Advice::SignallingLost => "signalling-lost",
        _ => "unknown",
    }
}

#[test]
fn the_advice_is_that_of_the_npm_package() {
    for case in CASES.lines().skip(1) {
        let fields: Vec<_> = case.split(" | ").collect();
        let [error, registered, local, remote, servers, codes, advice] = fields[..] else { panic!("{case}") };
        let remote = (remote != "none").then(|| sdp(remote));
        let facts = Facts {
            was_open: error == "connection-closed",
            is_registered: registered == "yes",
            has_turn: servers.contains("turn"),
            is_refused: codes.split(' ').any(|code| code == "401"),
            local: CandidateCount::of(&sdp(local)),
            remote: remote.as_deref(),
        };
        assert_eq!(name(facts.advice()), advice, "{case}");
    }
}

#[test]
fn candidates_are_counted_by_type() {
    let mut count = CandidateCount::of(&sdp("host host srflx relay tcp-junk prflx relay relay"));
    let expected = (2, 1, 1, 3);
    assert_eq!((count.host, count.server_reflexive, count.peer_reflexive, count.relay), expected);
    count = CandidateCount::of(" typ  typ hos typ ");
    assert_eq!(count, CandidateCount::default());
}
