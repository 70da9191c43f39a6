//! Does what the core decided, with the browser's own objects. wasm32 only.
pub(crate) mod codec_read;
pub(crate) mod receive;
