//! BinaryPack, the default serialization of PeerJS.
pub mod encode;
