//! The API of a Rust application.

#[doc(hidden)]
pub mod codec;

mod call;
mod connect_options;
mod connection;
mod diagnosis;
mod error;
mod inbox;
mod link;
mod media;
mod options;
mod peer;
mod presence;
mod queue;
mod sending;
mod serialization;
mod sharing;
mod signaling;
mod states;
mod stats;
mod task;
mod value;

pub use self::{
    call::{Call, IncomingCall},
    connect_options::{CallOptions, ConnectOptions, Priority},
    connection::{Connection, Messages},
    diagnosis::{Advice, CandidateCount, ConnectionFailure, Diagnosis, IceServerError},
    error::Error,
    link::State,
    media::{MediaEvent, MediaEvents},
    options::{IceServer, PeerBuilder, Reconnect},
    peer::{Calls, Event, Events, Incoming, Peer},
    presence::{Presence, Presences},
    sending::Sender,
    serialization::Serialization,
    signaling::{Line, Listing, Session, SignalMessage, Signaling},
    states::States,
    stats::{CandidateType, PathEnd, Stats},
};

#[cfg(test)]
#[cfg(target_arch = "wasm32")]
mod tests;
