//! A simple encoder of both formats, written from their specifications, to test the decoder.
use super::Value;

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Format {
    BinaryPack,
    MessagePack,
}

/// Encodes a value. With `wide`, every head takes its longest form.
pub fn encode(value: &Value, format: Format, wide: bool) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, format, wide, &mut out);
    out
}

fn write(value: &Value, format: Format, wide: bool, out: &mut Vec<u8>) {
    let message_pack = format == Format::MessagePack;
    match value {
        Value::Undefined => out.push(0xc1),
        Value::Null => out.push(0xc0),
        Value::Bool(is) => out.push(if *is { 0xc3 } else { 0xc2 }),
        Value::Number(number) => write_number(*number, wide, out),
        Value::Text(text) => {
            let heads: [_; 4] = if message_pack {
                [(0xa0, 31), (0xd9, 0xff), (0xda, 0xffff), (0xdb, u32::MAX)]
            } else {
                [(0xb0, 15), (0, 0), (0xd8, 0xffff), (0xd9, u32::MAX)]
            };
            head(text.len(), heads, wide, out);
            out.extend_from_slice(text.as_bytes());
        }
        Value::Bytes(bytes) => {
            let heads: [_; 4] = if message_pack {
                [(0, 0), (0xc4, 0xff), (0xc5, 0xffff), (0xc6, u32::MAX)]
            } else {
                [(0xa0, 15), (0, 0), (0xda, 0xffff), (0xdb, u32::MAX)]
            };
            head(bytes.len(), heads, wide, out);
            out.extend_from_slice(bytes);
        }
        Value::Array(members) => {
            head(members.len(), [(0x90, 15), (0, 0), (0xdc, 0xffff), (0xdd, u32::MAX)], wide, out);
            for member in members {
                write(member, format, wide, out);
            }
        }
        Value::Map(entries) => {
            head(entries.len(), [(0x80, 15), (0, 0), (0xde, 0xffff), (0xdf, u32::MAX)], wide, out);
            for (key, value) in entries {
                write(&Value::Text(key.clone()), format, wide, out);
                write(value, format, wide, out);
            }
        }
        Value::Date(ms) => {
            out.extend_from_slice(&[0xc7, 12, 0xff]);
            let seconds = (ms / 1e3).floor();
            out.extend_from_slice(&(((ms - seconds * 1e3) * 1e6) as u32).to_be_bytes());
            out.extend_from_slice(&(seconds as i64).to_be_bytes());
        }
        Value::Ext(kind, bytes) => {
            if bytes.len().is_power_of_two() && bytes.len() <= 16 && !wide {
                out.push(0xd4 + bytes.len().ilog2() as u8);
            } else {
                head(bytes.len(), [(0, 0), (0xc7, 0xff), (0xc8, 0xffff), (0xc9, u32::MAX)], wide, out);
            }
            out.push(*kind as u8);
            out.extend_from_slice(bytes);
        }
    }
}

/// The first bytes of heads with the count in that byte, or in one, two or four bytes after it. 0 if there is no such
/// form.
fn head(len: usize, heads: [(u8, u32); 4], wide: bool, out: &mut Vec<u8>) {
    let fits = |nth: &usize| heads[*nth].0 != 0 && len <= heads[*nth].1 as usize;
    let nth = if wide { 3 } else { (0..4).find(fits).unwrap() };
    let first = heads[nth].0;
    let bytes = (len as u32).to_be_bytes();
    match nth {
        0 => out.push(first + len as u8),
        1 => out.extend_from_slice(&[first, bytes[3]]),
        2 => out.extend_from_slice(&[first, bytes[2], bytes[3]]),
        _ => {
            out.push(first);
            out.extend_from_slice(&bytes);
        }
    }
}

fn write_number(number: f64, wide: bool, out: &mut Vec<u8>) {
    let whole = number as i64;
    if wide || whole as f64 != number || (whole == 0 && number.is_sign_negative()) {
        out.push(0xcb);
        return out.extend_from_slice(&number.to_be_bytes());
    }
    let bytes = whole.to_be_bytes();
    // The first byte for integers of this many bytes, unsigned and signed.
    let fits = |size: u32| match whole {
        0.. => whole >> (8 * size - 1) >> 1 == 0,
        _ => whole >> (8 * size - 1) == -1,
    };
    let power = (0..4).find(|power| fits(1 << power)).unwrap();
    if (-32..=127).contains(&whole) {
        return out.push(whole as u8);
    }
    out.push(power as u8 + if whole < 0 { 0xd0 } else { 0xcc });
    out.extend_from_slice(&bytes[8 - (1 << power)..]);
}
