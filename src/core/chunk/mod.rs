//! Messages longer than a frame travel in pieces.

pub mod assemble;
pub mod frame;
pub mod split;
