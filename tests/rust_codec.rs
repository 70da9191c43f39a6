//! Encoding and decoding with serde, compared with the encoder of the tape and with the packer of PeerJS.
#![cfg(all(not(target_arch = "wasm32"), feature = "rust-api"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod receiver;
mod tree;

use std::collections::BTreeMap;
use std::fmt;

use peerjs_wasm::Error;
use peerjs_wasm::codec::{Format, from_bytes, to_bytes, to_packed};
use peerjs_wasm::proto::codec::binarypack::encode::BINARYPACK;
use peerjs_wasm::proto::codec::msgpack::encode::MSGPACK;
use peerjs_wasm::proto::codec::packed::{Cursor, Packed, Segment};
use proptest::collection::vec;
use proptest::prelude::*;
use receiver::End;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use tree::tape::encoded;
use tree::{Value, encode, generate};

use Format::{BinaryPack, MessagePack};

/// Any value, as a type of an application. It passes the number of members to serde, or does not.
#[derive(Debug, PartialEq)]
struct Any(Value);

/// Serializes without passing the number of members.
struct Uncounted<'a>(&'a Value);

fn serialize<S: Serializer>(value: &Value, serializer: S, counted: bool) -> Result<S::Ok, S::Error> {
    let len = |len| counted.then_some(len);
    match value {
        Value::Undefined | Value::Null => serializer.serialize_none(),
        Value::Bool(is) => serializer.serialize_bool(*is),
        Value::Number(number) => serializer.serialize_f64(*number),
        Value::Text(text) => serializer.serialize_str(text),
        Value::Bytes(bytes) => serializer.serialize_bytes(bytes),
        Value::Array(members) => {
            let mut seq = serializer.serialize_seq(len(members.len()))?;
            for member in members {
                if counted {
                    seq.serialize_element(&Counted(member))?;
                } else {
                    seq.serialize_element(&Uncounted(member))?;
                }
            }
            seq.end()
        }
        Value::Map(entries) => {
            let mut map = serializer.serialize_map(len(entries.len()))?;
            for (key, value) in entries {
                if counted {
                    map.serialize_entry(key, &Counted(value))?;
                } else {
                    map.serialize_entry(key, &Uncounted(value))?;
                }
            }
            map.end()
        }
        Value::Date(_) | Value::Ext(..) => unreachable!("serde has no such values"),
    }
}

struct Counted<'a>(&'a Value);

impl Serialize for Counted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(self.0, serializer, true)
    }
}

impl Serialize for Uncounted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(self.0, serializer, false)
    }
}

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct It;
        impl<'de> Visitor<'de> for It {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(Value::Bool(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
                Ok(Value::Number(value as f64))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
                Ok(Value::Number(value as f64))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
                Ok(Value::Number(value))
            }

            fn visit_str<E>(self, value: &str) -> Result<Value, E> {
                Ok(Value::Text(value.into()))
            }

            fn visit_bytes<E>(self, value: &[u8]) -> Result<Value, E> {
                Ok(Value::Bytes(value.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
                let mut members = Vec::with_capacity(seq.size_hint().unwrap());
                while let Some(Any(member)) = seq.next_element()? {
                    members.push(member);
                }
                Ok(Value::Array(members))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
                let mut entries = Vec::with_capacity(map.size_hint().unwrap());
                while let Some((key, Any(value))) = map.next_entry()? {
                    entries.push((key, value));
                }
                Ok(Value::Map(entries))
            }
        }
        deserializer.deserialize_any(It).map(Any)
    }
}

fn has_words(value: &Value) -> bool {
    match value {
        Value::Undefined | Value::Date(_) | Value::Ext(..) => false,
        Value::Array(members) => members.iter().all(has_words),
        Value::Map(entries) => entries.iter().all(|(_, value)| has_words(value)),
        _ => true,
    }
}

fn value(format: encode::Format) -> impl Strategy<Value = Value> {
    generate::value(format).prop_filter("serde has words for it", has_words)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn values_are_the_bytes_that_the_page_writes_and_come_back(value in value(encode::Format::BinaryPack)) {
        let bytes = to_bytes(BinaryPack, &Counted(&value)).unwrap();
        prop_assert_eq!(&bytes, &encoded(&value, &BINARYPACK));
        prop_assert_eq!(&to_bytes(BinaryPack, &Uncounted(&value)).unwrap(), &bytes);
        prop_assert_eq!(from_bytes(BinaryPack, &bytes), Ok(Any(value)));
        prop_assert!(from_bytes::<Any>(BinaryPack, &bytes[..bytes.len() - 1]).is_err());
        prop_assert!(from_bytes::<IgnoredAny>(BinaryPack, &bytes).is_ok());
    }

    #[test]
    fn so_with_message_pack_in_pieces_cut_anywhere(
        values in vec(value(encode::Format::MessagePack), 0..4),
        cuts in vec(1..3000usize, 1..20),
    ) {
        let mut stream = Vec::new();
        for value in &values {
            let bytes = to_bytes(MessagePack, &Counted(value)).unwrap();
            prop_assert_eq!(&bytes, &encoded(value, &MSGPACK));
            stream.extend(bytes);
        }
        let mut end = End::new(MessagePack);
        let (mut come, mut rest) = (Vec::new(), &stream[..]);
        for cut in cuts.iter().cycle() {
            let (piece, behind) = rest.split_at((*cut).min(rest.len()));
            come.extend(end.take(piece));
            rest = behind;
            if rest.is_empty() {
                break;
            }
        }
        let come: Vec<_> = come.iter().map(|bytes| from_bytes(MessagePack, bytes)).collect();
        let values: Vec<_> = values.into_iter().map(|value| Ok(Any(value))).collect();
        prop_assert_eq!(come, values);
    }

    #[test]
    fn hostile_bytes_are_an_error_at_worst(bytes in vec(any::<u8>(), 0..300)) {
        for format in [BinaryPack, MessagePack] {
            let _ = from_bytes::<Any>(format, &bytes);
            let _ = from_bytes::<IgnoredAny>(format, &bytes);
            let _ = from_bytes::<Person>(format, &bytes);
        }
        let _ = End::new(MessagePack).frame(&bytes);
        let _ = End::new(BinaryPack).frame(&[&[0xc4, 0xdc][..], &bytes].concat());
        let _ = End::new(BinaryPack).frame(&bytes);
    }
}

/// Returns the bytes of a value with its long parts inserted, and the number of these parts.
fn packed<T: Serialize>(format: Format, value: &T) -> (Vec<u8>, usize) {
    let writes = if format == BinaryPack { &BINARYPACK } else { &MSGPACK };
    let Packed { bytes, bodies } = to_packed(writes, value, <[u8]>::to_vec).unwrap();
    assert!(bytes.len() < 300 << 10, "{} bytes are kept", bytes.len());
    let (mut cursor, mut all) = (Cursor::default(), Vec::new());
    while let Some(segment) = cursor.next(bytes.len(), &bodies, u64::MAX) {
        match segment {
            Segment::Bytes(range) => all.extend_from_slice(&bytes[range]),
            Segment::Body(index, range) => {
                all.extend_from_slice(&bodies[index].source[range.start as usize..range.end as usize]);
            }
        }
    }
    (all, bodies.len())
}

#[test]
fn a_long_message_is_the_same_bytes_whose_long_parts_are_elsewhere() {
    let long = ByteBuf::from(vec![7; 1 << 20]);
    let text = "ä".repeat(1 << 18);
    let flat = |count: u32| Flat { a: 1, rest: (0..count).map(|n| (format!("{n}"), n as u8)).collect() };
    for format in [BinaryPack, MessagePack] {
        let check = |(all, parts): (Vec<u8>, usize), whole: Result<Vec<u8>, Error>, expected: usize| {
            assert_eq!((all == whole.unwrap(), parts), (true, expected), "{format:?}");
        };
        let value = (1, &long, &text, vec![300_u16; 300_000], "end");
        check(packed(format, &value), to_bytes(format, &value), 5);
        // Heads that are rewritten with more bytes, before and after long parts.
        let value = (&long, flat(20), [(flat(70_000 / 10), &long)], &long);
        check(packed(format, &value), to_bytes(format, &value), 3);
        let uncounted = Uncounted(&Value::Array(vec![Value::Bytes(long.to_vec()); 20]));
        check(packed(format, &uncounted), to_bytes(format, &uncounted), 20);
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Person {
    name: String,
    age: u8,
    tags: Vec<String>,
    note: Option<String>,
    score: f32,
    admin: bool,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Action {
    Ping,
    Say(String),
    Move(i32, f64),
    Draw { x: u32, y: i64 },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Picture {
    data: ByteBuf,
    at: (u8, i8),
}

/// A flattened struct does not pass the number of its fields.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    a: u8,
    #[serde(flatten)]
    rest: BTreeMap<String, u8>,
}

fn same<T>(value: &T, hex: &str)
where
    T: Serialize + de::DeserializeOwned + PartialEq + fmt::Debug,
{
    let bytes = to_bytes(BinaryPack, value).unwrap();
    let written: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(written, hex, "{value:?}");
    assert_eq!(from_bytes::<T>(BinaryPack, &bytes).as_ref(), Ok(value));
}

/// The expected bytes were written by peerjs-js-binarypack 2.1.0 for the same objects.
#[test]
fn types_of_an_application_are_the_objects_that_peerjs_sends() {
    let person = Person {
        name: "Ada".into(),
        age: 36,
        tags: vec!["x".into(), "y".into()],
        note: None,
        score: 0.5,
        admin: true,
    };
    same(
        &person,
        "86b46e616d65b3416461b361676524b47461677392b178b179b46e6f7465c0b573636f7265cb3fe0000000000000b561646d696ec3",
    );
    let moves = vec![
        Action::Ping,
        Action::Say("hi".into()),
        Action::Move(1, -2.5),
        Action::Draw { x: 70_000, y: -70_000 },
    ];
    same(
        &moves,
        "94b450696e6781b3536179b2686981b44d6f76659201cbc00400000000000081b44472617782b178ce00011170b179d2fffeee90",
    );
    same(&Picture { data: ByteBuf::from([1, 2, 3, 250]), at: (1, -1) }, "82b464617461a4010203fab261749201ff");
    same(
        &[0_i64, 127, 128, 65_535, 65_536, 1 << 32, (1 << 53) - 1, -1, -32, -33, -129, -32_769],
        "9c007fcc80cdffffce00010000d30000000100000000d3001fffffffffffffffe0d0dfd1ff7fd2ffff7fff",
    );
    same(&BTreeMap::from([(1, "a".to_owned()), (2, "b".to_owned())]), "82b131b161b132b162");
    same(&"ä".repeat(40), &["d80050", &"c3a4".repeat(40)].concat());
    same(&Vec::from_iter(0..20), "dc0014000102030405060708090a0b0c0d0e0f10111213");
    same(&Flat { a: 1, rest: BTreeMap::from([("b".into(), 2)]) }, "82b16101b16202");
}

#[test]
fn integers_that_javascript_has_not_are_refused() {
    const MOST: u64 = (1 << 53) - 1;
    assert!(to_bytes(BinaryPack, &MOST).is_ok());
    assert!(to_bytes(BinaryPack, &-(MOST as i64)).is_ok());
    for refused in [
        to_bytes(BinaryPack, &(MOST + 1)),
        to_bytes(BinaryPack, &u64::MAX),
        to_bytes(BinaryPack, &(-(MOST as i64) - 1)),
        to_bytes(BinaryPack, &i64::MIN),
        to_bytes(MessagePack, &u128::MAX),
        to_bytes(MessagePack, &i128::MIN),
    ] {
        assert!(matches!(refused, Err(Error::Serialize(_))), "{refused:?}");
    }
}

#[test]
fn numbers_come_in_any_form_that_holds_them() {
    let float = |number: f64| [&[0xcb][..], &number.to_be_bytes()].concat();
    // PeerJS sends negative numbers beyond 32 bits as floats.
    assert_eq!(from_bytes(BinaryPack, &float(-5e9)), Ok(-5_000_000_000_i64));
    assert_eq!(from_bytes(BinaryPack, &float(7.0)), Ok(7_u8));
    assert_eq!(from_bytes(BinaryPack, &[7]), Ok(7.0_f32));
    assert!(from_bytes::<u8>(BinaryPack, &float(7.5)).is_err());
    assert!(from_bytes::<u8>(BinaryPack, &[0xff]).is_err());
    let wide = [&[0xd3][..], &i64::MAX.to_be_bytes()].concat();
    assert_eq!(from_bytes(BinaryPack, &wide), Ok(i64::MAX));
    let wide = [&[0xcf][..], &u64::MAX.to_be_bytes()].concat();
    assert_eq!(from_bytes(BinaryPack, &wide), Ok(u64::MAX));
}

#[test]
fn a_vec_of_bytes_takes_binary_and_arrays() {
    assert_eq!(from_bytes(BinaryPack, &[0xa2, 1, 2]), Ok(vec![1_u8, 2]));
    assert_eq!(from_bytes(BinaryPack, &[0x92, 1, 2]), Ok(vec![1_u8, 2]));
    assert_eq!(from_bytes(BinaryPack, &[0x92, 1, 2]), Ok(ByteBuf::from([1, 2])));
    let large = ByteBuf::from(vec![7; 10 << 20]);
    let bytes = to_bytes(BinaryPack, &large).unwrap();
    assert_eq!(bytes.len(), 5 + (10 << 20));
    assert_eq!(from_bytes(BinaryPack, &bytes), Ok(large));
}

#[test]
fn undefined_is_none_and_unknown_fields_are_passed_over() {
    let bytes = b"\x83\xb1a\x01\xb4more\x92\xc1\x80\xb1b\xc1";
    #[derive(Debug, PartialEq, Deserialize)]
    struct Known {
        a: u8,
        b: Option<u8>,
    }
    assert_eq!(from_bytes(BinaryPack, bytes), Ok(Known { a: 1, b: None }));
}

#[test]
fn depth_has_a_bound_only_where_it_takes_stack() {
    let nested = |depth: usize| [vec![0x91; depth], vec![0xc0]].concat();
    assert!(from_bytes::<Any>(BinaryPack, &nested(128)).is_ok());
    let error = from_bytes::<Any>(BinaryPack, &nested(129));
    assert_eq!(error, Err(Error::Deserialize("the value is nested too deeply".into())));
    assert!(from_bytes::<IgnoredAny>(BinaryPack, &nested(100_000)).is_ok());
}

#[test]
fn what_is_not_there_is_not_allocated() {
    for head in
        [&[0xdd, 0xff, 0xff, 0xff, 0xff][..], &[0xdf, 0x7f, 0xff, 0xff, 0xff, 1], &[0xdb, 0xff, 0, 0, 0]]
    {
        let error = from_bytes::<Any>(BinaryPack, head);
        assert_eq!(error, Err(Error::Deserialize("the data ends in the middle of a value".into())));
    }
}

#[test]
fn a_timestamp_is_its_milliseconds() {
    let bytes = encode::encode(&Value::Date(1.5e12), encode::Format::MessagePack, false);
    assert_eq!(from_bytes(MessagePack, &bytes), Ok(1.5e12));
}
