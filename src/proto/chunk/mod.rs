//! Cuts messages that are longer than a frame into pieces, joins them again, and batches small messages into one frame.

pub mod assemble;
pub mod batch;
pub mod frame;
pub mod split;
