//! PeerJS for WebAssembly.
pub mod core;
#[cfg(target_arch = "wasm32")]
mod web;
