//! Does what the core decided, with the browser's own objects. wasm32 only.

mod codec_write;
mod outgoing;
pub(crate) mod send;
