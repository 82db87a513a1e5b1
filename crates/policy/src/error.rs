//! Why a document is refused: AWS's words for the caller, our own words and the place for the person who has to mend
//! the document.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A place in a document: bytes `start..end`, and where that begins for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Line of the first byte, from 1.
    pub line: u32,
    /// Character in that line, from 1.
    pub column: u32,
}

impl Span {
    /// The span of a byte range of `text`.
    pub(crate) fn locate(text: &str, range: &Range<usize>) -> Span {
        Locator::new(text).locate(range)
    }
}

/// Finds the lines of places that are asked for in their order, so that a document is gone through once.
pub(crate) struct Locator<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    column: u32,
}

impl<'a> Locator<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Locator { text, at: 0, line: 1, column: 1 }
    }

    /// The span of a byte range, which begins no earlier than the one before.
    pub(crate) fn locate(&mut self, range: &Range<usize>) -> Span {
        let passed = self.text.get(self.at..range.start).unwrap_or_default();
        let (lines, rest) = match passed.rfind('\n') {
            None => (0, passed),
            Some(end) => {
                self.column = 1;
                let lines = passed.bytes().filter(|byte| *byte == b'\n').count();
                (lines, passed.get(end + 1..).unwrap_or_default())
            }
        };
        self.at += passed.len();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.column = self.column.saturating_add(u32::try_from(rest.chars().count()).unwrap_or(u32::MAX));
        Span { start: range.start, end: range.end, line: self.line, column: self.column }
    }
}

/// A document that AWS would refuse, or that cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    message: String,
    reason: String,
    span: Span,
}

impl PolicyError {
    pub(crate) fn new(text: &str, message: impl Into<String>, fault: Fault) -> Self {
        PolicyError { message: message.into(), span: Span::locate(text, &fault.at), reason: fault.reason }
    }

    /// AWS's exact message, for the answer to the caller.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Our own words: what is wrong.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Where it is wrong.
    pub fn span(&self) -> Span {
        self.span
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Span { line, column, .. } = self.span;
        write!(f, "{} (line {line}, column {column}: {})", self.message, self.reason)
    }
}

impl std::error::Error for PolicyError {}

/// Something wrong at a place, before it has one of AWS's messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: Range<usize>,
    pub(crate) reason: String,
}

impl Fault {
    pub(crate) fn new(at: &Range<usize>, reason: impl Into<String>) -> Self {
        Fault { at: at.clone(), reason: reason.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_counts_lines_and_characters_from_one() {
        let text = "{\n \"é\": x}";
        let at = text.find('x').unwrap();
        let span = Span::locate(text, &(at..at + 1));
        assert_eq!((span.line, span.column), (2, 7));
        let mut locator = Locator::new(text);
        for (at, place) in [(0, (1, 1)), (1, (1, 2)), (3, (2, 2)), (8, (2, 6)), (9, (2, 7))] {
            let span = locator.locate(&(at..at + 1));
            assert_eq!((span.line, span.column), place, "{at}");
            assert_eq!(span, Span::locate(text, &(at..at + 1)));
        }
    }
}
