//! What lint finds: a code, how grave it is, words, and the place. The places are collected as byte ranges and become
//! lines and columns in one pass at the end, so that a long document with many findings is not counted many times.

use std::ops::Range;

use serde::Serialize;

use super::codes::Code;
use crate::Span;

/// How grave a finding is; the words are those of IAM Access Analyzer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Level {
    /// A part of the policy does not work.
    Error,
    /// The policy gives more than its author is likely to want.
    SecurityWarning,
    /// The policy works, but not well.
    Warning,
    /// The policy could be written better without a change of meaning.
    Suggestion,
}

impl Level {
    /// The words for people, like `security warning`.
    pub fn words(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::SecurityWarning => "security warning",
            Level::Warning => "warning",
            Level::Suggestion => "suggestion",
        }
    }
}

/// One thing that lint found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The issue code, like `MISSING_VERSION`.
    pub code: &'static str,
    /// How grave it is.
    pub level: Level,
    /// What is wrong.
    pub message: String,
    /// Where it is wrong.
    pub span: Span,
    /// The element as a path, like `Statement[0].Action[1]`; empty for the whole document.
    pub path: String,
    /// What to write instead.
    pub learn_more: &'static str,
}

/// A place in the document: its bytes and its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) span: Range<usize>,
    pub(super) path: String,
}

impl Place {
    /// The place of a member of the object that stands here.
    pub(super) fn member(&self, name: &str, span: &Range<usize>) -> Place {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || ":_-/".contains(letter);
        let path = match (self.path.is_empty(), name.chars().all(plain) && !name.is_empty()) {
            (true, true) => name.to_owned(),
            (false, true) => format!("{}.{name}", self.path),
            (_, false) => format!("{}[{name:?}]", self.path),
        };
        Place { span: span.clone(), path }
    }

    /// The place of an element of the array that stands here.
    pub(super) fn element(&self, index: usize, span: &Range<usize>) -> Place {
        Place { span: span.clone(), path: format!("{}[{index}]", self.path) }
    }
}

/// Collects findings.
#[derive(Debug, Default)]
pub(super) struct Report {
    found: Vec<(Place, &'static Code, String)>,
}

impl Report {
    pub(super) fn add(&mut self, code: &'static Code, place: &Place, message: impl Into<String>) {
        self.found.push((place.clone(), code, message.into()));
    }

    pub(super) fn has_error(&self) -> bool {
        self.found.iter().any(|(_, code, _)| code.level == Level::Error)
    }

    /// Ordered by position, then by code; the same finding at the same place counts once.
    pub(super) fn finish(mut self, text: &str) -> Vec<Finding> {
        self.found.sort_by(|(a, a_code, a_text), (b, b_code, b_text)| {
            let key = |place: &Place| (place.span.start, place.span.end);
            key(a).cmp(&key(b)).then(a_code.name.cmp(b_code.name)).then(a_text.cmp(b_text))
        });
        self.found.dedup();
        let mut ruler = Ruler { text, at: 0, line: 1, column: 1 };
        let finding = |(place, code, message): (Place, &'static Code, String)| Finding {
            code: code.name,
            level: code.level,
            message,
            span: ruler.span(&place.span),
            path: place.path,
            learn_more: code.advice,
        };
        self.found.into_iter().map(finding).collect()
    }
}

/// Counts lines and columns, forward only.
struct Ruler<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    column: u32,
}

impl Ruler<'_> {
    fn span(&mut self, range: &Range<usize>) -> Span {
        let start = self.text.floor_char_boundary(range.start);
        let end = self.text.ceil_char_boundary(range.end.max(start));
        for character in self.text.get(self.at..start).unwrap_or_default().chars() {
            if character == '\n' {
                self.line = self.line.saturating_add(1);
                self.column = 1;
            } else {
                self.column = self.column.saturating_add(1);
            }
        }
        self.at = self.at.max(start);
        Span { start, end, line: self.line, column: self.column }
    }
}

#[cfg(test)]
mod tests {
    use super::super::codes::{MISSING_EFFECT, MISSING_VERSION};
    use super::*;

    #[test]
    fn findings_come_in_the_order_of_the_document_and_once() {
        let text = "{\n \"é\": x}";
        let place = |start: usize| Place { span: start..start + 1, path: String::new() };
        let mut report = Report::default();
        let at = text.find('x').unwrap();
        report.add(&MISSING_EFFECT, &place(at), "b");
        report.add(&MISSING_VERSION, &place(0), "a");
        report.add(&MISSING_EFFECT, &place(at), "b");
        let found = report.finish(text);
        let places: Vec<_> = found.iter().map(|f| (f.code, f.span.line, f.span.column)).collect();
        assert_eq!(places, [("MISSING_VERSION", 1, 1), ("MISSING_EFFECT", 2, 7)]);
    }

    #[test]
    fn a_span_never_cuts_a_character() {
        let mut report = Report::default();
        report.add(&MISSING_VERSION, &Place { span: 1..2, path: String::new() }, "a");
        let found = report.finish("é");
        assert_eq!((found[0].span.start, found[0].span.end), (0, 2));
    }

    #[test]
    fn a_path_quotes_names_that_would_be_misread() {
        let root = Place { span: 0..0, path: String::new() };
        let condition = root.member("Statement", &(0..0)).element(2, &(0..0)).member("Condition", &(0..0));
        assert_eq!(condition.member("aws:SourceArn", &(0..0)).path, "Statement[2].Condition.aws:SourceArn");
        assert_eq!(condition.member("x.y", &(0..0)).path, "Statement[2].Condition[\"x.y\"]");
    }
}
