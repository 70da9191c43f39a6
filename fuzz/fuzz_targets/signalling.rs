#![no_main]

#[path = "../../tests/models/mod.rs"]
mod models;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| models::target("signalling", bytes));
