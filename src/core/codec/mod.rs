//! Values as bytes: a flat tape of tokens between the page's values and the wire formats.
pub mod decode;
pub mod tape;
