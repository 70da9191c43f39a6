//! Messages that are larger than one frame: cut by the sender, put together by the receiver.
pub mod assemble;
pub mod frame;
