//! When a connection has failed, and what it says then.

use super::error::ConnectionError;
use super::message::ConnectionType;
use super::time::Millis;

/// A connection that is not open so long after it was offered has failed. Browsers that have candidates give up sooner;
/// without any, because a message was lost, they wait for ever.
pub const PATIENCE: Millis = 30_000.0;

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Not open yet.
    Negotiating,
    /// Ready for read and write.
    Open,
    /// Over; nothing more happens.
    Closed,
}

/// What it means that the `connectionState` is now `state`, or the `iceConnectionState`, whose names mean the same.
/// `connected` says whether there ever was a path between the peers.
///
/// The first is what counts: when a peer vanishes without a word only that goes to `failed` in time, and the second is
/// `connected` although the answer never came.
pub fn failure(state: &str, connected: bool) -> Option<ConnectionError> {
    match state {
        "failed" if !connected => Some(ConnectionError::NegotiationFailed),
        "failed" | "closed" => Some(ConnectionError::ConnectionClosed),
        _ => None,
    }
}

/// What the error says, `peer` being the id of the far side.
pub fn describe(error: ConnectionError, peer: &str) -> String {
    let (before, after) = match error {
        ConnectionError::NegotiationFailed => ("Negotiation of connection to ", " failed."),
        ConnectionError::PeerUnavailable => ("Could not connect to peer ", ""),
        _ => ("Connection to ", " closed."),
    };
    [before, peer, after].concat()
}

/// The id of a new connection.
pub fn new_id(kind: ConnectionType, token: &str) -> String {
    [kind.id_prefix(), token].concat()
}
