//! The border between a [`Peer`](super::peer::Peer) and what carries its messages to other peers.
//!
//! A *transport* registers a peer under an id and carries [`Message`]s between registered peers. The Peer tells it what
//! to do with three outputs: `Connect` (register, under an id or under one that the transport makes up), `Transmit`
//! (hand a message to a peer) and `Disconnect` (leave, and forget an attempt that is under way). It answers with
//! [`Event`]s, each with the number of the attempt that it belongs to; the Peer ignores those of earlier attempts.
//!
//! A transport need not be reliable. It should keep the order of messages from one peer to another, should report
//! [`Expire`](super::message::MessageType::Expire) for a peer that is not there, and must report `Lost` in bounded time
//! when it cannot register. What it says of the sender of a message is believed.
//!
//! [`PeerServer`](super::peer_server) is one.

use super::error::PeerError;
use super::message::Message;

/// What a transport reports of one attempt to be connected.
#[derive(Debug, PartialEq)]
pub enum Event<P> {
    /// Others will know us under this id, which the transport made up. Comes before `Registered`.
    Assigned(String),
    /// Others can reach us, and we them. A second one changes nothing.
    Registered,
    /// A message from a peer, or about it: offer, answer, candidate, leave, expire. Other types are ignored.
    Received(Message<P>),
    /// The transport refuses us. Trying again would not help.
    Refused(PeerError, String),
    /// The way to the transport is lost, or was not found. Trying again may help.
    Lost(PeerError, String),
    /// Something for the log: what, and about what.
    Warning(&'static str, String),
}
