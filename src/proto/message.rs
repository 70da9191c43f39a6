//! Signaling messages, which travel through the PeerServer as `{type, src?, dst?, payload?}`.

/// The `type` of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageType {
    /// The server has registered the local peer.
    Open,
    /// The server reports an error.
    Error,
    /// Another client has the id of the local peer.
    IdTaken,
    /// The server does not accept the API key.
    InvalidKey,
    /// The remote peer has left the server.
    Leave,
    /// A message was not delivered, because no peer with its receiver's id came in time.
    Expire,
    /// An SDP offer of a connection.
    Offer,
    /// The SDP answer to an offer.
    Answer,
    /// An ICE candidate, or a request to close (see [`Features::close`]).
    Candidate,
    /// The client is alive.
    Heartbeat,
}

const NAMES: [(MessageType, &str); 10] = [
    (MessageType::Open, "OPEN"),
    (MessageType::Error, "ERROR"),
    (MessageType::IdTaken, "ID-TAKEN"),
    (MessageType::InvalidKey, "INVALID-KEY"),
    (MessageType::Leave, "LEAVE"),
    (MessageType::Expire, "EXPIRE"),
    (MessageType::Offer, "OFFER"),
    (MessageType::Answer, "ANSWER"),
    (MessageType::Candidate, "CANDIDATE"),
    (MessageType::Heartbeat, "HEARTBEAT"),
];

impl MessageType {
    /// Returns the name on the wire.
    pub fn as_str(self) -> &'static str {
        NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// Returns the type with this name on the wire, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// The kind of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionType {
    /// Messages over a data channel.
    Data,
    /// Audio and video.
    Media,
}

impl ConnectionType {
    /// Returns the name on the wire, which is also the `type` of a connection.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Media => "media",
        }
    }

    /// Returns the type with this name on the wire, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Data, Self::Media].into_iter().find(|kind| kind.as_str() == name)
    }

    /// Returns the prefix of the connection ids of this type.
    pub const fn id_prefix(self) -> &'static str {
        match self {
            Self::Data => "dc_",
            Self::Media => "mc_",
        }
    }
}

/// The payload of a message, as far as this module reads it; all other fields pass through unchanged.
pub trait Payload {
    /// Returns `connectionId`, if it is a string.
    fn connection_id(&self) -> Option<String>;
    /// Returns `type`, if it is a known type.
    fn connection_type(&self) -> Option<ConnectionType>;
    /// Returns whether the connection has failed (`failed` is true), if the payload closes it (`close` is true).
    fn closes(&self) -> Option<bool>;
    /// Returns the SDP of an offer, if it is a string.
    fn sdp(&self) -> Option<String>;
    /// Returns whether it carries a control frame.
    fn controls(&self) -> bool;
    /// Returns `msg`, if it is a string.
    fn error_message(&self) -> Option<String>;
    /// Returns the payload that closes a connection with this id, which only the remote still has.
    fn end(connection_id: &str) -> Self;
    /// Returns the payload of a probe: a candidate for a connection with this id, which the local peer sends to itself.
    /// It comes back only if the peer is registered.
    fn probe(connection_id: &str) -> Self;
}

/// A signaling message, received or to be sent. `P` is the payload: a JS object in a browser, a simpler type in native
/// tests.
#[derive(Clone, Debug, PartialEq)]
pub struct Message<P> {
    /// The type.
    pub kind: MessageType,
    /// The id of the remote peer: the sender of a received message, the receiver of a sent one.
    pub peer: String,
    /// The payload, if the message has one.
    pub payload: Option<P>,
}

/// The features that offers and answers announce in a field that PeerJS ignores: the bit in [`Features`] and the name.
pub const FEATURES: [(u8, &str); 6] = [
    (CLOSE_BIT, "close"),
    (BATCH_BIT, "batch"),
    (CONTROL_BIT, "control"),
    (NEGATIVE_ZERO_BIT, "negative-zero"),
    (RESUME_BIT, "resume"),
    (SHARE_BIT, "share"),
];

const CLOSE_BIT: u8 = 1;
const BATCH_BIT: u8 = 2;
const CONTROL_BIT: u8 = 4;
const NEGATIVE_ZERO_BIT: u8 = 8;
/// Announced only by a Peer whose option `resume` is not false.
pub(super) const RESUME_BIT: u8 = 16;
const SHARE_BIT: u8 = 32;

/// The features that a peer has announced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features(u8);

impl Features {
    /// Adds the feature with this name, if it is known.
    pub fn add(&mut self, name: &str) {
        for (bit, known) in FEATURES {
            if known == name {
                self.0 |= bit;
            }
        }
    }

    /// Whether a candidate with `close: true` closes the connection. It is used while the connection has no path of its
    /// own: for a call that is declined or cancelled. PeerJS takes such a candidate for the end of the candidates.
    pub fn close(self) -> bool {
        self.0 & CLOSE_BIT != 0
    }

    /// Whether small messages may be batched into one frame: see [`crate::proto::chunk::batch`].
    pub fn batch(self) -> bool {
        self.0 & BATCH_BIT != 0
    }

    /// Whether there is a control channel: see [`crate::proto::connection::control`].
    pub fn control(self) -> bool {
        self.0 & CONTROL_BIT != 0
    }

    /// Whether BinaryPack may encode −0 as a float. The decoder of PeerJS decodes this float to another number.
    pub fn negative_zero(self) -> bool {
        self.0 & NEGATIVE_ZERO_BIT != 0
    }

    /// Connections may share an RTCPeerConnection: see [`crate::proto::connection::branches`].
    pub fn share(self) -> bool {
        self.0 & SHARE_BIT != 0
    }

    /// A lost path is looked for again, and control frames that come through the server bring a key along: see
    /// [`crate::proto::connection::path`].
    pub fn resume(self) -> bool {
        self.0 & RESUME_BIT != 0
    }
}

/// Names of serializations.
pub mod serialization {
    /// BinaryPack.
    pub const BINARY: &str = "binary";
    /// Another name for BinaryPack, which PeerJS has too.
    pub const BINARY_UTF8: &str = "binary-utf8";
    /// JSON.
    pub const JSON: &str = "json";
    /// Text or bytes, sent unchanged.
    pub const RAW: &str = "raw";
    /// Another name for `raw`, which the PeerJS reference uses.
    pub const NONE: &str = "none";
    /// MessagePack.
    pub const MSGPACK: &str = "MsgPack";
}

/// Returns the name of a serialization on the wire: `raw` for `none`, and every other name unchanged.
pub fn wire_serialization(name: &str) -> &str {
    if name == serialization::NONE { serialization::RAW } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_wire_and_read_back() {
        let names = NAMES.map(|(kind, _)| kind.as_str());
        let expected = [
            "OPEN",
            "ERROR",
            "ID-TAKEN",
            "INVALID-KEY",
            "LEAVE",
            "EXPIRE",
            "OFFER",
            "ANSWER",
            "CANDIDATE",
            "HEARTBEAT",
        ];
        assert_eq!(names, expected);
        for (kind, name) in NAMES {
            assert_eq!(MessageType::parse(name), Some(kind));
        }
        for kind in [ConnectionType::Data, ConnectionType::Media] {
            assert_eq!(ConnectionType::parse(kind.as_str()), Some(kind));
        }
        for junk in ["", "open", "OFFER ", "constructor"] {
            assert_eq!((MessageType::parse(junk), ConnectionType::parse(junk)), (None, None));
        }
    }

    #[test]
    fn none_is_raw_on_the_wire_and_every_other_name_its_own() {
        for (name, wire) in
            [("none", "raw"), ("raw", "raw"), ("binary-utf8", "binary-utf8"), ("mine", "mine")]
        {
            assert_eq!(wire_serialization(name), wire);
        }
    }
}
