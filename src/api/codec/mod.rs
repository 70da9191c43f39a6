//! serde values as bytes and back, with neither a JavaScript value nor a tape in between.
//!
//! The bytes are those that PeerJS writes for the object that the value is in JSON: a struct or a map is an object, a
//! sequence or a tuple an array, `None` and `()` are `null`, an enum is tagged as serde tags it.

mod de;
mod key;
mod receive;
mod ser;
mod token;

use std::convert::Infallible;

use serde::de::DeserializeOwned;
use serde::ser::Serialize;

use super::error::Error;
use crate::proto::codec::binarypack::encode::BINARYPACK;
use crate::proto::codec::decode::{self, BINARY_PACK, MESSAGE_PACK};
use crate::proto::codec::msgpack::encode::MSGPACK;
use crate::proto::codec::out;
use crate::proto::codec::packed::Packed;
pub use receive::{Frame, Receiver};

/// How many arrays and objects may be inside each other. Each takes some of the stack, of which a page has little.
pub(super) const MAX_DEPTH: u32 = 128;

/// The largest whole number that JavaScript, whose numbers are all `f64`, tells from its neighbours.
const MAX_SAFE: u64 = (1 << 53) - 1;

/// How a value becomes bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// PeerJS's own.
    BinaryPack,
    /// MessagePack.
    MessagePack,
}

impl Format {
    fn writes(self) -> &'static out::EncodeFormat {
        match self {
            Self::BinaryPack => &BINARYPACK,
            Self::MessagePack => &MSGPACK,
        }
    }

    fn reads(self) -> &'static decode::DecodeFormat {
        match self {
            Self::BinaryPack => &BINARY_PACK,
            Self::MessagePack => &MESSAGE_PACK,
        }
    }
}

/// The bytes of a value.
///
/// # Errors
/// [`Error::Serialize`] when JavaScript has no such value, [`Error::MessageTooBig`] when there is no memory for it.
pub fn to_bytes<T: Serialize + ?Sized>(format: Format, value: &T) -> Result<Vec<u8>, Error> {
    let mut writer = ser::Writer::<Infallible>::new(format.writes(), None);
    value.serialize(&mut writer)?;
    Ok(writer.finish().bytes)
}

/// The bytes of a value, of which `copy` takes the long parts elsewhere: a message of any size takes next to no memory
/// here.
///
/// # Errors
/// Those of [`to_bytes`].
pub fn to_packed<T, B>(
    format: &'static out::EncodeFormat,
    value: &T,
    copy: fn(&[u8]) -> B,
) -> Result<Packed<B>, Error>
where
    T: Serialize + ?Sized,
{
    let mut writer = ser::Writer::new(format, Some(copy));
    value.serialize(&mut writer)?;
    Ok(writer.finish())
}

/// How binary of `len` bytes begins.
pub fn binary_head(format: Format, len: u32) -> Vec<u8> {
    let mut writer = ser::Writer::<Infallible>::new(format.writes(), None);
    writer.binary_head(len);
    writer.finish().bytes
}

/// The value that these bytes, all of them, are.
///
/// # Errors
/// [`Error::Deserialize`] when they are none, or another one.
pub fn from_bytes<T: DeserializeOwned>(format: Format, bytes: &[u8]) -> Result<T, Error> {
    let mut reader = de::Reader::new(format.reads(), bytes);
    let value = T::deserialize(&mut reader)?;
    reader.finish()?;
    Ok(value)
}
