//! Models that check invariants for any input.
//!
//! Each target converts bytes to operations, carries them out, and panics if an invariant does not hold. proptest calls
//! it with random bytes, tests/corpus.rs with the kept inputs, and fuzz/ with inputs that reach new code.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, reason = "each test binary uses its own part")]

pub mod connection;
pub mod decode;
pub mod inbound;
pub mod memory;
#[path = "../support/note.rs"]
mod note;
pub mod peer;
pub mod send_queue;
pub mod signalling;
#[path = "../tree/mod.rs"]
pub mod tree;

use arbitrary::{Arbitrary, Unstructured};

/// The name of a target and of its corpus, and its function.
type Target = (&'static str, fn(&[u8]));

pub const TARGETS: [Target; 8] = [
    ("binarypack", decode::binary_pack),
    ("connection", |bytes| run(bytes, connection::Course::run)),
    ("control", connection::control),
    ("msgpack", decode::message_pack),
    ("pieces", |bytes| run(bytes, inbound::Pieces::run)),
    ("peer", |bytes| run(bytes, peer::Life::run)),
    ("send_queue", |bytes| run(bytes, send_queue::Traffic::run)),
    ("signalling", |bytes| run(bytes, signalling::Traffic::run)),
];

/// Runs the target with this name.
pub fn target(name: &str, bytes: &[u8]) {
    let (_, run) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target");
    run(bytes);
}

fn run<T: for<'a> Arbitrary<'a>>(bytes: &[u8], run: fn(T)) {
    if let Ok(operations) = T::arbitrary_take_rest(Unstructured::new(bytes)) {
        run(operations);
    }
}

/// A strategy for operations, made of up to `most` random bytes as a fuzzer does.
#[cfg(test)]
pub fn from_bytes<T: for<'a> Arbitrary<'a> + std::fmt::Debug>(
    most: usize,
) -> impl proptest::strategy::Strategy<Value = T> {
    use proptest::prelude::*;
    proptest::collection::vec(any::<u8>(), 0..most)
        .prop_filter_map("too few bytes", |bytes| T::arbitrary_take_rest(Unstructured::new(&bytes)).ok())
}
