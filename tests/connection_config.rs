//! How long a connection waits for the function `config`, and what becomes of it without an answer.
#![cfg(not(target_arch = "wasm32"))]

use peerjs_wasm::proto::connection::end::Reason;
use peerjs_wasm::proto::connection::resume::Policy;
use peerjs_wasm::proto::connection::{CONFIG_TIMEOUT, Connection, Direction, Identity, Output};
use peerjs_wasm::proto::error::ConnectionError;
use peerjs_wasm::proto::message::{ConnectionType, Features, MessageType};
use peerjs_wasm::proto::time::NEVER;

const NOW: f64 = 5.0;
const DUE: f64 = NOW + CONFIG_TIMEOUT;

fn connection(direction: Direction, features: Features) -> Connection {
    let identity =
        Identity { kind: ConnectionType::Data, peer: "far".into(), id: "dc_1".into(), resumes: false };
    Connection::new(identity, direction, features, Policy { timeout: 0.0, random: || 0.5 })
}

fn asked() -> Connection {
    let mut core = connection(Direction::Outgoing, Features::default());
    core.config_asked(NOW);
    assert_eq!(core.deadline(), DUE);
    core
}

/// What it tells once it is `now`.
fn told(core: &mut Connection, now: f64) -> Vec<Output> {
    core.tick(now, None);
    std::iter::from_fn(|| core.poll(now)).collect()
}

#[test]
fn an_answer_in_time_is_taken_and_nothing_is_waited_for() {
    let mut core = asked();
    assert_eq!(told(&mut core, DUE - 1.0), []);
    assert!(core.config_answered());
    assert_eq!(core.deadline(), NEVER);
    assert_eq!(told(&mut core, DUE), []);
    assert!(!core.config_answered(), "it was asked once");
}

#[test]
fn an_answer_too_late_is_not_taken_and_that_it_is_late_is_told_once() {
    let mut core = asked();
    assert_eq!(told(&mut core, DUE), [Output::ConfigLate]);
    assert_eq!(told(&mut core, DUE + CONFIG_TIMEOUT), []);
    assert_eq!(core.deadline(), NEVER);
    assert!(!core.config_answered());
}

#[test]
fn a_connection_that_is_closed_waits_for_no_answer() {
    let mut core = asked();
    core.close(Reason::Local);
    assert_eq!(core.deadline(), NEVER);
    assert!(!told(&mut core, DUE).contains(&Output::ConfigLate));
    assert!(!core.config_answered());
}

#[test]
fn the_remote_that_has_offered_is_told_that_there_is_no_configuration() {
    let mut features = Features::default();
    features.add("close");
    let mut core = connection(Direction::Incoming("offer".into()), features);
    core.config_asked(NOW);
    core.close(Reason::Failed(ConnectionError::Config));
    let told = told(&mut core, NOW);
    assert!(told.contains(&Output::Error(ConnectionError::Config)), "{told:?}");
    assert!(
        told.iter().any(|output| matches!(output, Output::Signal(MessageType::Candidate, _))),
        "{told:?}"
    );
}
