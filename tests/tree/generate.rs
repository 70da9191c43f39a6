//! Strategies for values of all types.
use proptest::collection::vec;
use proptest::prelude::*;

use super::Value;
use super::encode::Format;

/// Any value of a format, sometimes with a long string or binary.
pub fn value(format: Format) -> impl Strategy<Value = Value> {
    leaf(format).prop_recursive(6, 40, 12, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..12).prop_map(Value::Array),
            vec((key(format), inner), 0..12).prop_map(|entries| Value::Map(distinct(entries))),
        ]
    })
}

fn leaf(format: Format) -> BoxedStrategy<Value> {
    let shared = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|number| Value::Number((number >> (number & 63)) as f64)),
        any::<f64>().prop_filter("NaN is not equal to itself", |it| !it.is_nan()).prop_map(Value::Number),
        text(40).prop_map(Value::Text),
        vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
        any::<u8>().prop_map(|seed| long(seed).0),
        any::<u8>().prop_map(|seed| long(seed).1),
    ];
    match format {
        Format::BinaryPack => prop_oneof![10 => shared, 1 => Just(Value::Undefined)].boxed(),
        Format::MessagePack => prop_oneof![
            10 => shared,
            1 => (-8_640_000_000_000_000..8_640_000_000_000_000i64).prop_map(|ms| Value::Date(ms as f64)),
            1 => (0..=127i8, vec(any::<u8>(), 0..40)).prop_map(|(kind, bytes)| Value::Ext(kind, bytes)),
            1 => (-128..-1i8).prop_map(|kind| Value::Ext(kind, vec![7; 5000])),
        ]
        .boxed(),
    }
}

/// A string and a binary about as long as the window, or longer.
fn long(seed: u8) -> (Value, Value) {
    let len = 3900 + usize::from(seed) * if seed.is_multiple_of(8) { 200 } else { 2 };
    let text = if seed.is_multiple_of(2) { "a".repeat(len) } else { "ä€".repeat(len / 5) };
    (Value::Text(text), Value::Bytes(vec![seed; len]))
}

/// A string of ASCII or other characters, also with U+FEFF, which a decoder might take for a byte order mark.
fn text(longest: usize) -> impl Strategy<Value = String> {
    prop_oneof![
        vec(0x20..0x7fu8, 0..longest).prop_map(|bytes| String::from_utf8(bytes).unwrap()),
        vec(any::<char>(), 0..longest / 4).prop_map(|chars| chars.into_iter().collect()),
        Just("\u{feff}marked".to_owned()),
    ]
}

fn key(format: Format) -> impl Strategy<Value = String> {
    let special = if format == Format::BinaryPack { "__proto__" } else { "__prot__" };
    prop_oneof![8 => "[a-z]{0,4}", 2 => text(60), 1 => Just(special.to_owned()), 1 => any::<u8>().prop_map(|seed| "k".repeat(30 * usize::from(seed)))]
}

fn distinct(mut entries: Vec<(String, Value)>) -> Vec<(String, Value)> {
    let mut seen = std::collections::HashSet::new();
    entries.retain(|(key, _)| seen.insert(key.clone()));
    entries
}
