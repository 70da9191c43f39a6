//! Replays the inputs that fuzzing has kept (docs/fuzzing.md), so that fixed faults do not return.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod models;

use std::fs;
use std::path::Path;

#[test]
fn every_input_of_the_corpus_holds() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    for (name, run) in models::TARGETS {
        let inputs = inputs(&fuzz.join("corpus").join(name));
        assert!(!inputs.is_empty(), "no inputs for {name}");
        for (input, bytes) in inputs {
            // If an input panics, the printed name identifies it.
            eprintln!("{name}/{input}");
            run(&bytes);
        }
    }
}

/// Returns the files of a folder, and the inputs in its archive: each after its length, which takes four bytes.
fn inputs(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut inputs = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = fs::read(&path).unwrap();
        if name != "archive" {
            inputs.push((name, bytes));
            continue;
        }
        let mut rest = bytes.as_slice();
        while let Some((length, behind)) = rest.split_first_chunk() {
            let (input, behind) = behind.split_at(u32::from_le_bytes(*length) as usize);
            inputs.push((format!("archive, number {}", inputs.len()), input.to_vec()));
            rest = behind;
        }
        assert!(rest.is_empty(), "{} is cut off", path.display());
    }
    inputs
}
