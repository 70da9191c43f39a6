//! Messages longer than a frame travel in pieces, and small ones share one.

pub mod assemble;
pub mod batch;
pub mod frame;
pub mod split;
