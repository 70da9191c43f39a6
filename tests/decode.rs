//! Decoding: all values of both formats, cut anywhere, and invalid bytes.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod models;

use models::decode::{cut, stream};
use models::tree::encode::{Format, encode};
use models::tree::{Tree, Value, generate};
use peerjs_wasm::proto::codec::decode::MAX_DEPTH;
use proptest::collection::vec;
use proptest::prelude::*;

fn unpack(bytes: &[u8]) -> Result<Value, &'static str> {
    Tree::default().unpack(bytes)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn binary_pack_says_what_was_written(value in generate::value(Format::BinaryPack), wide: bool) {
        let bytes = encode(&value, Format::BinaryPack, wide);
        prop_assert_eq!(unpack(&bytes), Ok(value));
    }

    #[test]
    fn a_stream_may_be_cut_anywhere(
        values in vec(generate::value(Format::MessagePack), 1..4),
        wide: bool,
        places in vec(any::<usize>(), 0..20),
    ) {
        let bytes: Vec<u8> = values.iter().flat_map(|value| encode(value, Format::MessagePack, wide)).collect();
        prop_assert_eq!(stream(&cut(&bytes, places)), (values, None));
    }

    #[test]
    fn a_cut_or_longer_value_is_an_error(value in generate::value(Format::BinaryPack), at: usize) {
        let mut bytes = encode(&value, Format::BinaryPack, false);
        prop_assert!(unpack(&bytes[..at % bytes.len()]).is_err());
        bytes.push(0xc0);
        prop_assert!(unpack(&bytes).is_err());
    }

    #[test]
    fn any_bytes_are_a_value_or_an_error(bytes in vec(any::<u8>(), 0..600)) {
        let _ = unpack(&bytes);
    }

    #[test]
    fn a_damaged_value_is_a_value_or_an_error(
        value in generate::value(Format::BinaryPack),
        damage in vec((any::<usize>(), any::<u8>()), 1..5),
    ) {
        let mut bytes = encode(&value, Format::BinaryPack, false);
        for (at, byte) in damage {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        let _ = unpack(&bytes);
    }

    #[test]
    fn any_stream_gives_the_same_however_it_is_cut(
        bytes in vec(any::<u8>(), 0..300),
        places in vec(any::<usize>(), 0..10),
    ) {
        let (values, fault) = stream(&[&bytes]);
        let (cut_values, cut_fault) = stream(&cut(&bytes, places));
        // Values that contain NaN are not equal to themselves.
        prop_assert_eq!(format!("{values:?}"), format!("{cut_values:?}"));
        prop_assert_eq!(fault, cut_fault);
    }
}

#[test]
fn numbers_of_every_width() {
    for (bytes, number) in [
        (&[0x00][..], 0.0),
        (&[0x7f], 127.0),
        (&[0xe0], -32.0),
        (&[0xff], -1.0),
        (&[0xcc, 0xff], 255.0),
        (&[0xcd, 0xff, 0xfe], 65534.0),
        (&[0xce, 0xff, 0xff, 0xff, 0xff], 4294967295.0),
        (&[0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 18446744073709551616.0),
        (&[0xcf, 0x00, 0x20, 0, 0, 0, 0, 0, 0x01], 9007199254740992.0),
        (&[0xcf, 0x00, 0x20, 0, 0, 0, 0, 0, 0x03], 9007199254740996.0),
        (&[0xd0, 0x80], -128.0),
        (&[0xd1, 0x80, 0x00], -32768.0),
        (&[0xd2, 0x80, 0, 0, 0], -2147483648.0),
        (&[0xd3, 0xff, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff], -2147483649.0),
        (&[0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0], -9223372036854775808.0),
        (&[0xca, 0x3f, 0xc0, 0, 0], 1.5),
        (&[0xca, 0x00, 0, 0, 1], 1.401298464324817e-45),
        (&[0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0], f64::INFINITY),
        (&[0xcb, 0, 0, 0, 0, 0, 0, 0, 1], 5e-324),
    ] {
        assert_eq!(unpack(bytes), Ok(Value::Number(number)), "{bytes:x?}");
    }
    let Ok(Value::Number(zero)) = unpack(&[0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0]) else { panic!() };
    assert!(zero == 0.0 && zero.is_sign_negative());
    // NaNs with any payload, in particular those with the bits of tokens.
    for bytes in [[0xcb, 0xff, 0xfc, 0, 7, 0xff, 0xff, 0xff, 0xff], [0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]] {
        assert!(matches!(unpack(&bytes), Ok(Value::Number(number)) if number.is_nan()));
    }
    assert!(matches!(unpack(&[0xca, 0xff, 0xff, 0xff, 0xff]), Ok(Value::Number(number)) if number.is_nan()));
}

#[test]
fn undefined_has_many_bytes() {
    for byte in [0xc1, 0xd4, 0xd5, 0xd6, 0xd7] {
        assert_eq!(unpack(&[byte]), Ok(Value::Undefined));
    }
}

#[test]
fn what_is_not_text_is_made_text() {
    assert_eq!(unpack(b"\xb5a\xffb\xe2\x82"), Ok(Value::Text("a\u{fffd}b\u{fffd}".into())));
}

#[test]
fn keys_become_strings() {
    let map = |key: &str| Ok(Value::Map(vec![(key.into(), Value::Null)]));
    assert_eq!(unpack(&[0x81, 0x07, 0xc0]), map("7"));
    assert_eq!(unpack(b"\x81\xb0\xc0"), map(""));
    assert_eq!(unpack(b"\x81\xb9__proto__\xc0"), map("__proto__"));
    assert_eq!(unpack(b"\x82\xb1a\x01\xb1a\xc0"), map("a"), "the last of equal keys wins");
    for no_key in [&[0x81, 0x90, 0xc0][..], &[0x81, 0x80, 0xc0], &[0x81, 0xa0, 0xc0]] {
        assert!(unpack(no_key).is_err());
    }
    for no_key in [&[0x81, 0xc0, 0xc0][..], b"\x81\xa9__proto__\xc0", &[0x81, 0xd4, 1, 1, 0xc0]] {
        assert!(stream(&[no_key]).1.is_some(), "MessagePack is stricter");
    }
}

#[test]
fn keys_of_any_length() {
    for len in [1, 11, 12, 13, 30, 31, 32, 33, 4095, 4096, 20_000] {
        let value = Value::Map(vec![("k".repeat(len), Value::Text("v".repeat(len)))]);
        let twice = Value::Array(vec![value.clone(), value]);
        assert_eq!(unpack(&encode(&twice, Format::BinaryPack, false)), Ok(twice));
    }
}

#[test]
fn a_streams_timestamps() {
    let date = |bytes: &[u8]| stream(&[bytes]).0.pop();
    assert_eq!(date(&[0xd6, 0xff, 0, 0, 0, 5]), Some(Value::Date(5e3)));
    assert_eq!(date(&[0xd7, 0xff, 0x77, 0x35, 0x94, 0x03, 0, 0, 0, 1]), Some(Value::Date(12884901889500.0)));
    assert_eq!(
        date(&[0xc7, 12, 0xff, 0, 0x0f, 0x42, 0x40, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        Some(Value::Date(-999.0))
    );
    assert!(stream(&[&[0xd4, 0xff, 0]]).1.is_some(), "one byte is no time");
}

#[test]
fn a_broken_stream_gives_what_came_before() {
    assert_eq!(stream(&[&[1, 2, 0xc1, 3]]).0, [Value::Number(1.0), Value::Number(2.0)]);
}

#[test]
fn depth_is_limited() {
    // The tree is dropped level by level, without recursion.
    let deep = || {
        let nested = |depth: u32| [vec![0x91; depth as usize], vec![0xc0]].concat();
        assert!(unpack(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(unpack(&nested(MAX_DEPTH + 1)), Err("the value is nested too deeply"));
    };
    std::thread::Builder::new().stack_size(64 << 20).spawn(deep).unwrap().join().unwrap();
}

#[test]
fn announcements_are_checked() {
    for bytes in [
        &[0xdd, 0xff, 0xff, 0xff, 0xff][..],
        &[0xdf, 0xff, 0xff, 0xff, 0xff],
        &[0xd9, 0xff, 0xff, 0xff, 0xff],
        &[0xdb, 0xff, 0xff, 0xff, 0xff],
        &[0x92, 0xdc, 0, 3, 1, 1, 1],
        &[0x82, 0xb1, 0x61, 0x91, 1, 0xb1],
    ] {
        assert_eq!(unpack(bytes), Err("the data ends in the middle of a value"), "{bytes:x?}");
    }
}
