//! Does what the core decided, with the browser's own objects. wasm32 only.
//!
//! No `RefCell` stays borrowed while user code runs: a listener may call anything, throw, or destroy the Peer.

mod api;
mod codec_read;
mod codec_write;
mod connection;
mod data;
mod face;
mod js;
mod media;
mod negotiation;
mod options;
mod outgoing;
mod payload;
mod peer;
mod receive;
mod rtc;
mod send;
mod socket;
