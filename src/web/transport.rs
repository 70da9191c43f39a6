//! The border between a Peer and what carries its messages.

use std::rc::Rc;

use super::payload::JsPayload;
use super::peer::Peer;
use crate::proto::message::Message;
use crate::proto::time::Millis;

/// A [transport](crate::proto::transport) in a browser. It reports with [`Peer::report`].
pub(super) trait Transport {
    /// Begins to register `peer`, and keeps it alive until [`Transport::disconnect`].
    fn connect(&self, peer: &Rc<Peer>, attempt: u32, id: Option<String>);
    /// Sends a message to a peer.
    fn transmit(&self, message: &Message<JsPayload>);
    /// Ends the attempt, and leaves.
    fn disconnect(&self);
    /// When [`Transport::tick`] is to be called.
    fn deadline(&self) -> Millis;
    /// Time has passed.
    fn tick(&self, peer: &Rc<Peer>);
}
