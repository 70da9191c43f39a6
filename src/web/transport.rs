//! The border between a Peer and what carries its messages.

use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::payload::JsPayload;
use crate::proto::border::LogLevel;
use crate::proto::message::Message;
use crate::proto::time::Millis;
use crate::proto::transport::Event;

/// A [transport](crate::proto::transport) in a browser. It reports to the [`Client`] that it serves.
pub(super) trait Transport: Sized {
    /// Begins to register `client`, and keeps it alive until [`Transport::disconnect`].
    fn connect<C: Client<Self>>(&self, client: &Rc<C>, attempt: u32, id: Option<String>);
    /// Sends a message to a peer.
    fn transmit(&self, message: &Message<JsPayload>);
    /// Ends the attempt, and leaves.
    fn disconnect(&self);
    /// When [`Transport::tick`] is to be called.
    fn deadline(&self) -> Millis;
    /// Time has passed.
    fn tick<C: Client<Self>>(&self, client: &Rc<C>);
}

/// A Peer, as the transport of type `T` that it owns sees it.
pub(super) trait Client<T>: 'static {
    /// The transport.
    fn transport(&self) -> &T;
    /// Something happened in this attempt.
    fn report(self: &Rc<Self>, attempt: u32, event: Event<JsPayload>);
    /// [`Transport::deadline`] may have changed.
    fn arm(self: &Rc<Self>);
    /// Tells the application of the socket. Returns whether the application makes the message take effect.
    fn heard(&self, event: &str, value: &JsValue) -> bool;
    /// Writes to the log, at this level.
    fn log(&self, level: LogLevel, what: &str, about: &JsValue);
}
