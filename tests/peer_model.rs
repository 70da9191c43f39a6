//! Runs the model of a Peer with any order of events: see models/peer.rs.
#![cfg(not(target_arch = "wasm32"))]

mod models;

use models::peer::Life;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_peer_keeps_its_word(life in models::from_bytes::<Life>(400)) {
        life.run();
    }

    #[test]
    fn time_alone_brings_every_peer_to_rest(life in models::from_bytes::<Life>(200)) {
        life.rest();
    }
}
