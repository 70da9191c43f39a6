//! MessagePack, as the package @msgpack/msgpack writes it with its default options.
pub mod encode;
