//! The API of a Rust application.

#[doc(hidden)]
pub mod codec;

mod call;
mod connection;
mod error;
mod inbox;
mod link;
mod options;
mod peer;
mod queue;
mod sending;
mod task;
mod value;

pub use self::{
    call::{Call, IncomingCall},
    connection::{Connection, Messages},
    error::Error,
    link::State,
    options::{CallOptions, ConnectOptions, IceServer, PeerBuilder, Priority, Reconnect, Serialization},
    peer::{Calls, Event, Events, Incoming, Peer},
    sending::Sender,
};

#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests;
