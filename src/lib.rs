//! PeerJS for WebAssembly.
pub mod core;
#[doc(hidden)]
pub mod heap;
#[cfg(target_arch = "wasm32")]
mod web;
