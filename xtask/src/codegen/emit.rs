//! Small pieces of Rust text that several emitters need.

/// A string literal.
pub fn literal(text: &str) -> String {
    format!("{text:?}")
}

/// `Some("text")` or `None`.
pub fn option(text: Option<&str>) -> String {
    text.map_or_else(|| "None".to_owned(), |text| format!("Some({})", literal(text)))
}
