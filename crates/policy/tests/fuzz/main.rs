//! Replays the corpora of `fuzz/corpus` through what the fuzz targets do, so that an input that once found a mistake is
//! tried with every change. The targets in `fuzz/fuzz_targets` include the same files; `cargo xtask soak fuzz` looks
//! for new inputs.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod agreement;
mod arn;
mod choices;
mod condition;
mod decision;
mod document;
mod glob;

#[path = "../differential/generate.rs"]
mod generate;
#[path = "../differential/near.rs"]
mod near;
#[path = "../differential/scenario.rs"]
mod scenario;
#[path = "../differential/shrink.rs"]
mod shrink;
#[path = "../differential/words.rs"]
mod words;

/// What the generator of the differential test draws from; here it is the input of the fuzzer.
use choices as random;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Tries every file of a target's corpus and names those that fail.
fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 20, "{} has only {} files", folder.display(), files.len());
    let fails = |path: &&std::path::PathBuf| {
        let input = std::fs::read(path).unwrap();
        catch_unwind(AssertUnwindSafe(|| check(&input))).is_err()
    };
    let failing: Vec<_> = files.iter().filter(fails).collect();
    assert!(failing.is_empty(), "{failing:#?}");
}

#[test]
fn the_corpus_of_documents_holds() {
    replay("document", document::check);
}

#[test]
fn the_corpus_of_conditions_holds() {
    replay("condition", condition::check);
}

#[test]
fn the_corpus_of_arns_holds() {
    replay("arn", arn::check);
}

#[test]
fn the_corpus_of_patterns_holds() {
    replay("glob", glob::check);
}

#[test]
fn the_corpus_of_decisions_holds() {
    replay("decision", decision::check);
}
