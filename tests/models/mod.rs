//! What must hold whatever comes. Each target makes operations of bytes, carries them out and panics where something does
//! not hold: proptest calls it with bytes at random, tests/corpus.rs with those that were found worth keeping, and
//! fuzz/ with those that lead further into the code.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, reason = "each test binary uses its own part")]

pub mod connection;
pub mod decode;
pub mod inbound;
pub mod memory;
#[path = "../support/note.rs"]
mod note;
pub mod peer;
pub mod send_queue;
#[path = "../tree/mod.rs"]
pub mod tree;

use arbitrary::{Arbitrary, Unstructured};

/// A name, that of the corpus too, and what is to be done with bytes.
type Target = (&'static str, fn(&[u8]));

pub const TARGETS: [Target; 7] = [
    ("binarypack", decode::binary_pack),
    ("connection", |bytes| run(bytes, connection::Course::run)),
    ("control", connection::control),
    ("msgpack", decode::message_pack),
    ("pieces", |bytes| run(bytes, inbound::Pieces::run)),
    ("peer", |bytes| run(bytes, peer::Life::run)),
    ("send_queue", |bytes| run(bytes, send_queue::Traffic::run)),
];

/// What the target of that name does with `bytes`.
pub fn target(name: &str, bytes: &[u8]) {
    let (_, run) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target");
    run(bytes);
}

fn run<T: for<'a> Arbitrary<'a>>(bytes: &[u8], run: fn(T)) {
    if let Ok(operations) = T::arbitrary_take_rest(Unstructured::new(bytes)) {
        run(operations);
    }
}

/// Operations as a fuzzer makes them, of up to so many bytes.
#[cfg(test)]
pub fn from_bytes<T: for<'a> Arbitrary<'a> + std::fmt::Debug>(
    most: usize,
) -> impl proptest::strategy::Strategy<Value = T> {
    use proptest::prelude::*;
    proptest::collection::vec(any::<u8>(), 0..most)
        .prop_filter_map("too few bytes", |bytes| T::arbitrary_take_rest(Unstructured::new(&bytes)).ok())
}
