//! Texts with wildcards and variables (reference iam.md 1.7, 2.2, 3).

use rolecall_policy::{Context, ContextValue};

/// One symbol of a pattern. Characters are UTF-16 units because that is what `?` counts (reference iam.md 1.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symbol {
    /// `*`: any run, also an empty one.
    Run,
    /// `?`: exactly one unit.
    One,
    /// This very unit.
    Unit(u16),
}

/// What characters of a text mean.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    /// Whether `*` and `?` are wildcards.
    pub(crate) wildcards: bool,
    /// What variables are looked up in; `None` where they are plain text.
    pub(crate) variables: Option<&'a Context>,
}

/// Reads a text as a pattern. `None` when a variable in it has no value (reference iam.md 3.4).
pub(crate) fn read(text: &str, reading: Reading<'_>) -> Option<Vec<Symbol>> {
    let mut symbols = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(context) = reading.variables
            && let Some((inside, after)) = rest.strip_prefix("${").and_then(|rest| rest.split_once('}'))
        {
            symbols.extend(literal(&value_of(inside, context)?));
            rest = after;
            continue;
        }
        match first {
            '*' if reading.wildcards => symbols.push(Symbol::Run),
            '?' if reading.wildcards => symbols.push(Symbol::One),
            _ => symbols.extend(first.encode_utf16(&mut [0; 2]).iter().map(|unit| Symbol::Unit(*unit))),
        }
        rest = &rest[first.len_utf8()..];
    }
    Some(symbols)
}

/// A text in which nothing is special, such as what a variable was replaced by.
pub(crate) fn literal(text: &str) -> Vec<Symbol> {
    text.encode_utf16().map(Symbol::Unit).collect()
}

/// Whether the whole text fits the pattern.
pub(crate) fn fits(pattern: &[Symbol], text: &str) -> bool {
    let units: Vec<u16> = text.encode_utf16().collect();
    fits_units(pattern, &units)
}

fn fits_units(pattern: &[Symbol], text: &[u16]) -> bool {
    let Some((symbol, pattern_rest)) = pattern.split_first() else { return text.is_empty() };
    match (symbol, text.split_first()) {
        (Symbol::Run, _) => (0..=text.len()).any(|length| fits_units(pattern_rest, &text[length..])),
        (Symbol::One, Some((_, rest))) => fits_units(pattern_rest, rest),
        (Symbol::Unit(unit), Some((first, rest))) => unit == first && fits_units(pattern_rest, rest),
        (_, None) => false,
    }
}

/// The value of what stands between `${` and `}` (reference iam.md 3.1, 3.2).
fn value_of(inside: &str, context: &Context) -> Option<String> {
    if ["*", "?", "$"].contains(&inside) {
        return Some(inside.to_owned());
    }
    let (key, default) = match inside.split_once(", ") {
        Some((key, quoted)) => {
            let default = quoted.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''))?;
            (key, Some(default))
        }
        None => (inside, None),
    };
    // The key has a name and no blanks, there are no variables in a variable, and how a quote inside a default would be
    // written nobody tells.
    let is_blank_or_mark = |letter: char| letter.is_whitespace() || ['$', '{', '\'', ','].contains(&letter);
    if key.is_empty() || key.contains(is_blank_or_mark) || default.is_some_and(|text| text.contains('\'')) {
        return None;
    }
    match context.get(key) {
        Some(ContextValue::One(value)) => Some(value.clone()),
        // The default of a multivalued key is ignored too (reference iam.md 3.2).
        Some(ContextValue::Many(_)) => None,
        None => default.map(str::to_owned),
    }
}
