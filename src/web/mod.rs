//! Does what the core decided, with the browser's own objects. wasm32 only.

use wasm_bindgen::prelude::wasm_bindgen;

/// Proves that the module is up.
#[wasm_bindgen]
pub fn smoke_add(a: u32, b: u32) -> u32 {
    a.wrapping_add(b)
}
