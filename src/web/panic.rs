//! In a debug build a panic says in the console what happened and where, before it ends in a trap.

use std::panic;

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(text: &str);
}

#[wasm_bindgen(start)]
fn report_panics() {
    panic::set_hook(Box::new(|info| console_error(&info.to_string())));
}
