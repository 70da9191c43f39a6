//! Bytes to values.

use serde::de::value::SeqDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

use super::MAX_DEPTH;
use super::token::{Token, pass};
use crate::api::error::Error;
use crate::proto::codec::decode::{DecodeFormat, Fault, Input};

/// MessagePack's type of a point in time.
const TIMESTAMP: i8 = -1;

/// Reads one value.
pub(super) struct Reader<'de> {
    format: &'static DecodeFormat,
    input: Input<'de>,
    depth: u32,
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Deserialize(fault.reason().into())
    }
}

impl<'de> Reader<'de> {
    pub(super) fn new(format: &'static DecodeFormat, bytes: &'de [u8]) -> Self {
        Self { format, input: Input::all(bytes), depth: 0 }
    }

    /// Nothing may be left.
    pub(super) fn finish(&self) -> Result<(), Error> {
        if self.input.behind() == 0 { Ok(()) } else { Err(Fault::Trailing.into()) }
    }

    fn token(&mut self) -> Result<Token<'de>, Error> {
        Ok(Token::next(self.format, &mut self.input)?)
    }

    /// The next token, which stays the next one.
    fn peek(&mut self) -> Result<Token<'de>, Error> {
        let at = self.input.at;
        let token = self.token();
        self.input.at = at;
        token
    }

    fn skip(&mut self) -> Result<(), Error> {
        Ok(pass(self.format, &mut self.input)?)
    }

    /// Lets a visitor have `count` members, of which it must leave none.
    fn members<T>(
        &mut self,
        count: usize,
        visit: impl FnOnce(&mut Members<'_, 'de>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.depth == MAX_DEPTH {
            return Err(Fault::Deep.into());
        }
        self.depth += 1;
        let mut members = Members { reader: self, left: count };
        let value = visit(&mut members)?;
        let left = members.left;
        self.depth -= 1;
        if left > 0 {
            let expected = &*format!("{} of them", count - left);
            return Err(de::Error::invalid_length(count, &expected));
        }
        Ok(value)
    }

    fn visit<V: Visitor<'de>>(&mut self, token: Token<'de>, visitor: V) -> Result<V::Value, Error> {
        match token {
            Token::Null => visitor.visit_unit(),
            Token::Bool(value) => visitor.visit_bool(value),
            Token::Unsigned(value) => visitor.visit_u64(value),
            Token::Signed(value) => match u64::try_from(value) {
                Ok(value) => visitor.visit_u64(value),
                Err(_) => visitor.visit_i64(value),
            },
            Token::Float(value) => visitor.visit_f64(value),
            Token::Text(text) => match std::str::from_utf8(text) {
                Ok(text) => visitor.visit_borrowed_str(text),
                Err(_) => visitor.visit_string(lossy(text)),
            },
            Token::Bytes(bytes) => visitor.visit_borrowed_bytes(bytes),
            Token::Array(count) => self.members(count, |members| visitor.visit_seq(members)),
            Token::Map(count) => self.members(count, |members| visitor.visit_map(members)),
            Token::Extension(TIMESTAMP, bytes) => {
                visitor.visit_f64(milliseconds(bytes).ok_or(Fault::Timestamp)?)
            }
            Token::Extension(kind, _) => {
                Err(Error::Deserialize(format!("an extension of MessagePack's, of type {kind}")))
            }
        }
    }
}

/// A timestamp as milliseconds since 1970. The decoder has its own of this: to share it makes the npm package larger.
fn milliseconds(timestamp: &[u8]) -> Option<f64> {
    let (nanoseconds, seconds) = match timestamp.len() {
        4 => (0, i64::from(u32::from_be_bytes(timestamp.try_into().ok()?))),
        8 => {
            let bits = u64::from_be_bytes(timestamp.try_into().ok()?);
            ((bits >> 34) as u32, (bits & ((1 << 34) - 1)) as i64)
        }
        _ => {
            let (nanoseconds, seconds) = timestamp.split_first_chunk()?;
            (u32::from_be_bytes(*nanoseconds), i64::from_be_bytes(seconds.try_into().ok()?))
        }
    };
    Some(seconds as f64 * 1e3 + f64::from(nanoseconds) / 1e6)
}

/// Text is read as JavaScript reads it.
fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let token = self.token()?;
        self.visit(token, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek()? {
            Token::Null => {
                self.token()?;
                visitor.visit_none()
            }
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    /// A `Vec<u8>` takes binary too.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.token()? {
            Token::Bytes(bytes) => visitor.visit_seq(SeqDeserializer::new(bytes.iter().copied())),
            token => self.visit(token, visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.token()? {
            Token::Text(name) => visitor.visit_enum(lossy(name).into_deserializer()),
            Token::Map(1) => self.members(1, |members| {
                members.left = 0;
                visitor.visit_enum(Variant(members.reader))
            }),
            token => self.visit(token, visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct map
        struct identifier
    }
}

/// The members of an array or an object.
struct Members<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Members<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(&mut *self.reader).map(Some)
    }

    /// Never more than there are bytes.
    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> MapAccess<'de> for Members<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        match self.reader.token()? {
            Token::Text(key) => seed.deserialize(Key(key)).map(Some),
            // Neither PeerJS nor we write such keys, but BinaryPack can.
            Token::Signed(key) => seed.deserialize(Key(key.to_string().as_bytes())).map(Some),
            _ => Err(Fault::Key.into()),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(&mut *self.reader)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// An object's key, from which a map may want a number.
struct Key<'a>(&'a [u8]);

macro_rules! parsed {
    ($($method:ident $visit:ident,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match lossy(self.0).parse() {
                Ok(key) => visitor.$visit(key),
                Err(_) => self.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Key<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match std::str::from_utf8(self.0) {
            Ok(key) => visitor.visit_str(key),
            Err(_) => visitor.visit_string(lossy(self.0)),
        }
    }

    parsed! {
        deserialize_bool visit_bool,
        deserialize_i8 visit_i8,
        deserialize_i16 visit_i16,
        deserialize_i32 visit_i32,
        deserialize_i64 visit_i64,
        deserialize_i128 visit_i128,
        deserialize_u8 visit_u8,
        deserialize_u16 visit_u16,
        deserialize_u32 visit_u32,
        deserialize_u64 visit_u64,
        deserialize_u128 visit_u128,
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(lossy(self.0).into_deserializer())
    }

    forward_to_deserialize_any! {
        f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

/// An object of one member: its key is the variant of an enum, its value what is in it.
struct Variant<'a, 'de>(&'a mut Reader<'de>);

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Error> {
        let Token::Text(name) = self.0.token()? else { return Err(Fault::Key.into()) };
        Ok((seed.deserialize(Key(name))?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        de::Deserialize::deserialize(self.0)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.0.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_any(visitor)
    }
}
