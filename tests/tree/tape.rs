//! Encodes values through the tape, as the page does.
use peerjs_wasm::proto::codec::encode::encode;
use peerjs_wasm::proto::codec::out;
use peerjs_wasm::proto::codec::tape::{NAN, TOKEN, write as tag};

use super::Value;

/// Returns the tape that js/codec/writer.js would write.
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

/// Returns the bytes that the page sends for a value.
pub fn encoded(value: &Value, format: &out::EncodeFormat) -> Vec<u8> {
    let (mut tape, mut bytes) = (Vec::new(), Vec::new());
    write(value, &mut tape);
    let (len, _) = encode(format, &tape, &mut bytes, || ()).unwrap();
    bytes.truncate(len);
    bytes
}
