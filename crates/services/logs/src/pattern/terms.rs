//! Terms: words, phrases in quotes and regular expressions, mandatory, optional (`?`) or excluded (`-`).

use regex_lite::Regex;

use super::{bad_character, regex};
use crate::error::LogsError;

/// A pattern of terms.
pub(crate) struct Terms {
    mandatory: Vec<Term>,
    optional: Vec<Term>,
    excluded: Vec<Term>,
}

enum Term {
    Text(String),
    Regex(Regex),
}

/// How a term counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Mandatory,
    Optional,
    Excluded,
}

impl Terms {
    /// Reads terms between blanks.
    pub(crate) fn parse(text: &str) -> Result<Self, LogsError> {
        let mut terms = Terms { mandatory: Vec::new(), optional: Vec::new(), excluded: Vec::new() };
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (role, after_role) = match rest.as_bytes().first() {
                Some(b'?') => (Role::Optional, rest.get(1..).unwrap_or_default()),
                Some(b'-') => (Role::Excluded, rest.get(1..).unwrap_or_default()),
                _ => (Role::Mandatory, rest),
            };
            let (term, after_term) = read_term(after_role)?;
            match role {
                Role::Mandatory => terms.mandatory.push(term),
                Role::Optional => terms.optional.push(term),
                Role::Excluded => terms.excluded.push(term),
            }
            rest = after_term.trim_start();
        }
        Ok(terms)
    }

    /// All mandatory terms, none of the excluded, and one of the optional where there are only such.
    pub(crate) fn matches(&self, message: &str) -> bool {
        let optional_decide = self.mandatory.is_empty() && !self.optional.is_empty();
        self.mandatory.iter().all(|term| term.is_in(message))
            && !self.excluded.iter().any(|term| term.is_in(message))
            && (!optional_decide || self.optional.iter().any(|term| term.is_in(message)))
    }
}

impl Term {
    fn is_in(&self, message: &str) -> bool {
        match self {
            Term::Text(text) => message.contains(text.as_str()),
            Term::Regex(regex) => regex.is_match(message),
        }
    }
}

fn read_term(text: &str) -> Result<(Term, &str), LogsError> {
    match text.as_bytes().first() {
        Some(b'"') => read_quoted(text).map(|(text, rest)| (Term::Text(text), rest)),
        Some(b'%') => {
            let (expression, rest) = read_regex(text)?;
            Ok((Term::Regex(expression), rest))
        }
        Some(_) => read_word(text),
        None => Err(LogsError::invalid("Invalid filter pattern: a term is missing.")),
    }
}

/// A word has letters, digits and underscores; everything else must be in quotes.
fn read_word(text: &str) -> Result<(Term, &str), LogsError> {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    match word.chars().find(|c| !(c.is_alphanumeric() || *c == '_')) {
        Some(bad) => Err(bad_character(bad)),
        None => Ok((Term::Text(word.to_owned()), rest)),
    }
}

/// A text in double quotes, in which a backslash takes the next character as it is; what follows it.
pub(crate) fn read_quoted(text: &str) -> Result<(String, &str), LogsError> {
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((value, text.get(at + 1..).unwrap_or_default())),
            '\\' => value.extend(characters.next().map(|(_, next)| next)),
            _ => value.push(character),
        }
    }
    Err(LogsError::invalid("Invalid filter pattern: a quoted phrase has no end."))
}

/// A regular expression between percent signs; what follows it.
pub(crate) fn read_regex(text: &str) -> Result<(Regex, &str), LogsError> {
    let inner = text.get(1..).unwrap_or_default();
    let Some((expression, rest)) = inner.split_once('%') else {
        return Err(LogsError::invalid("Invalid filter pattern: a regular expression has no closing %."));
    };
    Ok((regex::compile(expression)?, rest))
}
