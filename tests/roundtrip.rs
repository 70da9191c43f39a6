//! What is encoded and decoded again is what it was.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod tree;

use peerjs_wasm::core::codec::binarypack::encode::BINARYPACK;
use peerjs_wasm::core::codec::encode::{self, encode};
use peerjs_wasm::core::codec::msgpack::encode::MSGPACK;
use peerjs_wasm::core::codec::tape::{NAN, TOKEN, write as tag};
use peerjs_wasm::core::inbound::{Page, Part, ROOM, Scratch, Stream};
use proptest::prelude::*;
use tree::encode::Format;
use tree::{Tree, Value, generate};

/// The tape that js/codec/writer.js would write.
fn write(value: &Value, tape: &mut Vec<u8>) {
    let token = |tag: u32, low: usize| (u64::from(TOKEN | tag) << 32 | low as u64).to_le_bytes();
    match value {
        Value::Undefined | Value::Null => tape.extend(token(tag::NULL, 0)),
        Value::Bool(is) => tape.extend(token(if *is { tag::TRUE } else { tag::FALSE }, 0)),
        Value::Number(number) => number_slot(*number, tape),
        Value::Text(text) => inline(token(tag::STRING, text.len()), text.as_bytes(), tape),
        Value::Bytes(bytes) => inline(token(tag::BYTES, bytes.len()), bytes, tape),
        Value::Array(members) => {
            tape.extend(token(tag::ARRAY, members.len()));
            members.iter().for_each(|member| write(member, tape));
        }
        Value::Map(entries) => {
            tape.extend(token(tag::MAP, entries.len()));
            for (key, value) in entries {
                inline(token(tag::STRING, key.len()), key.as_bytes(), tape);
                write(value, tape);
            }
        }
        Value::Date(ms) => {
            tape.extend(token(tag::DATE, 0));
            number_slot(*ms, tape);
        }
        Value::Ext(..) => unreachable!("nothing that we send has a type of its own"),
    }
}

fn number_slot(number: f64, tape: &mut Vec<u8>) {
    tape.extend(if number.is_nan() { NAN } else { number.to_bits() }.to_le_bytes());
}

fn inline(token: [u8; 8], bytes: &[u8], tape: &mut Vec<u8>) {
    tape.extend(token);
    tape.extend(bytes);
    tape.resize(tape.len().next_multiple_of(8), 0);
}

fn encoded(value: &Value, format: &encode::Format) -> Vec<u8> {
    let (mut tape, mut bytes) = (Vec::new(), Vec::new());
    write(value, &mut tape);
    let (len, _) = encode(format, &tape, &mut bytes, || ()).unwrap();
    bytes.truncate(len);
    bytes
}

/// What has no like among what we send.
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
        stream.take_in(&page, &mut scratch, part, ROOM).unwrap();
        prop_assert_eq!(stream.build.done, [value]);
    }
}
