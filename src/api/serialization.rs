//! How messages become bytes.

use crate::proto::chunk::frame::{CLOSE, CLOSE_JSON, CLOSE_MSGPACK};
use crate::proto::message::serialization::{BINARY, BINARY_UTF8, JSON, MSGPACK, NONE, RAW};

/// How messages become bytes. Both ends of a connection use the one that was named when it was made; each is what a page
/// with PeerJS knows by the same name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Serialization {
    /// BinaryPack, PeerJS's default: any value, up to 4 GB of text or binary in one piece, and what the remote's limit
    /// ([`PeerBuilder::receive_limit`](crate::PeerBuilder::receive_limit), 1 GiB) allows.
    #[default]
    Binary,
    /// JSON, up to 16 KB.
    Json,
    /// What is sent is a text or bytes (`serde_bytes`), and travels untouched.
    Raw,
    /// MessagePack. A page with PeerJS needs its `MsgPack` class for that.
    MsgPack,
}

impl Serialization {
    /// The name on the wire.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Binary => BINARY,
            Self::Json => JSON,
            Self::Raw => RAW,
            Self::MsgPack => MSGPACK,
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            BINARY | BINARY_UTF8 => Self::Binary,
            JSON => Self::Json,
            RAW | NONE => Self::Raw,
            MSGPACK => Self::MsgPack,
            _ => return None,
        })
    }

    /// What asks the far side to close once everything before it has come, if there is a word for that.
    pub(super) fn close_request(self) -> Option<&'static [u8]> {
        match self {
            Self::Binary => Some(CLOSE),
            Self::Json => Some(CLOSE_JSON.as_bytes()),
            Self::MsgPack => Some(CLOSE_MSGPACK),
            Self::Raw => None,
        }
    }
}
