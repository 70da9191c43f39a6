//! Messages longer than a frame travel in pieces.
pub mod split;
