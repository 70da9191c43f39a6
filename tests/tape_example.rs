//! The worked example of ARCHITECTURE.md: `{ hi: [1, "é"] }` on both tapes and as BinaryPack.

use peerjs_wasm::proto::codec::binarypack::encode::BINARYPACK;
use peerjs_wasm::proto::codec::decode::{Ahead, BINARY_PACK, Decoder, Step, Tape};
use peerjs_wasm::proto::codec::encode::encode;

const WRITTEN: [u64; 7] = [
    0xFFFC_0004_0000_0001,
    0xFFFC_0005_0000_0002,
    0x0000_0000_0000_6968,
    0xFFFC_0003_0000_0002,
    0x3FF0_0000_0000_0000,
    0xFFFC_0005_0000_0002,
    0x0000_0000_0000_A9C3,
];
const BYTES: [u8; 9] = [0x81, 0xB2, 0x68, 0x69, 0x92, 0x01, 0xB2, 0xC3, 0xA9];

#[test]
fn the_write_tape_becomes_these_bytes() {
    let tape: Vec<u8> = WRITTEN.iter().flat_map(|slot| slot.to_le_bytes()).collect();
    let mut scratch = Vec::new();
    let Some((used, bodies)) = encode(&BINARYPACK, &tape, &mut scratch, || ()) else {
        panic!("there is memory for nine bytes");
    };
    assert_eq!((&scratch[..used], bodies.len()), (&BYTES[..], 0));
}

#[test]
fn these_bytes_become_the_read_tape() {
    let mut window = [0; 64];
    window[..BYTES.len()].copy_from_slice(&BYTES);
    let mut tape = Tape::new();
    let ahead = Ahead { at_hand: 0, limit: 0 };
    let done = Decoder::new(&BINARY_PACK).feed(&window, 0, BYTES.len(), ahead, &mut tape);
    assert!(matches!(done, Ok((9, Step::Done))));
    let slots: Vec<String> = tape.slots()[..6].iter().map(|slot| format!("{slot:016X}")).collect();
    assert_eq!(
        slots,
        [
            "0000000200000005",
            "FFFC000900000001",
            "FFFC000B13088000",
            "FFFC000700000002",
            "3FF0000000000000",
            "FFFC000500008007",
        ]
    );
    assert_eq!(&tape.text()[..2], b"hi");
}
