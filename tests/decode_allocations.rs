//! How much memory the decoder allocates for any bytes: see models/memory.rs.
#![cfg(not(target_arch = "wasm32"))]

mod models;

use models::memory::check;
use proptest::collection::vec;
use proptest::prelude::*;

/// Random bytes, and heads that announce large values.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let greedy = prop_oneof![
        Just(vec![0x91]),
        Just(vec![0x81, 0x01]),
        (any::<u8>(), any::<u8>()).prop_map(|(high, low)| vec![0xdc, high, low]),
        any::<u16>().prop_map(|count| [vec![0xdd, 0, 0], count.to_be_bytes().to_vec()].concat()),
        any::<u16>().prop_map(|count| [vec![0xde], count.to_be_bytes().to_vec(), vec![0x01]].concat()),
        any::<u32>().prop_map(|len| [vec![0xdb], len.to_be_bytes().to_vec()].concat()),
        vec(any::<u8>(), 0..8),
    ];
    prop_oneof![
        vec(any::<u8>(), 0..2000),
        vec(greedy, 0..1000).prop_map(|parts| parts.concat()),
        (0..20_000usize).prop_map(|depth| vec![0x91; depth]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_message_allocates_no_more_than_a_small_multiple_of_its_bytes(bytes in hostile()) {
        check(&bytes);
    }
}
