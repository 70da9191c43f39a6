//! All decisions about peers, connections and messages. Pure Rust on std, without JS types and without I/O, so that it
//! compiles, tests and fuzzes natively. `src/web` and `src/api` carry the decisions out.
//!
//! | module | what it decides |
//! | --- | --- |
//! | [`peer`] | the life of a Peer: which state each input leads to, and which outputs it causes |
//! | [`registry`] | which connection a message is for, and what happens to a message that comes too early |
//! | [`connection`] | the life of a connection, from its first offer to its end |
//! | [`message`] | signaling messages, and their names on the wire |
//! | [`sdp`] | the SDP that rejects an offer |
//! | [`transport`] | the interface between a Peer and the transport of its signaling messages |
//! | [`peer_server`] | the PeerServer as a transport: its options and URLs, ids, heartbeats, the probe |
//! | [`diagnosis`] | why a connection has failed, and what is to be done |
//! | [`acknowledge`] | offers over a transport that does not say that a peer is not there |
//! | [`presence`] | which peers have come and gone since a reader was told |
//! | [`id`] | which ids are valid |
//! | [`outbox`] | signaling messages that wait for the server |
//! | [`backoff`] | when to try again to reach the server |
//! | [`border`] | numbers that cross the border between JavaScript and Rust |
//! | [`error`] | kinds of error and their documented names |
//! | [`time`] | deadlines |
//! | [`codec`] | encoding values as bytes and decoding them, by way of a flat tape |
//! | [`chunk`] | long messages cut into pieces, small messages batched into frames |
//! | [`inbound`] | decoding received frames into messages, with bounded memory |
//! | [`send_queue`] | the queue of messages for a data channel: order, backpressure, close |

pub mod acknowledge;
pub mod backoff;
pub mod border;
pub mod chunk;
pub mod codec;
pub mod connection;
pub mod diagnosis;
pub mod error;
pub mod id;
pub mod inbound;
pub mod message;
pub mod outbox;
pub mod peer;
pub mod peer_server;
pub mod presence;
pub mod registry;
pub mod sdp;
pub mod send_queue;
pub mod time;
pub mod transport;
