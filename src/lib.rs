//! PeerJS for WebAssembly: the inside of the npm package `peerjs-wasm`, which takes the place of `peerjs.min.js`.
//!
//! ```text
//! js/        the face a page sees: classes, identity, inheritance, listeners
//! src/web/   wasm32 only: the browser's objects through web-sys. Does what the core decided
//! src/core/  pure Rust, no JS type: decides. Compiles, tests and fuzzes natively
//! ```
//!
//! Imports run downward only. A value crosses between JavaScript and Rust as a flat tape of tokens in wasm memory
//! ([`core::codec`]); large binary never does. An event leaves [`core::peer`] one step at a time, so that a listener,
//! which may call anything, sees the state in which it happened and not a later one.
#[cfg(feature = "rust-api")]
mod api;
pub mod core;
#[doc(hidden)]
pub mod heap;
#[cfg(all(target_arch = "wasm32", any(feature = "npm", feature = "rust-api")))]
#[cfg_attr(not(feature = "npm"), allow(dead_code, unused_imports, reason = "what only JavaScript calls"))]
mod web;
#[cfg(feature = "rust-api")]
pub use api::*;
