//! Peer-to-peer data, audio and video for applications in Rust and WebAssembly, with the protocol of
//! [PeerJS](https://peerjs.com): between each other, and with pages that use PeerJS.
//!
//! The crate runs in browsers, with the target `wasm32-unknown-unknown`. On native targets it compiles, for `cargo
//! check`, editors and the unit tests of an application, and [`PeerBuilder::start`] returns an error.
#![cfg_attr(feature = "rust-api", doc = include_str!("../docs/crate.md"))]

// src/proto/  all decisions. Pure Rust without JS types: compiles, tests and fuzzes natively
// src/web/    carries out the decisions with the objects of the browser, through web-sys
// src/api/    the API for applications in Rust
// js/         the API of the npm package
//
// src/api and js/ receive the events of src/web, which uses src/proto; imports go only in this direction. Values cross
// the border between JavaScript and Rust as a flat tape of tokens in wasm memory (proto::codec); large binaries do not
// cross it. proto::peer emits one event at a time, so that a listener, which may call anything, sees the state of its
// event and not a later one.

// The allocator of the npm build. Applications in Rust choose their own.
#[cfg(all(target_arch = "wasm32", feature = "npm"))]
mod heap;

// Public for the native tests. Hidden because it is not part of the API and may change at any time.
#[doc(hidden)]
pub mod proto;

#[cfg(feature = "rust-api")]
mod api;
#[cfg(feature = "rust-api")]
pub use api::*;

#[cfg(feature = "browser")]
#[cfg_attr(not(feature = "npm"), allow(dead_code, unused_imports, reason = "what only JavaScript calls"))]
mod web;
