//! The API of a Rust application.

#[doc(hidden)]
pub mod codec;
mod error;

pub use error::Error;
