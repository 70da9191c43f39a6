//! The API of a Rust application.

#[doc(hidden)]
pub mod codec;
mod error;

#[cfg(target_arch = "wasm32")]
mod call;
#[cfg(target_arch = "wasm32")]
mod connection;
#[cfg(target_arch = "wasm32")]
mod inbox;
#[cfg(target_arch = "wasm32")]
mod link;
#[cfg(target_arch = "wasm32")]
mod options;
#[cfg(target_arch = "wasm32")]
mod peer;
#[cfg(target_arch = "wasm32")]
mod queue;
#[cfg(target_arch = "wasm32")]
mod task;
#[cfg(target_arch = "wasm32")]
mod value;

#[cfg(target_arch = "wasm32")]
pub use self::{
    call::{Call, IncomingCall},
    connection::{Connection, Messages},
    options::{CallOptions, ConnectOptions, IceServer, PeerBuilder, Serialization},
    peer::{Calls, Event, Events, Incoming, Peer},
};
pub use error::Error;

#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests;
