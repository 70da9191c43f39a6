//! Does what the core decided, with the browser's own objects. Natively it compiles and nothing
//! calls it.
//!
//! No `RefCell` stays borrowed while user code runs: a listener may call anything, throw, or destroy the Peer.

pub(crate) mod channel;
#[cfg(feature = "npm")]
mod codec_read;
mod codec_write;
pub(crate) mod connection;
pub(crate) mod face;
pub(crate) mod js;
pub(crate) mod listener;
mod options;
#[cfg(all(feature = "npm", debug_assertions))]
mod panic;
mod payload;
pub(crate) mod peer;
#[cfg(feature = "npm")]
mod peer_handle;
pub(crate) mod peer_server;
pub(crate) mod promise;
pub(crate) mod timer;
mod transport;
