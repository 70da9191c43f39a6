//! The inputs that fuzzing found worth keeping (docs/fuzzing.md), once more: what was mended stays mended.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod models;

use std::fs;
use std::path::Path;

#[test]
fn every_input_of_the_corpus_holds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, run) in models::TARGETS {
        let files: Vec<_> =
            fs::read_dir(corpus.join(name)).unwrap().map(|file| file.unwrap().path()).collect();
        assert!(!files.is_empty(), "no inputs for {name}");
        for file in files {
            // Its name is all that tells which input it was, when one panics.
            eprintln!("{}", file.display());
            run(&fs::read(&file).unwrap());
        }
    }
}
