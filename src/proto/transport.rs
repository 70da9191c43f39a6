//! The interface between a [`Peer`](super::peer::Peer) and the transport of its signaling messages.
//!
//! A *transport* registers a peer under an id and carries [`Message`]s between registered peers. The Peer controls it
//! with three outputs: `Connect` (register, under a given id or under one that the transport chooses), `Transmit` (send
//! a message to a peer) and `Disconnect` (unregister, and cancel a pending attempt). The transport reports [`Event`]s,
//! each with the number of its attempt; the Peer ignores those of earlier attempts.
//!
//! A transport need not be reliable. It should keep the order of messages from one peer to another, should report
//! [`Expire`](super::message::MessageType::Expire) for a peer that is not registered, and must report `Lost` in bounded
//! time when it cannot register. The Peer does not verify the sender that the transport reports.
//!
//! [`PeerServer`](super::peer_server) is the built-in transport.

use super::error::PeerError;
use super::message::Message;

/// An event that a transport reports about one attempt to register.
#[derive(Debug, PartialEq)]
pub enum Event<P> {
    /// The transport has chosen this id for the peer. Comes before `Registered`.
    Assigned(String),
    /// The peer is registered: it can send and receive messages. May be repeated.
    Registered,
    /// A message from a remote peer, or about it: offer, answer, candidate, leave, expire. Other types are ignored.
    Received(Message<P>),
    /// The transport refuses to register the peer, for a reason that will last. Ends the attempt.
    Refused(PeerError, String),
    /// The transport cannot be reached, or its connection is lost: another attempt may succeed. Ends the attempt.
    Lost(PeerError, String),
    /// A warning for the log: its text and its subject.
    Warning(&'static str, String),
}
