//! What travels through the PeerServer: `{type, src?, dst?, payload?}`.

/// The `type` of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageType {
    /// The server has registered us.
    Open,
    /// The server refuses something.
    Error,
    /// Another client has our id.
    IdTaken,
    /// The server does not know our key.
    InvalidKey,
    /// A peer has gone.
    Leave,
    /// Nobody took a message of ours.
    Expire,
    /// A peer offers a connection.
    Offer,
    /// A peer answers our offer.
    Answer,
    /// A path by which a peer might be reached.
    Candidate,
    /// We are still here.
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
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The type of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// What kind of connection an offer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionType {
    /// Messages over a data channel.
    Data,
    /// Audio and video.
    Media,
}

impl ConnectionType {
    /// The name on the wire, and the `type` of a connection.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Media => "media",
        }
    }

    /// The type of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Data, Self::Media].into_iter().find(|kind| kind.as_str() == name)
    }

    /// What the connection ids of this type begin with.
    pub const fn id_prefix(self) -> &'static str {
        match self {
            Self::Data => "dc_",
            Self::Media => "mc_",
        }
    }
}

/// What the core needs to know of a payload; the rest of it passes through untouched.
pub trait Payload {
    /// Its `connectionId`, when that is a text.
    fn connection_id(&self) -> Option<String>;
    /// Its `type`, when that is a known one.
    fn connection_type(&self) -> Option<ConnectionType>;
    /// Whether it ends the connection, and then whether it has failed: `close` is true, `failed` is true.
    fn closes(&self) -> Option<bool>;
    /// What it offers: the SDP, when that is a text.
    fn sdp(&self) -> Option<String>;
    /// Its `msg`, when that is a text.
    fn error_message(&self) -> Option<String>;
    /// What proves that we are registered: a candidate for ourselves, for a connection of this id.
    fn probe(connection_id: &str) -> Self;
}

/// A message to or from the server. `P` is a JS object in a browser and something simpler in native tests.
#[derive(Clone, Debug, PartialEq)]
pub struct Message<P> {
    /// What it is.
    pub kind: MessageType,
    /// The other peer: who sent it when it comes in, who is to get it when it goes out.
    pub peer: String,
    /// What it says.
    pub payload: Option<P>,
}

/// What offers and answers announce, in a field that PeerJS ignores: the bit of each feature in [`Features`], and its name.
pub const FEATURES: [(u8, &str); 4] =
    [(CLOSE, "close"), (BATCH, "batch"), (CONTROL, "control"), (NEGATIVE_ZERO, "negative-zero")];

const CLOSE: u8 = 1;
const BATCH: u8 = 2;
const CONTROL: u8 = 4;
const NEGATIVE_ZERO: u8 = 8;

/// What a peer has announced that it understands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features(u8);

impl Features {
    /// Adds the feature of that name, if it is known.
    pub fn add(&mut self, name: &str) {
        for (bit, known) in FEATURES {
            if known == name {
                self.0 |= bit;
            }
        }
    }

    /// A candidate with `close: true` ends a connection that has no path of its own yet: a call that is declined or
    /// cancelled. PeerJS takes such a candidate for the end of the candidates.
    pub fn close(self) -> bool {
        self.0 & CLOSE != 0
    }

    /// Small messages may share a frame: see [`crate::proto::chunk::batch`].
    pub fn batch(self) -> bool {
        self.0 & BATCH != 0
    }

    /// There is a control channel: see [`crate::proto::connection::control`].
    pub fn control(self) -> bool {
        self.0 & CONTROL != 0
    }

    /// −0 in BinaryPack may be a float. PeerJS's decoder reads such a float as another number.
    pub fn negative_zero(self) -> bool {
        self.0 & NEGATIVE_ZERO != 0
    }
}

/// Names of serializations.
pub mod serialization {
    /// BinaryPack.
    pub const BINARY: &str = "binary";
    /// BinaryPack under another name.
    pub const BINARY_UTF8: &str = "binary-utf8";
    /// JSON.
    pub const JSON: &str = "json";
    /// Text or bytes, sent as they are.
    pub const RAW: &str = "raw";
    /// What the PeerJS reference calls `raw`.
    pub const NONE: &str = "none";
    /// MessagePack.
    pub const MSGPACK: &str = "MsgPack";
}

/// The name of a serialization on the wire. The reference calls `none` what the wire calls `raw`.
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
