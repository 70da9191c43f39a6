//! MessagePack, as @msgpack/msgpack writes it with its defaults.
pub mod encode;
