//! Does what the core decided, with the browser's own objects. wasm32 only.
//!
//! No `RefCell` stays borrowed while user code runs: a listener may call anything, throw, or destroy the Peer.

pub(crate) mod api;
#[cfg(feature = "npm")]
mod codec_read;
mod codec_write;
pub(crate) mod connection;
pub(crate) mod data;
pub(crate) mod face;
pub(crate) mod js;
mod media;
mod negotiation;
mod options;
mod outgoing;
mod payload;
pub(crate) mod peer;
mod receive;
mod rtc;
pub(crate) mod send;
mod socket;
