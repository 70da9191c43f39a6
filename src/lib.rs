//! Peer-to-peer data, audio and video for applications in Rust and WebAssembly, by the protocol of
//! [PeerJS](https://peerjs.com): with each other, and with pages that run PeerJS.
//!
//! It runs where a browser is, in the target `wasm32-unknown-unknown`. Natively it compiles, for `cargo check`, an editor
//! and the unit tests of an application, and [`PeerBuilder::start`] is an error there.
#![cfg_attr(feature = "rust-api", doc = include_str!("../docs/crate.md"))]

// src/web/    the browser's objects through web-sys. Does what the core decided
// src/proto/  pure Rust, no JS type: decides. Compiles, tests and fuzzes natively
//
// Two listen to what src/web/ tells: src/api/, for applications in Rust, and js/, the face of the npm package.
//
// Imports run downward only. A value crosses between JavaScript and Rust as a flat tape of tokens in wasm memory
// (proto::codec); large binary never does. An event leaves proto::peer one step at a time, so that a listener, which may
// call anything, sees the state in which it happened and not a later one.

// The allocator of the npm build alone: an application in Rust chooses its own.
#[cfg(all(target_arch = "wasm32", feature = "npm"))]
mod heap;

// Public for the tests, which drive it natively, and hidden since it is no part of the API: it changes as it likes.
#[doc(hidden)]
pub mod proto;

#[cfg(feature = "rust-api")]
mod api;
#[cfg(feature = "rust-api")]
pub use api::*;

#[cfg(feature = "browser")]
#[cfg_attr(not(feature = "npm"), allow(dead_code, unused_imports, reason = "what only JavaScript calls"))]
mod web;
