//! Decides about peers and connections. Pure Rust, std only, no JS type: compiles, tests and fuzzes natively.
//!
//! | module | what it decides |
//! | --- | --- |
//! | [`peer`] | the life of a Peer: what each input changes, and what is to be done about it |
//! | [`registry`] | which connection a message is for, and what happens to one that comes too early |
//! | [`connection`] | the life of a connection, from its first offer to its end |
//! | [`message`] | what travels through the server, and its names on the wire |
//! | [`sdp`] | how to say no to an offer |
//! | [`transport`] | what a Peer and the carrier of its messages tell each other |
//! | [`peer_server`] | the PeerServer as a transport: its options and URLs, ids, heartbeats, the probe |
//! | [`acknowledge`] | offers over a transport that does not say that a peer is not there |
//! | [`id`] | which ids are valid |
//! | [`outbox`] | frames that wait for the server |
//! | [`backoff`] | when to try again to reach the server |
//! | [`border`] | numbers that JavaScript and Rust hand to each other |
//! | [`error`] | kinds of error and their documented names |
//! | [`time`] | deadlines |
//! | [`codec`] | values as bytes and back, by way of a flat tape |
//! | [`chunk`] | long messages in pieces |
//! | [`inbound`] | frames that become messages, within bounds |
//! | [`send_queue`] | what waits for the data channel |

pub mod acknowledge;
pub mod backoff;
pub mod border;
pub mod chunk;
pub mod codec;
pub mod connection;
pub mod error;
pub mod id;
pub mod inbound;
pub mod message;
pub mod outbox;
pub mod peer;
pub mod peer_server;
pub mod registry;
pub mod sdp;
pub mod send_queue;
pub mod time;
pub mod transport;
