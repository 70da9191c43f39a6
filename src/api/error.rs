//! What can go wrong.

use std::fmt;

use wasm_bindgen::JsValue;

/// What can go wrong, each with a text for a person who has to find out why.
///
/// Those of the PeerJS reference have its names, in Rust's spelling: `peer-unavailable` is
/// [`PeerUnavailable`](Self::PeerUnavailable). None of them holds a JavaScript value, so that they go wherever errors of
/// Rust go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Error {
    /// The browser has no WebRTC.
    BrowserIncompatible(String),
    /// The Peer has left the server, or lost it, and can make no new connection before it reconnects.
    Disconnected(String),
    /// The id that was asked for has characters that ids may not have.
    InvalidId(String),
    /// The server does not know the API key.
    InvalidKey(String),
    /// The server cannot be reached, or the socket to it was lost.
    Network(String),
    /// Nobody has the id that was to be connected to.
    PeerUnavailable(String),
    /// The server answered with an error.
    ServerError(String),
    /// The browser would not make a socket.
    SocketError(String),
    /// Another client has the id that was asked for.
    UnavailableId(String),
    /// The browser's own WebRTC error.
    WebRtc(String),
    /// The two peers never came to an agreement, or no path between them was found.
    NegotiationFailed(String),
    /// A connection that was open has broken: the far side has vanished.
    ConnectionClosed(String),
    /// This side or the other has closed the connection.
    Closed,
    /// The Peer was destroyed.
    Destroyed,
    /// Nothing can be sent yet: the connection is not open.
    NotOpen,
    /// The data channel takes no more at the moment.
    Full,
    /// The remote runs PeerJS, which cannot do this.
    Unsupported(String),
    /// The message is larger than the connection can carry.
    MessageTooBig(String),
    /// A message could not be handed to the data channel.
    SendFailed(String),
    /// The far side sent what is not valid in this serialization.
    InvalidData(String),
    /// So many messages came while nobody read them that the last ones, this many, were dropped.
    Unread(u64),
    /// A value has no counterpart on the far side: an integer beyond 2⁵³ − 1, a key that is no text.
    Serialize(String),
    /// What the far side sent is not of the type that was expected.
    Deserialize(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrowserIncompatible(text)
            | Self::Disconnected(text)
            | Self::InvalidId(text)
            | Self::InvalidKey(text)
            | Self::Network(text)
            | Self::PeerUnavailable(text)
            | Self::ServerError(text)
            | Self::SocketError(text)
            | Self::UnavailableId(text)
            | Self::NegotiationFailed(text)
            | Self::ConnectionClosed(text)
            | Self::Unsupported(text)
            | Self::MessageTooBig(text) => f.write_str(text),
            Self::WebRtc(text) => write!(f, "WebRTC: {text}"),
            Self::SendFailed(text) => write!(f, "cannot send: {text}"),
            Self::InvalidData(text) => write!(f, "the far side sent invalid data: {text}"),
            Self::Closed => f.write_str("the connection is closed"),
            Self::NotOpen => f.write_str("the connection is not open yet"),
            Self::Full => f.write_str("the data channel takes no more at the moment"),
            Self::Destroyed => f.write_str("the peer was destroyed"),
            Self::Unread(count) => {
                write!(f, "{count} messages were lost: nobody read those before them in time")
            }
            Self::Serialize(text) => write!(f, "cannot be sent: {text}"),
            Self::Deserialize(text) => write!(f, "not of the expected type: {text}"),
        }
    }
}

impl std::error::Error for Error {}

/// For functions that return `Result<_, JsValue>`: an `Error` of JavaScript's with this text.
impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        js_sys::Error::new(&error.to_string()).into()
    }
}

impl serde::ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Serialize(message.to_string())
    }
}

impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Deserialize(message.to_string())
    }
}
