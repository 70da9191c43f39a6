//! JavaScript values as serde sees them: metadata, JSON and raw messages are written and read by the codec of all other
//! messages, so that one table says what becomes of a value.

use std::fmt;

use js_sys::{Array, ArrayBuffer, JsString, Object, Uint8Array};
use serde::Serialize;
use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, SerializeMap, SerializeSeq, Serializer};
use wasm_bindgen::{JsCast, JsValue};

use super::codec::{Format, MAX_DEPTH, from_bytes, to_bytes};
use super::error::Error;

/// Reads a JavaScript value as the type that is expected.
pub(super) fn from_js<T: DeserializeOwned>(value: &JsValue) -> Result<T, Error> {
    let bytes = to_bytes(Format::BinaryPack, &Js::new(value));
    // What the remote sent is not a fault of this side's.
    let bytes = bytes.map_err(|error| match error {
        Error::Serialize(why) => Error::Deserialize(why),
        other => other,
    })?;
    from_bytes(Format::BinaryPack, &bytes)
}

/// Makes a JavaScript value that JSON can hold: binary is an array of numbers.
pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, Error> {
    bytes_to_json(&to_bytes(Format::BinaryPack, value)?)
}

/// Makes the JavaScript value that BinaryPack bytes are, as [`to_json`] does.
pub(super) fn bytes_to_json(bytes: &[u8]) -> Result<JsValue, Error> {
    from_bytes(Format::BinaryPack, bytes).map(|Json(value)| value)
}

/// Makes the text or the `Uint8Array` that a raw connection carries.
pub(super) fn to_raw<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, Error> {
    let bytes = to_bytes(Format::BinaryPack, value)?;
    let raw: Result<Raw, _> = from_bytes(Format::BinaryPack, &bytes);
    raw.map(|Raw(value)| value)
        .map_err(|_| Error::Serialize("a raw connection carries text and bytes".into()))
}

/// A JavaScript value that is serialized.
pub(super) struct Js<'a> {
    value: &'a JsValue,
    /// How many arrays and objects it is in.
    depth: u32,
}

impl<'a> Js<'a> {
    pub(super) fn new(value: &'a JsValue) -> Self {
        Self { value, depth: 0 }
    }

    fn member<'b>(&self, value: &'b JsValue) -> Js<'b> {
        Js { value, depth: self.depth + 1 }
    }
}

impl Serialize for Js<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { value, depth } = *self;
        if value.is_null() || value.is_undefined() {
            serializer.serialize_unit()
        } else if let Some(is) = value.as_bool() {
            serializer.serialize_bool(is)
        } else if let Some(number) = value.as_f64() {
            serializer.serialize_f64(number)
        } else if let Some(text) = value.as_string() {
            serializer.serialize_str(&text)
        } else if let Some(buffer) = value.dyn_ref::<ArrayBuffer>() {
            serializer.serialize_bytes(&Uint8Array::new(buffer).to_vec())
        } else if ArrayBuffer::is_view(value) {
            let view: &Uint8Array = value.unchecked_ref();
            let (at, len) = (view.byte_offset(), view.byte_length());
            let bytes = Uint8Array::new_with_byte_offset_and_length(&view.buffer(), at, len);
            serializer.serialize_bytes(&bytes.to_vec())
        } else if depth == MAX_DEPTH {
            Err(S::Error::custom("the value is nested too deeply"))
        } else if let Some(array) = value.dyn_ref::<Array>() {
            let mut seq = serializer.serialize_seq(Some(array.length() as usize))?;
            for member in array.iter() {
                seq.serialize_element(&self.member(&member))?;
            }
            seq.end()
        } else if let Some(object) = value.dyn_ref::<Object>().filter(|it| is_plain(it)) {
            let entries = Object::entries(object);
            let mut map = serializer.serialize_map(Some(entries.length() as usize))?;
            for entry in entries.iter() {
                let entry: Array = entry.unchecked_into();
                let key = entry.get(0).as_string().unwrap_or_default();
                map.serialize_entry(&key, &self.member(&entry.get(1)))?;
            }
            map.end()
        } else {
            Err(S::Error::custom("neither JSON nor binary"))
        }
    }
}

/// Whether it is an object that is nothing but its properties: no function, no `Blob`, no `Map`.
fn is_plain(object: &Object) -> bool {
    object.to_string() == "[object Object]"
}

/// A value that JSON can hold.
struct Json(JsValue);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json(JsValue::NULL))
    }

    fn visit_bool<E>(self, is: bool) -> Result<Json, E> {
        Ok(Json(is.into()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Json, E> {
        self.visit_f64(number as f64)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Json, E> {
        self.visit_f64(number as f64)
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Json(number.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json(text.into()))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Json, E> {
        let numbers: Array = bytes.iter().map(|byte| JsValue::from(*byte)).collect();
        Ok(Json(numbers.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let members = Array::new();
        while let Some(Json(member)) = seq.next_element()? {
            members.push(&member);
        }
        Ok(Json(members.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let entries = Array::new();
        while let Some((Json(key), Json(value))) = map.next_entry()? {
            entries.push(&Array::of2(&key, &value));
        }
        // Unlike assignment this makes a property of the key `__proto__` too.
        let object = Object::from_entries(&entries).map_err(|_| de::Error::custom("no object"))?;
        Ok(Json(object.into()))
    }
}

/// A text or bytes.
struct Raw(JsValue);

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct It;
        impl Visitor<'_> for It {
            type Value = Raw;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("text or bytes")
            }

            fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
                Ok(Raw(JsString::from(text).into()))
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Raw, E> {
                Ok(Raw(Uint8Array::from(bytes).into()))
            }
        }
        deserializer.deserialize_any(It)
    }
}
