//! Values to bytes.

use serde::ser::{self, Serialize};

use super::MAX_SAFE;
use super::key::Key;
use crate::api::error::Error;
use crate::proto::codec::out::{ARRAY, EncodeFormat, LengthTags, MAP, Out, WRITE_SLACK};
use crate::proto::codec::packed::{Body, Packed};

const NULL: u64 = 0xc0;
const FALSE: u64 = 0xc2;
const TRUE: u64 = 0xc3;

/// What is copied to elsewhere at once: a string or binary this long, or this much of other values.
const LONG: usize = 256 << 10;

/// Writes one value.
pub(super) struct Writer<B> {
    format: &'static EncodeFormat,
    bytes: Vec<u8>,
    bodies: Vec<Body<B>>,
    /// Copies bytes to where they take no memory of this module's.
    copy: Option<fn(&[u8]) -> B>,
    /// Open containers whose number of members is not known, so that their heads will be written anew.
    uncounted: u32,
    /// How many times what was written has been copied.
    copied: u32,
}

impl<B> Writer<B> {
    /// A writer that keeps all bytes, or leaves to `copy` where long parts are.
    pub(super) fn new(format: &'static EncodeFormat, copy: Option<fn(&[u8]) -> B>) -> Self {
        Self { format, bytes: Vec::new(), bodies: Vec::new(), copy, uncounted: 0, copied: 0 }
    }

    pub(super) fn finish(self) -> Packed<B> {
        Packed { bytes: self.bytes, bodies: self.bodies }
    }

    /// The beginning of binary of `len` bytes.
    pub(super) fn binary_head(&mut self, len: u32) {
        let head = &self.format.bytes;
        self.put(|out| out.head(head, len));
    }

    /// Appends something short.
    fn put(&mut self, write: impl FnOnce(&mut Out)) {
        let mut buffer = [0; WRITE_SLACK];
        let mut out = Out { buffer: &mut buffer, at: 0 };
        write(&mut out);
        let len = out.at;
        self.bytes.extend_from_slice(&buffer[..len]);
        self.relieve();
    }

    /// Has what was written since the last body copied, if it is much.
    fn relieve(&mut self) {
        let at = self.bodies.last().map_or(0, |body| body.at);
        if self.uncounted == 0
            && let (Some(copy), Some(written)) = (self.copy, self.bytes.get(at..))
            && written.len() >= LONG
        {
            self.bodies.push(Body { at, len: written.len() as u32, source: copy(written) });
            self.bytes.truncate(at);
            self.copied += 1;
        }
    }

    fn run(&mut self, head: &LengthTags, bytes: &[u8]) -> Result<(), Error> {
        let too_big = || Error::MessageTooBig(TOO_BIG.into());
        let len = u32::try_from(bytes.len()).map_err(|_| too_big())?;
        self.put(|out| out.head(head, len));
        match self.copy {
            Some(copy) if bytes.len() >= LONG => {
                self.bodies.push(Body { at: self.bytes.len(), len, source: copy(bytes) });
            }
            _ => {
                self.bytes.try_reserve(WRITE_SLACK + bytes.len()).map_err(|_| too_big())?;
                self.bytes.extend_from_slice(bytes);
                self.relieve();
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Error> {
        self.run(&self.format.string, text.as_bytes())
    }

    fn number(&mut self, number: f64) {
        let number = if number.is_nan() { f64::NAN } else { number };
        let format = self.format;
        self.put(|out| out.number(number, format));
    }

    /// The beginning of an array or an object.
    fn open(&mut self, head: &'static LengthTags, len: Option<usize>) -> Members<'_, B> {
        // Until its head is right, its place must stay where it is.
        self.uncounted += u32::from(len.is_none());
        let (start, announced, copied) = (self.bytes.len(), len.unwrap_or_default() as u32, self.copied);
        self.put(|out| out.head(head, announced));
        let bodies = self.bodies.len();
        Members { head, start, announced, count: 0, is_counted: len.is_some(), bodies, copied, writer: self }
    }

    /// The beginning of an object that says which variant of an enum its only member is.
    fn variant(&mut self, name: &str) -> Result<(), Error> {
        self.put(|out| out.head(&MAP, 1));
        self.text(name)
    }
}

const TOO_BIG: &str = "There is no memory for the message.";

/// What a number beyond [`MAX_SAFE`] leads to.
fn unsafe_integer() -> Error {
    Error::Serialize(
        "an integer beyond 2⁵³ − 1, which JavaScript's numbers cannot hold: send it as text".into(),
    )
}

impl<'a, B> ser::Serializer for &'a mut Writer<B> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Members<'a, B>;
    type SerializeTuple = Members<'a, B>;
    type SerializeTupleStruct = Members<'a, B>;
    type SerializeTupleVariant = Members<'a, B>;
    type SerializeMap = Members<'a, B>;
    type SerializeStruct = Members<'a, B>;
    type SerializeStructVariant = Members<'a, B>;

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.put(|out| out.put(if value { TRUE } else { FALSE }, 1));
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Error> {
        self.serialize_f64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Error> {
        self.serialize_f64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Error> {
        self.serialize_f64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Error> {
        if value.unsigned_abs() > MAX_SAFE {
            return Err(unsafe_integer());
        }
        self.serialize_f64(value as f64)
    }

    fn serialize_i128(self, value: i128) -> Result<(), Error> {
        self.serialize_i64(value.try_into().map_err(|_| unsafe_integer())?)
    }

    fn serialize_u8(self, value: u8) -> Result<(), Error> {
        self.serialize_f64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Error> {
        self.serialize_f64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Error> {
        self.serialize_f64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Error> {
        self.serialize_i64(value.try_into().map_err(|_| unsafe_integer())?)
    }

    fn serialize_u128(self, value: u128) -> Result<(), Error> {
        self.serialize_i64(value.try_into().map_err(|_| unsafe_integer())?)
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        self.number(value);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        self.text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        self.run(&self.format.bytes, value)
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.put(|out| out.put(NULL, 1));
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.variant(variant)?;
        value.serialize(self)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Members<'a, B>, Error> {
        Ok(self.open(&ARRAY, len))
    }

    fn serialize_tuple(self, len: usize) -> Result<Members<'a, B>, Error> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Members<'a, B>, Error> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Members<'a, B>, Error> {
        self.variant(variant)?;
        self.serialize_seq(Some(len))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Members<'a, B>, Error> {
        Ok(self.open(&MAP, len))
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Members<'a, B>, Error> {
        self.serialize_map(Some(len))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Members<'a, B>, Error> {
        self.variant(variant)?;
        self.serialize_map(Some(len))
    }
}

/// The members of an array or an object that is being written.
pub(super) struct Members<'a, B> {
    writer: &'a mut Writer<B>,
    head: &'static LengthTags,
    /// Where its head is.
    start: usize,
    /// How many members the head says there are,
    announced: u32,
    /// and how many there have been.
    count: u32,
    is_counted: bool,
    /// How many bodies came before it, and how many times bytes had been copied.
    bodies: usize,
    copied: u32,
}

impl<B> Members<'_, B> {
    fn member<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.count += 1;
        value.serialize(&mut *self.writer)
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Error> {
        self.writer.text(name)?;
        self.member(value)
    }

    /// A head that was wrong, since serde does not always know (`flatten`, filters), is written anew.
    fn close(self) -> Result<(), Error> {
        let Self { writer, head, start, announced, count, is_counted, bodies, copied } = self;
        writer.uncounted -= u32::from(!is_counted);
        if count != announced {
            if writer.copied != copied {
                return Err(Error::Serialize("it has another number of members than it says".into()));
            }
            let mut wrong = [0; WRITE_SLACK];
            let mut out = Out { buffer: &mut wrong, at: 0 };
            out.head(head, announced);
            let old = out.at;
            let mut right = [0; WRITE_SLACK];
            out = Out { buffer: &mut right, at: 0 };
            out.head(head, count);
            let len = out.at;
            writer.bytes.splice(start..start + old, right[..len].iter().copied());
            for body in writer.bodies.iter_mut().skip(bodies) {
                body.at = body.at + len - old;
            }
        }
        writer.relieve();
        Ok(())
    }
}

impl<B> ser::SerializeSeq for Members<'_, B> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.member(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl<B> ser::SerializeTuple for Members<'_, B> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.member(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl<B> ser::SerializeTupleStruct for Members<'_, B> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.member(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl<B> ser::SerializeTupleVariant for Members<'_, B> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.member(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl<B> ser::SerializeMap for Members<'_, B> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        let key = key.serialize(Key)?;
        self.writer.text(&key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.member(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl<B> ser::SerializeStruct for Members<'_, B> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        self.field(name, value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl<B> ser::SerializeStructVariant for Members<'_, B> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        self.field(name, value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}
