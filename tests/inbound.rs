//! Decoding of received frames: pieces of messages in any order, and hostile frames.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod models;

use models::inbound::Pieces;
use models::tree::encode::{Format, encode};
use models::tree::{End, Got, Tree, Value, generate};
use peerjs_wasm::proto::chunk::assemble::{MAX_IDLE, MAX_SETS};
use peerjs_wasm::proto::inbound::{LONGEST_FRAME, MAX_PREALLOCATED};
use proptest::collection::vec;
use proptest::prelude::*;

fn pack(value: &Value) -> Vec<u8> {
    encode(value, Format::BinaryPack, false)
}

/// Position of the field `data` in a piece: in PeerJS it is before the total.
#[derive(Clone, Copy, Debug)]
enum Order {
    PeerJs,
    Ours,
}

fn piece_with(id: f64, n: f64, total: f64, data: &[u8], order: Order) -> Vec<u8> {
    let field = |name: &str, number: f64| (name.to_owned(), Value::Number(number));
    let data = ("data".to_owned(), Value::Bytes(data.to_vec()));
    let (id, n, total) = (field("__peerData", id), field("n", n), field("total", total));
    pack(&Value::Map(match order {
        Order::PeerJs => vec![id, n, data, total],
        Order::Ours => vec![id, n, total, data],
    }))
}

fn piece(id: u32, n: u32, total: u32, data: &[u8]) -> Vec<u8> {
    piece_with(id.into(), n.into(), total.into(), data, Order::Ours)
}

/// A packed message in pieces of these sizes, which are used cyclically.
fn pieces(id: u32, packed: &[u8], sizes: &[usize], order: Order) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    let mut rest = packed;
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (part, behind) = rest.split_at(rest.len().min(*size));
        parts.push(part);
        rest = behind;
    }
    let total = parts.len() as f64;
    let nth = |(n, part): (usize, &&[u8])| piece_with(id.into(), n as f64, total, part, order);
    parts.iter().enumerate().map(nth).collect()
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

const TWICE: &str = "a piece of a message came twice";
const NUMBERS: &str = "a piece of a message has impossible numbers";
const TRUNCATED: &str = "the data ends in the middle of a value";
const TRAILING: &str = "there is data after the value";

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn pieces_come_in_any_order(
        values in vec(generate::value(Format::BinaryPack), 1..4),
        sizes in vec(1..5000usize, 1..4),
        ours: bool,
        shuffle in vec(any::<u32>(), 400),
    ) {
        let order = if ours { Order::Ours } else { Order::PeerJs };
        let mut frames = Vec::new();
        for (at, value) in values.iter().enumerate() {
            // At most as many pieces as the shuffle has numbers.
            let packed = pack(value);
            let sizes: Vec<_> = sizes.iter().map(|size| size.max(&(packed.len() / 100)) + 1).collect();
            frames.extend(pieces(at as u32 + 1, &packed, &sizes, order));
        }
        let mut keyed: Vec<_> = frames.into_iter().zip(shuffle.into_iter().cycle()).collect();
        keyed.sort_by_key(|(_, key)| *key);
        let mut end = End::new();
        let mut got = Vec::new();
        for (frame, _) in &keyed {
            match end.frame(frame) {
                Got::Nothing => {}
                Got::Value(value) => got.push(value),
                other => panic!("{other:?}"),
            }
        }
        for value in &values {
            let at = got.iter().position(|it| it == value);
            prop_assert!(at.is_some(), "{value:?} did not come");
            got.remove(at.unwrap());
        }
        prop_assert!(got.is_empty(), "{got:?} came too");
    }

    #[test]
    fn messages_that_share_a_frame(values in vec(generate::value(Format::BinaryPack), 0..10)) {
        let mut packed = vec![0xc4, 0xdc];
        packed.extend((values.len() as u16).to_be_bytes());
        values.iter().for_each(|value| packed.extend(pack(value)));
        prop_assume!(packed.len() < LONGEST_FRAME as usize);
        prop_assert_eq!(End::new().frame(&packed), Got::Batch(Value::Array(values)));
        prop_assert_eq!(End::new().frame(&packed[..packed.len() - 1]), Got::Invalid(TRUNCATED));
        packed.push(0);
        prop_assert_eq!(End::new().frame(&packed), Got::Invalid(TRAILING));
    }

    #[test]
    fn whole_frames(value in generate::value(Format::BinaryPack)) {
        prop_assert_eq!(End::new().frame(&pack(&value)), Got::Value(value));
    }

    #[test]
    fn pieces_are_joined_or_refused(pieces in models::from_bytes::<Pieces>(600)) {
        pieces.run();
    }
}

#[test]
fn only_the_exact_shape_closes() {
    let map = |entries: &[(&str, Value)]| {
        Value::Map(entries.iter().map(|(key, value)| (key.to_string(), value.clone())).collect())
    };
    let close = map(&[("type", text("close"))]);
    assert_eq!(End::new().frame(&pack(&map(&[("__peerData", close.clone())]))), Got::Close);
    for users in [
        map(&[("__peerData", close.clone()), ("more", Value::Null)]),
        map(&[("__peerData", map(&[("type", text("close")), ("more", Value::Null)]))]),
        map(&[("__peerData", map(&[("type", text("open"))]))]),
        map(&[("peerData", close.clone())]),
        map(&[("a", map(&[("__peerData", close.clone())]))]),
        Value::Array(vec![map(&[("__peerData", close)])]),
    ] {
        assert_eq!(End::new().frame(&pack(&users)), Got::Value(users));
    }
}

#[test]
fn only_the_exact_shape_is_a_piece() {
    let piece = |id: Value, n: Value, total: Value, data: Value, more: &[&str]| {
        let mut entries = vec![("__peerData", id), ("n", n), ("total", total), ("data", data)];
        entries.extend(more.iter().map(|key| (*key, Value::Null)));
        Value::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    };
    let one = || Value::Number(1.0);
    let data = || Value::Bytes(vec![0xc0]);
    for users in [
        piece(one(), one(), one(), data(), &["more"]),
        piece(text("1"), one(), one(), data(), &[]),
        piece(one(), text("0"), one(), data(), &[]),
        piece(one(), Value::Number(0.5), one(), data(), &[]),
        piece(one(), one(), Value::Number(1.5), data(), &[]),
        piece(one(), one(), Value::Null, data(), &[]),
        piece(one(), one(), one(), text("data"), &[]),
        piece(Value::Number(0.0), one(), one(), data(), &[]),
        Value::Map(vec![("__peerData".into(), one()), ("n".into(), one()), ("data".into(), data())]),
        Value::Map(vec![("__peerData".into(), text("mine"))]),
    ] {
        assert_eq!(End::new().frame(&pack(&users)), Got::Value(users));
    }
    // Nor is one in a large frame, of which only the first bytes are inspected.
    let large = piece(one(), one(), one(), Value::Bytes(vec![1; 5000]), &["more"]);
    assert_eq!(End::new().frame(&pack(&large)), Got::Value(large));
}

#[test]
fn pieces_of_every_size_and_layout() {
    let value = Value::Array(vec![Value::Bytes(vec![7; 70_000]), text(&"x".repeat(70_000)), Value::Null]);
    for size in [1, 60, 1000, 4095, 16_300, 65_536, 250_000] {
        for order in [Order::PeerJs, Order::Ours] {
            let mut end = End::new();
            let mut frames = pieces(1, &pack(&value), &[size], order);
            let last = frames.pop().unwrap();
            for frame in &frames {
                assert_eq!(end.frame(frame), Got::Nothing);
            }
            assert_eq!(end.frame(&last), Got::Value(value.clone()), "pieces of {size}");
        }
    }
}

#[test]
fn a_large_binary_gets_its_room_once() {
    let mut end = End::new();
    let value = Value::Bytes(vec![1; 3_000_000]);
    for frame in pieces(1, &pack(&value), &[100_000], Order::Ours) {
        end.frame(&frame);
    }
    assert_eq!(*end.page.room.borrow(), 3_000_000);
}

#[test]
fn a_piece_may_hold_what_looks_like_control() {
    for inner in [pack(&text("x")), piece(7, 0, 1, &[0xc0])] {
        let close = Value::Map(vec![("__peerData".into(), Value::Map(vec![("type".into(), text("close"))]))]);
        for packed in [inner, pack(&close)] {
            let value = end_value(&packed);
            assert_eq!(End::new().frame(&piece(1, 0, 1, &packed)), Got::Value(value));
        }
    }
}

fn end_value(packed: &[u8]) -> Value {
    Tree::default().unpack(packed).unwrap()
}

#[test]
fn faulty_pieces_fail_their_message_alone() {
    let mut end = End::new();
    // Another message is incomplete all the time.
    end.frame(&piece(100, 0, 2, &[0x92, 1]));
    for (id, (frames, fault)) in (1..).zip([
        (vec![(0, 3), (0, 3)], TWICE),
        (vec![(2, 3), (2, 3)], TWICE),
        (vec![(3, 3)], NUMBERS),
        (vec![(0, 0)], NUMBERS),
        (vec![(0, 3), (1, 2)], NUMBERS),
        (vec![(0, 3), (1, 4)], NUMBERS),
    ]) {
        let (last, first) = frames.split_last().unwrap();
        for (n, total) in first {
            assert_eq!(end.frame(&piece(id, *n, *total, &[0x93])), Got::Nothing);
        }
        assert_eq!(end.frame(&piece(id, last.0, last.1, &[0x93])), Got::Invalid(fault));
        assert_eq!(end.frame(&piece(id, 1, 3, &[1])), Got::Nothing, "it is told once");
    }
    for (id, n, total) in
        [(50.0, -1.0, 2.0), (51.0, 0.0, -2.0), (52.0, 0.0, 1e20), (53.0, 4294967296.0, 4294967297.0)]
    {
        assert_eq!(end.frame(&piece_with(id, n, total, &[1], Order::Ours)), Got::Invalid(NUMBERS));
    }
    assert_eq!(
        end.frame(&piece(100, 1, 2, &[2])),
        Got::Value(Value::Array(vec![1.0, 2.0].into_iter().map(Value::Number).collect()))
    );
}

#[test]
fn the_whole_must_be_one_value() {
    let got = |parts: &[&[u8]]| {
        let mut end = End::new();
        let total = parts.len() as u32;
        let frames = (0..).zip(parts).map(|(n, part)| piece(1, n, total, part));
        frames.map(|frame| end.frame(&frame)).find(|got| *got != Got::Nothing)
    };
    assert_eq!(got(&[&[0x92, 1]]), Some(Got::Invalid(TRUNCATED)));
    assert_eq!(got(&[&[0x92], &[1]]), Some(Got::Invalid(TRUNCATED)));
    assert_eq!(got(&[&[0x91], &[1, 2]]), Some(Got::Invalid(TRAILING)));
    assert_eq!(got(&[&[0x91, 1], &[2]]), Some(Got::Invalid(TRAILING)));
    assert_eq!(got(&[&[0xdb, 0, 1, 0, 0], &[1; 10]]), Some(Got::Invalid(TRUNCATED)));
    assert_eq!(got(&[&[0x91], &[], &[1]]), Some(Got::Value(end_value(&[0x91, 1]))));
}

#[test]
fn an_empty_frame_is_an_error() {
    assert_eq!(End::new().frame(&[]), Got::Invalid(TRUNCATED));
    assert_eq!(End::new().frame(&piece(1, 0, 1, &[])), Got::Invalid(TRUNCATED));
}

#[test]
fn unfinished_messages_are_bounded_in_number() {
    let mut end = End::new();
    for id in 1..=300 {
        assert_eq!(end.frame(&piece(id, 0, 2, &[0x91])), Got::Nothing);
    }
    let finished = |end: &mut End, id| end.frame(&piece(id, 1, 2, &[1]));
    let one = Got::Value(Value::Array(vec![Value::Number(1.0)]));
    assert_eq!(finished(&mut end, 300), one);
    assert_eq!(finished(&mut end, 300 - MAX_SETS as u32 + 1), one);
    assert_eq!(finished(&mut end, 300 - MAX_SETS as u32), Got::Nothing, "it was given up");
}

#[test]
fn unfinished_messages_are_bounded_in_age() {
    let mut end = End::new();
    end.frame(&piece(1, 0, 2, &[0x91]));
    end.now = MAX_IDLE + 1.0;
    // A single message may be without progress for any time.
    end.frame(&piece(2, 0, 3, &[0x92]));
    end.now += MAX_IDLE + 1.0;
    assert_eq!(end.frame(&piece(2, 1, 3, &[1])), Got::Nothing);
    assert_eq!(end.frame(&piece(2, 2, 3, &[2])).clone(), Got::Value(end_value(&[0x92, 1, 2])));
    assert_eq!(end.frame(&piece(1, 1, 2, &[1])), Got::Nothing, "it was given up");
}

#[test]
fn announced_binary_is_given_room_for_as_long_as_there_is_some() {
    let mut end = End::new();
    let announced = MAX_PREALLOCATED / 2;
    let head = [&[0xdb][..], &announced.to_be_bytes(), &[0; 100]].concat();
    for (id, given) in [(1, announced), (2, announced), (3, 200)] {
        *end.page.room.borrow_mut() = 0;
        end.frame(&piece(id, 0, 50_000, &head));
        assert_eq!(*end.page.room.borrow(), given, "what the others have not filled is not given again");
    }
    // The binary of a single message grows beyond the limit for allocation, step by step.
    let mut end = End::new();
    let head = [&[0xdb][..], &(MAX_PREALLOCATED * 4).to_be_bytes(), &[0; 100]].concat();
    end.frame(&piece(1, 0, 50_000, &head));
    assert_eq!(*end.page.room.borrow(), MAX_PREALLOCATED);
}

#[test]
fn a_frame_longer_than_any_peer_sends_is_refused() {
    let mut end = End::new();
    let frame = |len: u32| [&[0xdb][..], &len.to_be_bytes(), &vec![7; len as usize]].concat();
    assert_eq!(
        end.frame(&frame(LONGEST_FRAME - 5)),
        Got::Value(Value::Bytes(vec![7; LONGEST_FRAME as usize - 5]))
    );
    let refused = end.frame(&frame(LONGEST_FRAME - 4));
    assert_eq!(refused, Got::Invalid("a frame is longer than any peer sends"));
}

#[test]
fn a_message_may_take_no_more_than_its_limit() {
    const TOO_LARGE: Got = Got::Invalid("the message is larger than this peer takes");
    let limit = 1 << 20;
    let (binary, values, binaries) = ([0xdb, 0, 0xff, 0xff, 0xff], [0xdd, 0, 0xff, 0xff, 0xff], [0xa1, 7]);
    for (head, filling, most) in [
        // A binary takes as much memory as it has bytes, small values take much more than their byte.
        (&binary[..], &[7][..], 12),
        (&values, &[0xc0], 1),
        // Small binaries take even more.
        (&values, &binaries, 1),
    ] {
        let mut end = End::limited(limit);
        let filling = filling.repeat(100_000 / filling.len());
        let mut got = end.frame(&piece(1, 0, 1000, &[head, &filling].concat()));
        let mut pieces = 0;
        while got == Got::Nothing && pieces < 100 {
            pieces += 1;
            got = end.frame(&piece(1, pieces, 1000, &filling));
        }
        assert!(got == TOO_LARGE && pieces <= most, "{got:?} after {pieces} more pieces");
        assert_eq!(end.frame(&pack(&text("still here"))), Got::Value(text("still here")));
    }
}

#[test]
fn pieces_that_waited_are_decoded_in_turns() {
    let value = Value::Bytes(vec![7; 1_000_000]);
    let mut frames = pieces(1, &pack(&value), &[60_000], Order::Ours);
    let first = frames.remove(0);
    let mut end = End::new();
    for frame in &frames {
        assert_eq!(end.frame(frame), Got::Nothing);
    }
    let mut got = end.frame(&first);
    let mut turns = 1;
    while got == Got::Unfinished {
        got = end.resume();
        turns += 1;
    }
    assert_eq!(got, Got::Value(value));
    assert!((6..10).contains(&turns), "{turns} turns");
    assert_eq!(end.resume(), Got::Nothing);
}
