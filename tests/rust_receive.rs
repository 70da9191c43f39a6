//! The receiving side of the Rust API: it has the limits of the receiving side in JavaScript.
#![cfg(all(not(target_arch = "wasm32"), feature = "rust-api"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod models;
mod receiver;

use std::collections::BTreeMap;

use models::memory::held;
use models::tree::{encode, generate};
use peerjs_wasm::codec::Format::{BinaryPack, MessagePack};
use peerjs_wasm::codec::to_bytes;
use peerjs_wasm::proto::chunk::assemble::MAX_SETS;
use peerjs_wasm::proto::chunk::batch::Batch;
use peerjs_wasm::proto::chunk::split::Pieces;
use peerjs_wasm::proto::inbound::{LONG_FRAME, LONGEST_FRAME, Received};
use proptest::prelude::*;
use receiver::End;

const LIMIT: u64 = 1 << 20;
const TOO_LARGE: &str = "the message is larger than this peer takes";

/// A message in pieces, each a frame of up to `frame` bytes.
fn in_pieces(id: u32, message: &[u8], frame: u32) -> Vec<Vec<u8>> {
    let mut pieces = Pieces::new(id, message.len() as u64, frame);
    let (mut frames, mut rest) = (Vec::new(), message);
    while !pieces.is_empty() {
        let (data, behind) = rest.split_at(pieces.len() as usize);
        frames.push([pieces.header().bytes(), data].concat());
        pieces.advance();
        rest = behind;
    }
    frames
}

/// A piece with any numbers and data.
fn piece(id: u32, n: u32, data: &[u8]) -> Vec<u8> {
    let (id, n, len) = (id.to_be_bytes(), n.to_be_bytes(), (data.len() as u32).to_be_bytes());
    let parts: [&[u8]; 9] = [
        b"\x84\xba__peerData\xce",
        &id,
        b"\xb1n\xce",
        &n,
        b"\xb5total\xce\x7f\xff\xff\xff",
        b"\xb4data\xdb",
        &len,
        data,
        b"",
    ];
    parts.concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_message_in_pieces_is_joined(
        value in generate::value(encode::Format::BinaryPack),
        frame in 70..500u32,
        turn in any::<usize>(),
    ) {
        let message = encode::encode(&value, encode::Format::BinaryPack, false);
        let mut frames = in_pieces(7, &message, frame);
        let turn = turn % frames.len();
        frames.rotate_left(turn);
        let (mut end, mut come) = (End::new(BinaryPack), Vec::new());
        for frame in &frames {
            prop_assert_eq!(come.len(), 0);
            come.extend(end.take(frame));
        }
        prop_assert_eq!(come, vec![message]);
    }
}

#[test]
fn a_message_of_any_size_comes_whole() {
    for len in [0, 1, 1024, 16_000, 16_384, 20_000, 250_000, 3 << 20] {
        let message = to_bytes(BinaryPack, &("ä".repeat(100), vec!["x".repeat(len)])).unwrap();
        let mut end = End::new(BinaryPack);
        if message.len() <= LONGEST_FRAME as usize {
            assert_eq!(end.take(&message), [&*message]);
        }
        let frames = in_pieces(1, &message, 60_000);
        let come: Vec<_> = frames.iter().flat_map(|frame| end.take(frame)).collect();
        assert_eq!(come, [message]);
    }
}

#[test]
fn messages_that_share_a_frame_are_taken_apart() {
    for count in [1, 2, 6000] {
        let messages = [&[1][..], &[0x92, 2, 0xc0], b"\xb1x"].map(Vec::from);
        let mut batch = Batch::new(&messages[0]);
        let mut sent = vec![messages[0].clone()];
        while sent.len() < count && batch.add(&messages[sent.len() % 3]) {
            sent.push(messages[sent.len() % 3].clone());
        }
        let frame = batch.frame().to_vec();
        assert_eq!(End::new(BinaryPack).take(&frame), sent);
        let (short, _) = End::new(BinaryPack).frame(&frame[..frame.len() - 1]);
        assert_eq!(short, Received::Invalid("the data ends in the middle of a value"));
    }
}

#[test]
fn the_request_to_close_is_told_from_data() {
    let mut end = End::new(BinaryPack);
    let close = BTreeMap::from([("__peerData", BTreeMap::from([("type", "close")]))]);
    let bytes = to_bytes(BinaryPack, &close).unwrap();
    assert_eq!(end.frame(&bytes), (Received::Close, vec![]));
    let other = to_bytes(BinaryPack, &BTreeMap::from([("__peerData", 1)])).unwrap();
    assert_eq!(end.take(&other), [other]);
}

#[test]
fn a_frame_longer_than_any_peer_sends_is_refused() {
    for format in [BinaryPack, MessagePack] {
        let (received, come) = End::new(format).frame(&vec![0; LONGEST_FRAME as usize + 1]);
        assert_eq!((received, come.len()), (Received::Invalid(LONG_FRAME), 0));
    }
}

#[test]
fn a_message_that_never_ends_is_refused_at_the_limit() {
    let data = vec![0; 100 << 10];
    let long = |data: &[u8]| [&[0xdb, 0x7f, 0xff, 0xff, 0xff][..], data].concat();
    let many = |data: &[u8]| [&[0xdd, 0x7f, 0xff, 0xff, 0xff][..], data].concat();
    let text = b"\xda\x0f\xff".iter().copied().chain([b'x'; 4095]);
    let texts: Vec<u8> = text.cycle().take(25 * 4098).collect();
    for (first, rest) in [(long(&data), &data), (many(&data), &data), (many(&texts), &texts)] {
        let before = held();
        let mut end = End::limited(BinaryPack, LIMIT);
        let refused = (0..1000).find(|n| {
            let (received, _) = end.frame(&piece(1, *n, if *n == 0 { &first } else { rest }));
            assert!(held() - before < 6 * LIMIT as isize, "{} bytes are kept", held() - before);
            received == Received::Invalid(TOO_LARGE)
        });
        assert!(refused.is_some(), "all of it was taken");
        assert!(held() - before < LIMIT as isize, "{} bytes are kept in the end", held() - before);
        assert_eq!(end.take(&[7]), [[7]], "the connection goes on");
    }
}

#[test]
fn messages_that_never_end_are_kept_within_the_limit_all_together() {
    let data = vec![0; 100 << 10];
    let (before, mut end) = (held(), End::limited(BinaryPack, LIMIT));
    for id in 1..500 {
        // The first piece of a message, and a piece of another message that waits for its first.
        end.frame(&piece(id, 0, &[&[0xdb, 0x7f, 0xff, 0xff, 0xff][..], &data].concat()));
        end.frame(&piece(1000 + id, 1, &data));
        assert!(held() - before < 6 * LIMIT as isize, "{} bytes are kept", held() - before);
    }
    for id in 2000..3000 {
        end.frame(&piece(id, 0, &[0x91]));
    }
    let most = (MAX_SETS as isize + 8) * 16 * 1024;
    assert!(held() - before < most, "{} bytes are kept of small ones", held() - before);
}

#[test]
fn a_stream_that_never_completes_a_value_is_refused_at_the_limit() {
    let data = vec![0; 100 << 10];
    for head in [[0xc6, 0x7f, 0xff, 0xff, 0xff], [0xdd, 0x7f, 0xff, 0xff, 0xff]] {
        let (before, mut end) = (held(), End::limited(MessagePack, LIMIT));
        assert_eq!(end.take(&head), Vec::<Vec<u8>>::new());
        let refused = (0..1000).any(|_| {
            let (received, _) = end.frame(&data);
            assert!(held() - before < 6 * LIMIT as isize, "{} bytes are kept", held() - before);
            received == Received::Invalid(TOO_LARGE)
        });
        assert!(refused, "all of it was taken");
    }
}
