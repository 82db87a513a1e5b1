//! Reads the compiled-in files. They are part of the program, so that one of them cannot be read is a mistake in the
//! program, and the tests of each table find it.

use serde::de::DeserializeOwned;

/// Reads a compiled-in JSON file of records.
#[expect(clippy::expect_used, reason = "the text is compiled in, and a test of each table reads all of it")]
pub(crate) fn records<T: DeserializeOwned>(text: &'static str) -> Vec<T> {
    serde_json::from_str(text).expect("a compiled-in data file is well-formed")
}
