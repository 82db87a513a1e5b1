//! Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}` and the escapes `${*}`, `${?}`, `${$}`
//! (reference iam.md 3). A substituted text is never read again: a `*` out of a tag is a star, not a wildcard.

use crate::document::Version;
use crate::pattern::{Pattern, Unit, glob, text_of, units};
use crate::{Context, ContextValue, context};

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
    /// Text and wildcards.
    Units(Box<[Unit]>),
    /// A variable with its lower-case key.
    Variable { key: Box<str>, default: Option<Box<str>> },
    /// `${` with something that is no variable: never has a value.
    Malformed,
}

impl Operand {
    /// Reads a value; `wildcards` says whether `*` and `?` are wildcards. In the 2008 version everything is text.
    pub(crate) fn parse(text: &str, version: Version, wildcards: bool) -> Self {
        Self::from_pieces(pieces(text, version, wildcards))
    }

    pub(crate) fn from_pieces(pieces: Vec<Piece>) -> Self {
        if pieces.iter().any(|piece| !matches!(piece, Piece::Units(_))) {
            return Operand::Variable(pieces.into());
        }
        let mut all = Vec::new();
        for piece in &pieces {
            if let Piece::Units(units) = piece {
                all.extend_from_slice(units);
            }
        }
        Operand::Fixed(Pattern::from_units(&all))
    }

    /// Whether `text` matches; `None` when a variable has no value.
    pub(crate) fn matches(&self, text: &str, context: &Context) -> Option<bool> {
        match self {
            Operand::Fixed(pattern) => Some(pattern.matches(text)),
            Operand::Variable(pieces) => Some(glob(&resolve(pieces, context)?, text)),
        }
    }

    /// Lowers the text that is known; the text of variables is lowered when they are filled.
    pub(crate) fn lowercase(self) -> Self {
        match self {
            Operand::Fixed(Pattern::Exact(text)) => {
                Operand::Fixed(Pattern::Exact(text.to_lowercase().into()))
            }
            other => other,
        }
    }

    /// Whether a text that is already lower case equals this one lowered; not when a variable has no value. The whole
    /// text is lowered at once because the small sigma depends on its neighbours.
    pub(crate) fn equals_lowercase(&self, lowered: &str, context: &Context) -> bool {
        match self {
            Operand::Fixed(pattern) => pattern.matches(lowered),
            Operand::Variable(pieces) => {
                resolve(pieces, context).is_some_and(|units| text_of(&units).to_lowercase() == lowered)
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
}

/// Fills the variables; `None` when one has no value.
pub(crate) fn resolve(pieces: &[Piece], context: &Context) -> Option<Vec<Unit>> {
    let mut resolved = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Units(units) => resolved.extend_from_slice(units),
            Piece::Variable { key, default } => {
                resolved.extend(units(value(key, default.as_deref(), context)?, false))
            }
            Piece::Malformed => return None,
        }
    }
    Some(resolved)
}

/// A multivalued key has no value for a variable, and its default is ignored (reference iam.md 3.2).
fn value<'a>(key: &str, default: Option<&'a str>, context: &'a Context) -> Option<&'a str> {
    match context.get_folded(key) {
        Some(ContextValue::One(value)) => Some(value),
        Some(ContextValue::Many(_)) => None,
        None => default,
    }
}

/// Splits a value at its variables.
pub(crate) fn pieces(text: &str, version: Version, wildcards: bool) -> Vec<Piece> {
    if version != Version::V2012 {
        return vec![Piece::Units(units(text, wildcards).into())];
    }
    let mut pieces = Vec::new();
    let mut literal: Vec<Unit> = Vec::new();
    let mut rest = text;
    while let Some((before, variable, after)) = next_variable(rest) {
        literal.extend(units(before, wildcards));
        match escape(variable) {
            Some(character) => literal.extend(units(character, false)),
            None => {
                pieces.push(Piece::Units(std::mem::take(&mut literal).into()));
                pieces.push(read_variable(variable));
            }
        }
        rest = after;
    }
    literal.extend(units(rest, wildcards));
    pieces.push(Piece::Units(literal.into()));
    pieces
}

/// Finds the first `${...}`: the text before, what is between the braces, and the text after. A closing brace inside
/// a quoted default does not end the variable. Without closing brace it is all text.
fn next_variable(text: &str) -> Option<(&str, &str, &str)> {
    let (before, inside) = text.split_once("${")?;
    let mut quoted = false;
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b'}' if !quoted => return Some((before, inside.get(..at)?, inside.get(at + 1..)?)),
            _ => {}
        }
    }
    None
}

fn escape(variable: &str) -> Option<&str> {
    matches!(variable, "*" | "?" | "$").then_some(variable)
}

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
    Piece::Variable { key: context::fold(key).as_str().into(), default: default.map(Into::into) }
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
            ("${aws:none, '}'}", "}", Some(true)),
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
