//! BinaryPack, the format PeerJS speaks by default.
pub mod encode;
