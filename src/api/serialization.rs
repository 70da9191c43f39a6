//! How messages become bytes.

use crate::proto::chunk::frame::CLOSE;

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
            Self::Binary => "binary",
            Self::Json => "json",
            Self::Raw => "raw",
            Self::MsgPack => "MsgPack",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "binary" | "binary-utf8" => Self::Binary,
            "json" => Self::Json,
            "raw" | "none" => Self::Raw,
            "MsgPack" => Self::MsgPack,
            _ => return None,
        })
    }

    /// What asks the far side to close once everything before it has come, if there is a word for that.
    pub(super) fn close_request(self) -> Option<&'static [u8]> {
        match self {
            Self::Binary => Some(CLOSE),
            Self::Json => Some(br#"{"__peerData":{"type":"close"}}"#),
            Self::MsgPack => Some(b"\x81\xaa__peerData\x81\xa4type\xa5close"),
            Self::Raw => None,
        }
    }
}
