//! Encoding of tapes, and cutting of messages into frames.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "a test says what broke")]

use peerjs_wasm::proto::chunk::split::Pieces;
use peerjs_wasm::proto::codec::binarypack::encode::{BINARYPACK, BINARYPACK_NEGATIVE_ZERO};
use peerjs_wasm::proto::codec::encode::encode;
use peerjs_wasm::proto::codec::msgpack::encode::MSGPACK;
use peerjs_wasm::proto::codec::out::EncodeFormat;
use peerjs_wasm::proto::codec::packed::{Body, Cursor, Packed, Segment};
use peerjs_wasm::proto::codec::tape::{NAN, TOKEN, write as tag};
use proptest::prelude::*;

fn token(tag: u32, payload: u32) -> Vec<u8> {
    (u64::from(TOKEN | tag) << 32 | u64::from(payload)).to_le_bytes().to_vec()
}

fn number(number: f64) -> Vec<u8> {
    let bits = if number.is_nan() { NAN } else { number.to_bits() };
    bits.to_le_bytes().to_vec()
}

fn inline(tag: u32, bytes: &[u8]) -> Vec<u8> {
    let mut slots = token(tag, bytes.len() as u32);
    slots.extend_from_slice(bytes);
    slots.resize(slots.len().next_multiple_of(8), 0xee);
    slots
}

fn bytes_of(format: &EncodeFormat, tape: &[Vec<u8>]) -> Vec<u8> {
    let mut scratch = Vec::new();
    let (len, _) = encode(format, &tape.concat(), &mut scratch, || ()).expect("a sound tape");
    scratch.truncate(len);
    scratch
}

#[test]
fn negative_zero_is_a_float_only_for_those_who_read_it() {
    for format in [&BINARYPACK, &MSGPACK] {
        assert_eq!(hex(&bytes_of(format, &[number(-0.0)])), "00");
    }
    let exact = |value| hex(&bytes_of(&BINARYPACK_NEGATIVE_ZERO, &[number(value)]));
    assert_eq!(exact(-0.0), "cb8000000000000000");
    assert_eq!([0.0, 1.0, -1.0, 0.5].map(exact), ["00", "01", "ff", "cb3fe0000000000000"]);
}

#[test]
fn every_head_at_its_bounds() {
    for (tag, format, sizes) in [
        (tag::STRING, &BINARYPACK, [(15, "bf"), (16, "d80010"), (65_535, "d8ffff"), (65_536, "d900010000")]),
        (tag::BYTES, &BINARYPACK, [(15, "af"), (16, "da0010"), (65_535, "daffff"), (65_536, "db00010000")]),
        (tag::STRING, &MSGPACK, [(31, "bf"), (32, "d920"), (256, "da0100"), (65_536, "db00010000")]),
        (tag::BYTES, &MSGPACK, [(0, "c400"), (255, "c4ff"), (256, "c50100"), (65_536, "c600010000")]),
    ] {
        for (size, head) in sizes {
            let content = vec![0x61; size];
            let packed = bytes_of(format, &[inline(tag, &content), token(tag::NULL, 0)]);
            assert_eq!(hex(&packed[..packed.len() - size - 1]), head);
            assert_eq!(packed[packed.len() - size - 1..], [&content[..], &[0xc0]].concat());
        }
    }
    for (tag, fix, two, four) in
        [(tag::ARRAY, "9f", "dc0010", "dd00010000"), (tag::MAP, "8f", "de0010", "df00010000")]
    {
        assert_eq!(hex(&bytes_of(&BINARYPACK, &[token(tag, 15)])), fix);
        assert_eq!(hex(&bytes_of(&MSGPACK, &[token(tag, 16)])), two);
        assert_eq!(hex(&bytes_of(&BINARYPACK, &[token(tag, 65_536)])), four);
    }
}

#[test]
fn integers_at_their_bounds() {
    let both = [
        (0.0, "00"),
        (-0.0, "00"),
        (127.0, "7f"),
        (128.0, "cc80"),
        (255.0, "ccff"),
        (256.0, "cd0100"),
        (65_535.0, "cdffff"),
        (65_536.0, "ce00010000"),
        (4_294_967_295.0, "ceffffffff"),
        (-32.0, "e0"),
        (-33.0, "d0df"),
        (-128.0, "d080"),
        (-129.0, "d1ff7f"),
        (-32_768.0, "d18000"),
        (-32_769.0, "d2ffff7fff"),
        (-2_147_483_648.0, "d280000000"),
        (0.5, "cb3fe0000000000000"),
        (f64::NAN, "cb7ff8000000000000"),
        (f64::NEG_INFINITY, "cbfff0000000000000"),
    ];
    for (value, bytes) in both {
        for format in [&BINARYPACK, &MSGPACK] {
            assert_eq!(hex(&bytes_of(format, &[number(value)])), bytes, "{value}");
        }
    }
    let (wide, deep) = (4_294_967_296.0, -2_147_483_649.0);
    assert_eq!(hex(&bytes_of(&BINARYPACK, &[number(wide)])), "d30000000100000000");
    assert_eq!(hex(&bytes_of(&MSGPACK, &[number(wide)])), "cf0000000100000000");
    assert_eq!(hex(&bytes_of(&BINARYPACK, &[number(deep)])), "cbc1e0000000200000");
    assert_eq!(hex(&bytes_of(&MSGPACK, &[number(deep)])), "d3ffffffff7fffffff");
}

#[test]
fn bodies_are_left_out_and_their_places_known() {
    let tape = [token(tag::ARRAY, 3), token(tag::BODY, 5000), token(tag::TEXT_BODY, 70_000), number(1.0)];
    let mut scratch = Vec::new();
    let mut sources = ["binary", "text"].into_iter();
    let (len, bodies) = encode(&BINARYPACK, &tape.concat(), &mut scratch, || sources.next()).expect("sound");
    assert_eq!(hex(&scratch[..len]), "93da1388d90001117001");
    let places: Vec<_> = bodies.iter().map(|body| (body.at, body.len, body.source)).collect();
    assert_eq!(places, [(4, 5000, Some("binary")), (9, 70_000, Some("text"))]);
}

/// Returns the bytes that are copied when a message is cut into frames.
fn frames(message: &Packed<Vec<u8>>, mut most: impl FnMut() -> u64) -> Vec<u8> {
    let mut cursor = Cursor::default();
    let mut copied = Vec::new();
    while let Some(segment) = cursor.next(message.bytes.len(), &message.bodies, most()) {
        assert!(!segment.is_empty());
        match segment {
            Segment::Bytes(range) => copied.extend_from_slice(&message.bytes[range]),
            Segment::Body(index, range) => {
                let range = range.start as usize..range.end as usize;
                copied.extend_from_slice(&message.bodies[index].source[range]);
            }
        }
    }
    copied
}

fn message() -> impl Strategy<Value = Packed<Vec<u8>>> {
    let body = (0usize..40, prop::collection::vec(any::<u8>(), 0..50));
    (prop::collection::vec(any::<u8>(), 0..40), prop::collection::vec(body, 0..6)).prop_map(
        |(bytes, mut bodies)| {
            bodies.sort_by_key(|body| body.0);
            let body = |(at, source): (usize, Vec<u8>)| Body {
                at: at.min(bytes.len()),
                len: source.len() as u32,
                source,
            };
            Packed { bodies: bodies.into_iter().map(body).collect(), bytes }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_tape_makes_it_panic_or_write_too_much(slots in prop::collection::vec(slot(), 0..40)) {
        let tape = slots.concat();
        for format in [&BINARYPACK, &MSGPACK] {
            let mut scratch = Vec::new();
            if let Some((len, _)) = encode(format, &tape, &mut scratch, || ()) {
                prop_assert!(len <= tape.len() / 8 * 9);
            }
        }
    }

    #[test]
    fn a_used_scratch_buffer_makes_no_difference(slots in prop::collection::vec(slot(), 0..40), junk in any::<u8>()) {
        let tape = slots.concat();
        let (mut fresh, mut used) = (Vec::new(), vec![junk; 50]);
        let len = encode(&BINARYPACK, &tape, &mut fresh, || ()).map(|(len, _)| len);
        prop_assert_eq!(len, encode(&BINARYPACK, &tape, &mut used, || ()).map(|(len, _)| len));
        let len = len.unwrap_or(0);
        prop_assert_eq!(&fresh[..len], &used[..len]);
    }

    #[test]
    fn all_of_a_message_is_copied_however_it_is_cut(message in message(), cuts in prop::collection::vec(1u64..30, 1..10)) {
        let whole = frames(&message, || u64::MAX);
        prop_assert_eq!(whole.len() as u64, message.len());
        let mut cuts = cuts.into_iter().cycle();
        prop_assert_eq!(frames(&message, || cuts.next().unwrap_or(1)), whole);
    }

    #[test]
    fn pieces_add_up_and_fit(id: u32, length in 1u64..50_000_000, frame in 100u32..300_000) {
        let mut pieces = Pieces::new(id, length, frame);
        let total = length.div_ceil(u64::from(pieces.len()));
        let (mut n, mut sum) = (0u32, 0);
        while !pieces.is_empty() {
            let header = pieces.header();
            prop_assert!(header.bytes().len() as u32 + pieces.len() <= frame, "the frame is too long");
            let expected = bytes_of(&BINARYPACK, &[
                token(tag::MAP, 4),
                inline(tag::STRING, b"__peerData"), number(id.into()),
                inline(tag::STRING, b"n"), number(n.into()),
                inline(tag::STRING, b"total"), number(total as f64),
                inline(tag::STRING, b"data"), token(tag::BODY, pieces.len()),
            ]);
            prop_assert_eq!(header.bytes(), expected);
            sum += u64::from(pieces.len());
            n += 1;
            pieces.advance();
        }
        prop_assert_eq!(sum, length);
        prop_assert_eq!(u64::from(n), total);
    }
}

fn slot() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        2 => any::<f64>().prop_map(number),
        3 => (0u32..12, 0u32..100).prop_map(|(tag, payload)| token(tag, payload)),
        1 => any::<[u8; 8]>().prop_map(|bytes| bytes.to_vec()),
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
