//! What can go wrong, under the names that the PeerJS reference documents.

/// The `type` of an error event of a Peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerError {
    /// The browser has no WebRTC.
    BrowserIncompatible,
    /// The peer was disconnected from the server and can make no new connection.
    Disconnected,
    /// The id has characters that ids may not have.
    InvalidId,
    /// The server does not know the API key.
    InvalidKey,
    /// The server cannot be reached, or the socket to it was lost.
    Network,
    /// Nobody has the id that was to be connected to.
    PeerUnavailable,
    /// The server answered with an error.
    ServerError,
    /// The browser would not make a socket.
    SocketError,
    /// Another client has the id.
    UnavailableId,
    /// The browser's own WebRTC error.
    WebRtc,
}

impl PeerError {
    /// The documented spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BrowserIncompatible => "browser-incompatible",
            Self::Disconnected => "disconnected",
            Self::InvalidId => "invalid-id",
            Self::InvalidKey => "invalid-key",
            Self::Network => "network",
            Self::PeerUnavailable => "peer-unavailable",
            Self::ServerError => "server-error",
            Self::SocketError => "socket-error",
            Self::UnavailableId => "unavailable-id",
            Self::WebRtc => "webrtc",
        }
    }
}

/// The `type` of an error event of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionError {
    /// The two peers never came to an agreement, or no path between them was found.
    NegotiationFailed,
    /// A connection that was open has broken.
    ConnectionClosed,
    /// Nobody has the id that was to be connected to.
    PeerUnavailable,
    /// A message is larger than the connection can carry.
    MessageTooBig,
    /// The far side sent what is not valid in this serialization.
    InvalidData,
    /// A message could not be read or handed to the data channel.
    SendFailed,
}

impl ConnectionError {
    /// The documented spelling; the last two are ours, where PeerJS throws or stays silent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NegotiationFailed => "negotiation-failed",
            Self::ConnectionClosed => "connection-closed",
            Self::PeerUnavailable => "peer-unavailable",
            Self::MessageTooBig => "message-too-big",
            Self::InvalidData => "invalid-data",
            Self::SendFailed => "send-failed",
        }
    }
}
