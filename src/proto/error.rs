//! Kinds of error, with the names that the PeerJS reference documents.

/// The `type` of an error event of a Peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerError {
    /// The browser does not support WebRTC.
    BrowserIncompatible,
    /// The peer was disconnected from the server and can make no new connection.
    Disconnected,
    /// The id has characters that ids may not have.
    InvalidId,
    /// The server does not accept the API key.
    InvalidKey,
    /// The server cannot be reached, or the socket to it was lost.
    Network,
    /// No peer is registered under the id to connect to.
    PeerUnavailable,
    /// The server answered with an error.
    ServerError,
    /// The browser refused to make a WebSocket.
    SocketError,
    /// Another client has the id.
    UnavailableId,
    /// A WebRTC operation of the browser failed.
    WebRtc,
}

impl PeerError {
    /// Returns the documented name.
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
    /// Negotiation failed, or ICE found no path to the remote.
    NegotiationFailed,
    /// A connection that was open is lost.
    ConnectionClosed,
    /// The function `config` gave no configuration.
    Config,
    /// No peer is registered under the id to connect to.
    PeerUnavailable,
    /// The message is larger than the connection can carry.
    MessageTooBig,
    /// The remote sent data that is not valid in this serialization.
    InvalidData,
    /// A part of the message could not be read, or the data channel did not accept it.
    SendFailed,
}

impl ConnectionError {
    /// Returns the documented name. PeerJS lacks `config-failed` and the last two: it throws an exception or ignores the error.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NegotiationFailed => "negotiation-failed",
            Self::ConnectionClosed => "connection-closed",
            Self::Config => "config-failed",
            Self::PeerUnavailable => "peer-unavailable",
            Self::MessageTooBig => "message-too-big",
            Self::InvalidData => "invalid-data",
            Self::SendFailed => "send-failed",
        }
    }
}
