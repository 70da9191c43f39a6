//! What can go wrong.

use std::fmt;

use serde::de::{self, Expected, Unexpected};
use wasm_bindgen::JsValue;

use super::diagnosis::{ConnectionFailure, Diagnosis};
use crate::web::js::to_text;

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
    NegotiationFailed(ConnectionFailure),
    /// A connection that was open has broken: the far side has vanished.
    ConnectionClosed(ConnectionFailure),
    /// [`PeerBuilder::ice_servers_with`](crate::PeerBuilder::ice_servers_with) gave no servers, or not within 10 s.
    Config(String),
    /// The remote did not reply in time.
    Timeout,
    /// This side or the other has closed the connection.
    Closed,
    /// The Peer was destroyed.
    Destroyed,
    /// Nothing can be sent yet: the connection is not open.
    NotOpen,
    /// The data channel takes no more at the moment.
    Full,
    /// So many connections share this one that no further can.
    Limit,
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

impl Error {
    /// What is known of the reason, of [`NegotiationFailed`](Self::NegotiationFailed) and
    /// [`ConnectionClosed`](Self::ConnectionClosed).
    ///
    /// ```no_run
    /// # use peerjs_wasm::{Advice, Connection};
    /// # async fn example(connection: Connection) {
    /// if let Err(error) = connection.open().await
    ///     && let Some(diagnosis) = error.diagnosis()
    /// {
    ///     match diagnosis.advice {
    ///         Advice::TurnNeeded | Advice::TurnUnreachable | Advice::TurnRefused => { /* check the TURN server */ }
    ///         Advice::SignallingLost => { /* this end is offline */ }
    ///         _ => { /* try again later */ }
    ///     }
    /// }
    /// # }
    /// ```
    pub fn diagnosis(&self) -> Option<&Diagnosis> {
        match self {
            Self::NegotiationFailed(failure) | Self::ConnectionClosed(failure) => failure.diagnosis(),
            _ => None,
        }
    }

    pub(super) fn unsupported(what: &str) -> Self {
        Self::Unsupported(format!("{what}: the remote runs PeerJS, which does not know it"))
    }
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
            | Self::Unsupported(text)
            | Self::Config(text)
            | Self::MessageTooBig(text) => f.write_str(text),
            Self::NegotiationFailed(failure) | Self::ConnectionClosed(failure) => failure.fmt(f),
            Self::WebRtc(text) => write!(f, "WebRTC: {text}"),
            Self::SendFailed(text) => write!(f, "cannot send: {text}"),
            Self::InvalidData(text) => write!(f, "the far side sent invalid data: {text}"),
            Self::Closed => f.write_str("the connection is closed"),
            Self::Timeout => f.write_str("the remote did not reply in time"),
            Self::NotOpen => f.write_str("the connection is not open yet"),
            Self::Full => f.write_str("the data channel takes no more at the moment"),
            Self::Limit => f.write_str("no more connections can share this one"),
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

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Deserialize(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("invalid type: {}, expected {expected}", Found(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("invalid value: {}, expected {expected}", Found(found)))
    }
}

/// What was found in place of what was expected, in serde's words. serde's own `Display` is 17 KB of wasm, nearly all of it
/// to print a float, which the browser does here.
struct Found<'a>(Unexpected<'a>);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unexpected::Bool(is) => write!(f, "boolean `{is}`"),
            Unexpected::Unsigned(number) => write!(f, "integer `{number}`"),
            Unexpected::Signed(number) => write!(f, "integer `{number}`"),
            Unexpected::Float(number) if cfg!(target_arch = "wasm32") => {
                write!(f, "floating point `{}`", to_text(&number.into()))
            }
            Unexpected::Float(number) => write!(f, "floating point `{number}`"),
            Unexpected::Char(character) => write!(f, "character `{character}`"),
            Unexpected::Str(text) => write!(f, "string \"{text}\""),
            Unexpected::Bytes(_) => f.write_str("byte array"),
            Unexpected::Unit => f.write_str("unit value"),
            Unexpected::Option => f.write_str("Option value"),
            Unexpected::NewtypeStruct => f.write_str("newtype struct"),
            Unexpected::Seq => f.write_str("sequence"),
            Unexpected::Map => f.write_str("map"),
            Unexpected::Enum => f.write_str("enum"),
            Unexpected::UnitVariant => f.write_str("unit variant"),
            Unexpected::NewtypeVariant => f.write_str("newtype variant"),
            Unexpected::TupleVariant => f.write_str("tuple variant"),
            Unexpected::StructVariant => f.write_str("struct variant"),
            Unexpected::Other(what) => f.write_str(what),
        }
    }
}
