//! A model of decoding: any bytes give a value or an error, independent of how they are cut, with bounded memory.

use std::rc::Rc;

use arbitrary::Unstructured;
use peerjs_wasm::proto::inbound::{MAX_PREALLOCATED, Page, Part, Scratch, Stream};

use super::memory;
use super::tree::{End, Got, Tree, Value};

/// Decodes a BinaryPack frame.
pub fn binary_pack(bytes: &[u8]) {
    memory::check(bytes);
    let value = Tree::default().unpack(bytes);
    if bytes.first() == Some(&0xc4) {
        // A batch: its mark is not BinaryPack.
        let array = Tree::default().unpack(&bytes[1..]);
        match End::new().frame(bytes) {
            Got::Batch(came) => assert_eq!(format!("{:?}", Ok::<_, &str>(came)), format!("{array:?}")),
            Got::Invalid(_) => {}
            other => panic!("{other:?} of messages that share a frame"),
        }
        return;
    }
    if matches!(&value, Ok(Value::Map(entries)) if entries.iter().any(|(key, _)| key == "__peerData")) {
        // May be a frame of the protocol, which models/inbound.rs tests; here it only must not panic.
        End::new().frame(bytes);
        return;
    }
    match End::new().frame(bytes) {
        // NaN is not equal to itself.
        Got::Value(came) => assert_eq!(format!("{:?}", Ok::<_, &str>(came)), format!("{value:?}")),
        Got::Invalid(why) => assert_eq!(value, Err(why)),
        other => panic!("{other:?} of a frame that is a user's"),
    }
}

/// Decodes a MessagePack stream, cut at positions that its last bytes give.
pub fn message_pack(bytes: &[u8]) {
    let (bytes, ends) = bytes.split_at(bytes.len() - bytes.len() / 8);
    memory::check(bytes);
    let mut places = Vec::new();
    let mut ends = Unstructured::new(ends);
    while let Ok(at) = ends.int_in_range(0..=bytes.len()) {
        places.push(at);
        if ends.is_empty() {
            break;
        }
    }
    let (values, fault) = stream(&[bytes]);
    let (cut_values, cut_fault) = stream(&cut(bytes, places));
    assert_eq!(format!("{values:?}"), format!("{cut_values:?}"));
    assert_eq!(fault, cut_fault);
}

/// Decodes a MessagePack stream in parts, and returns the values and the error.
pub fn stream(parts: &[&[u8]]) -> (Vec<Value>, Option<&'static str>) {
    let (page, mut scratch) = (Tree::default(), Scratch::new());
    let mut stream = Stream::message_pack(page.start(), u64::MAX);
    let mut fault = None;
    for part in parts {
        let source: Rc<[u8]> = (*part).into();
        let part = Part { source: &source, at: 0, len: part.len() as u32, beyond: u64::MAX >> 1 };
        fault = fault.or_else(|| stream.take_in(&page, &mut scratch, part, MAX_PREALLOCATED).err());
    }
    (stream.build.done, fault)
}

/// Cuts `bytes` at these positions.
pub fn cut(bytes: &[u8], mut places: Vec<usize>) -> Vec<&[u8]> {
    places.iter_mut().for_each(|place| *place %= bytes.len() + 1);
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}
