//! Decides. Pure Rust, std only, no JS type: compiles, tests and fuzzes natively.
pub mod chunk;
pub mod codec;
pub mod inbound;
