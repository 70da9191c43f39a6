//! Encoding of values as BinaryPack or MessagePack, and decoding.

pub mod binarypack;
pub mod decode;
pub mod encode;
pub mod msgpack;
pub mod out;
pub mod packed;
pub mod tape;
