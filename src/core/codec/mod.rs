//! Values as bytes and back.
pub mod tape;
