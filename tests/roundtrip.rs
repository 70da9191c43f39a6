//! Decoding of an encoded value returns the same value.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod tree;

use peerjs_wasm::proto::codec::binarypack::encode::BINARYPACK;
use peerjs_wasm::proto::codec::msgpack::encode::MSGPACK;
use peerjs_wasm::proto::inbound::{MAX_PREALLOCATED, Page, Part, Scratch, Stream};
use proptest::prelude::*;
use tree::encode::Format;
use tree::tape::encoded;
use tree::{Tree, Value, generate};

/// Whether the encoder can represent a value, so that it decodes to the same value.
fn sendable(value: &Value) -> bool {
    match value {
        Value::Undefined | Value::Ext(..) => false,
        Value::Array(members) => members.iter().all(sendable),
        Value::Map(entries) => entries.iter().all(|(_, value)| sendable(value)),
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn through_binary_pack(value in generate::value(Format::BinaryPack).prop_filter("sendable", sendable)) {
        prop_assert_eq!(Tree::default().unpack(&encoded(&value, &BINARYPACK)), Ok(value));
    }

    #[test]
    fn through_message_pack(value in generate::value(Format::MessagePack).prop_filter("sendable", sendable)) {
        let (page, mut scratch) = (Tree::default(), Scratch::new());
        let bytes = encoded(&value, &MSGPACK);
        let mut stream = Stream::message_pack(page.start(), u64::MAX);
        let part = Part { source: &bytes.as_slice().into(), at: 0, len: bytes.len() as u32, beyond: u64::MAX >> 1 };
        stream.take_in(&page, &mut scratch, part, MAX_PREALLOCATED).unwrap();
        prop_assert_eq!(stream.build.done, [value]);
    }
}
