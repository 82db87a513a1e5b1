//! Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}` and the escapes `${*}`, `${?}`, `${$}`
//! (reference iam.md 3). A substituted text is never read again: a `*` out of a tag is a star, not a wildcard.

use smallvec::SmallVec;

use crate::context::Key;
use crate::document::Version;
use crate::pattern::{Pattern, Shape, encode, glob, literal, text_of};
use crate::{Context, ContextValue};

/// A value of a policy that may contain variables.
#[derive(Debug, Clone)]
pub(crate) enum Operand {
    /// No variables: ready to be compared.
    Fixed(Pattern),
    /// Has to be filled from the context of each request.
    Variable(Box<[Piece]>),
}

/// A part of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// The bytes of a pattern.
    Pattern(Box<[u8]>),
    /// A variable with its key.
    Variable { key: Key, default: Option<Box<str>> },
    /// `${` with something that is no variable: never has a value.
    Malformed,
}

/// The bytes of a pattern whose variables are filled; on the stack when they are not very many.
pub(crate) type Filled = SmallVec<[u8; 512]>;

/// A text in lower case.
pub(crate) type Lowered = SmallVec<[u8; 256]>;

impl Operand {
    /// Reads a value; `wildcards` says whether `*` and `?` are wildcards. In the 2008 version everything is text.
    pub(crate) fn parse(text: &str, version: Version, wildcards: bool) -> Self {
        if version != Version::V2012 || !has_variables(text) {
            return Operand::Fixed(Pattern::from_bytes(encoded(text, wildcards).into()));
        }
        Self::from_pieces(pieces(text, version, wildcards))
    }

    pub(crate) fn from_pieces(pieces: Vec<Piece>) -> Self {
        if pieces.iter().any(|piece| !matches!(piece, Piece::Pattern(_))) {
            return Operand::Variable(pieces.into());
        }
        let mut all = Vec::new();
        for piece in &pieces {
            if let Piece::Pattern(bytes) = piece {
                all.extend_from_slice(bytes);
            }
        }
        Operand::Fixed(Pattern::from_bytes(all.into()))
    }

    /// Whether `text` matches; `None` when a variable has no value.
    pub(crate) fn matches(&self, text: &str, context: &Context) -> Option<bool> {
        match self {
            Operand::Fixed(pattern) => Some(pattern.matches(text)),
            Operand::Variable(pieces) => Some(glob(&resolve(pieces, context)?, text.as_bytes())),
        }
    }

    /// Lowers the text that is known; the text of variables is lowered when they are filled.
    pub(crate) fn lowercase(self) -> Self {
        match self {
            Operand::Fixed(pattern) if pattern.shape() == Shape::Exact => {
                let lowered = text_of(pattern.bytes()).to_lowercase();
                Operand::Fixed(Pattern::from_bytes(lowered.into_bytes().into()))
            }
            other => other,
        }
    }

    /// Whether a text that is already lower case equals this one lowered; not when a variable has no value. The whole
    /// text is lowered at once because the small sigma depends on its neighbours.
    pub(crate) fn equals_lowercase(&self, lowered: &[u8], context: &Context) -> bool {
        match self {
            Operand::Fixed(pattern) => pattern.bytes() == lowered,
            Operand::Variable(pieces) => {
                resolve(pieces, context).is_some_and(|filled| *lower(text_of(&filled)) == *lowered)
            }
        }
    }

    /// Whether every variable has a value.
    pub(crate) fn resolves(&self, context: &Context) -> bool {
        match self {
            Operand::Fixed(_) => true,
            Operand::Variable(pieces) => resolve(pieces, context).is_some(),
        }
    }

    /// What every text that matches begins with.
    pub(crate) fn literal(&self) -> &[u8] {
        match self {
            Operand::Fixed(pattern) => literal(pattern.bytes()),
            Operand::Variable(pieces) => match pieces.first() {
                Some(Piece::Pattern(bytes)) => literal(bytes),
                _ => &[],
            },
        }
    }
}

/// A text in lower case.
pub(crate) fn lower(text: &str) -> Lowered {
    let mut lowered = Lowered::new();
    if text.is_ascii() {
        lowered.extend_from_slice(text.as_bytes());
        lowered.make_ascii_lowercase();
    } else if text.contains('Σ') {
        lowered.extend_from_slice(text.to_lowercase().as_bytes());
    } else {
        for character in text.chars().flat_map(char::to_lowercase) {
            lowered.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    lowered
}

/// Fills the variables; `None` when one has no value.
pub(crate) fn resolve(pieces: &[Piece], context: &Context) -> Option<Filled> {
    let mut filled = Filled::new();
    for piece in pieces {
        match piece {
            Piece::Pattern(bytes) => filled.extend_from_slice(bytes),
            Piece::Variable { key, default } => {
                filled.extend_from_slice(value(key, default.as_deref(), context)?.as_bytes());
            }
            Piece::Malformed => return None,
        }
    }
    Some(filled)
}

/// A multivalued key has no value for a variable, and its default is ignored (reference iam.md 3.2).
fn value<'a>(key: &Key, default: Option<&'a str>, context: &'a Context) -> Option<&'a str> {
    match context.find(key) {
        Some(ContextValue::One(value)) => Some(value),
        Some(ContextValue::Many(_)) => None,
        None => default,
    }
}

fn encoded(text: &str, wildcards: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    encode(text, wildcards, &mut bytes);
    bytes
}

/// Whether there is a `${`. Looking for one byte is so much faster that it comes first.
pub(crate) fn has_variables(text: &str) -> bool {
    text.contains('$') && text.contains("${")
}

/// Splits a value at its variables.
pub(crate) fn pieces(text: &str, version: Version, wildcards: bool) -> Vec<Piece> {
    if version != Version::V2012 {
        return vec![Piece::Pattern(encoded(text, wildcards).into())];
    }
    let mut pieces = Vec::new();
    let mut bytes: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, variable, after)) = next_variable(rest) {
        encode(before, wildcards, &mut bytes);
        match escape(variable) {
            Some(character) => encode(character, false, &mut bytes),
            None => {
                pieces.push(Piece::Pattern(std::mem::take(&mut bytes).into()));
                pieces.push(read_variable(variable));
            }
        }
        rest = after;
    }
    encode(rest, wildcards, &mut bytes);
    pieces.push(Piece::Pattern(bytes.into()));
    pieces
}

/// The keys of the variables in a value, as they are written.
pub(crate) fn variable_keys(text: &str) -> Vec<&str> {
    let mut keys = Vec::new();
    let mut rest = text;
    while let Some((_, variable, after)) = next_variable(rest) {
        if escape(variable).is_none() && matches!(read_variable(variable), Piece::Variable { .. }) {
            keys.push(variable.split_once(", ").map_or(variable, |(key, _)| key));
        }
        rest = after;
    }
    keys
}

/// Finds the first `${...}`: the text before, what is between the braces, and the text after. The first closing brace
/// ends the variable, also inside a quoted default (`choices.rs`). Without closing brace it is all text.
fn next_variable(text: &str) -> Option<(&str, &str, &str)> {
    let (before, inside) = text.split_once("${")?;
    let (variable, after) = inside.split_once('}')?;
    Some((before, variable, after))
}

fn escape(variable: &str) -> Option<&str> {
    matches!(variable, "*" | "?" | "$").then_some(variable)
}

/// There is no way to write a quote inside a default, so one that is there makes the variable malformed.
fn read_variable(variable: &str) -> Piece {
    let (key, default) = match variable.split_once(", ") {
        None => (variable, None),
        Some((key, quoted)) => match quoted.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            Some(default) if !default.contains('\'') => (key, Some(default)),
            _ => return Piece::Malformed,
        },
    };
    let illegal = |character: char| character.is_whitespace() || "${}',".contains(character);
    if key.is_empty() || key.contains(illegal) {
        return Piece::Malformed;
    }
    Piece::Variable { key: Key::new(key), default: default.map(Into::into) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, version: Version, text: &str) -> Option<bool> {
        let mut context = Context::new();
        context.set("aws:username", "a*");
        context.set("aws:PrincipalTag/empty", "");
        context.set("aws:TagKeys", vec!["team".to_owned()]);
        Operand::parse(pattern, version, true).matches(text, &context)
    }

    #[test]
    fn variables_are_filled_and_their_text_is_not_read_again() {
        let cases = [
            ("${aws:username}", "a*", Some(true)),
            ("${AWS:UserName}", "a*", Some(true)),
            ("${aws:username}", "abc", Some(false)),
            ("x-${aws:username}-*", "x-a*-1", Some(true)),
            ("${aws:none, 'z*'}", "z*", Some(true)),
            ("${aws:none, 'z*'}", "zz", Some(false)),
            ("${aws:username, 'z'}", "a*", Some(true)),
            ("${aws:PrincipalTag/empty}", "", Some(true)),
            ("${aws:PrincipalTag/empty, 'x'}", "", Some(true)),
            ("${aws:none, '}'}", "}", None),
            ("${aws:none, 'it''s'}", "it''s", None),
            ("${aws:none, 'it\\'s'}", "it\\'s", None),
            ("${aws:none, 'a}'", "a", None),
            ("${aws:user'name}", "a*", None),
            ("${aws:none, ''}", "", Some(true)),
            ("${*}${?}${$}", "*?$", Some(true)),
            ("${*}", "x", Some(false)),
            ("${open", "${open", Some(true)),
            ("${aws:none}", "", None),
            ("${aws:TagKeys}", "team", None),
            ("${aws:TagKeys, 'team'}", "team", None),
            ("${}", "", None),
            ("${ aws:username}", "a*", None),
            ("${aws:username,'x'}", "a*", None),
            ("${a${aws:username}}", "a*}", None),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(matches(pattern, Version::V2012, text), expected, "{pattern}");
        }
    }

    #[test]
    fn in_the_2008_version_everything_is_text() {
        for version in [Version::V2008, Version::Missing] {
            assert_eq!(matches("${aws:username}", version, "${aws:username}"), Some(true));
            assert_eq!(matches("${*}", version, "${anything}"), Some(true));
        }
    }
}
