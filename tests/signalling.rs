//! Runs the model of a transport's acknowledgements and presence: see models/signalling.rs.
#![cfg(not(target_arch = "wasm32"))]

mod models;

use models::signalling::Traffic;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_offer_is_acknowledged_or_expires_once(traffic in models::from_bytes::<Traffic>(500)) {
        traffic.run();
    }
}
