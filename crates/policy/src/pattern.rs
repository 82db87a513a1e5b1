//! Wildcard patterns. `*` stands for any run, also an empty one, and `?` for exactly one UTF-16 unit, as AWS counts
//! them (reference iam.md 1.7, 2.2).

use smallvec::SmallVec;

/// One element of a pattern: a UTF-16 code unit, or one of the two wildcards, which lie beyond all code units. So a
/// literal `*` and a wildcard `*` can stand side by side.
pub(crate) type Unit = u32;
/// Any run of units.
pub(crate) const STAR: Unit = 0x1_0000;
/// Any one unit.
pub(crate) const QUESTION: Unit = 0x1_0001;

/// A compiled pattern; the common shapes are told apart so that they cost a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// `*`.
    Any,
    /// No wildcard.
    Exact(Box<str>),
    /// One `*`, at the end.
    Prefix(Box<str>),
    /// Everything else.
    Glob(Box<[Unit]>),
}

impl Pattern {
    /// Reads `*` and `?` as wildcards and everything else as itself.
    pub(crate) fn parse(text: &str) -> Self {
        Self::from_units(&units(text, true))
    }

    pub(crate) fn from_units(units: &[Unit]) -> Self {
        let is_wildcard = |unit: &Unit| *unit >= STAR;
        match units {
            [STAR] => Pattern::Any,
            units if !units.iter().any(is_wildcard) => Pattern::Exact(text_of(units)),
            [start @ .., STAR] if !start.iter().any(is_wildcard) => Pattern::Prefix(text_of(start)),
            units => Pattern::Glob(units.into()),
        }
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Pattern::Any => true,
            Pattern::Exact(exact) => **exact == *text,
            Pattern::Prefix(prefix) => text.starts_with(&**prefix),
            Pattern::Glob(units) => glob(units, text),
        }
    }
}

/// The units of a text; with `wildcards`, `*` and `?` become wildcards.
pub(crate) fn units(text: &str, wildcards: bool) -> Vec<Unit> {
    text.encode_utf16()
        .map(|unit| match unit {
            0x2a if wildcards => STAR,
            0x3f if wildcards => QUESTION,
            unit => Unit::from(unit),
        })
        .collect()
}

/// The text of units that have no wildcards.
pub(crate) fn text_of(units: &[Unit]) -> Box<str> {
    let utf16: Vec<u16> = units.iter().filter_map(|unit| u16::try_from(*unit).ok()).collect();
    String::from_utf16_lossy(&utf16).into()
}

/// Matches a whole text against units.
pub(crate) fn glob(pattern: &[Unit], text: &str) -> bool {
    if text.is_ascii() {
        return run(pattern, text.as_bytes());
    }
    let wide: SmallVec<[u16; 128]> = text.encode_utf16().collect();
    run(pattern, &wide)
}

/// Walks pattern and subject together; after a mismatch the last `*` takes one unit more. Linear for patterns with one
/// `*`, and never worse than the product of the two lengths.
fn run<T: Copy + Into<Unit>>(pattern: &[Unit], subject: &[T]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(unit) = subject.get(from) {
        match pattern.get(at) {
            Some(&STAR) => {
                at += 1;
                retry = Some((at, from));
                continue;
            }
            Some(wanted) if *wanted == QUESTION || *wanted == (*unit).into() => {
                at += 1;
                from += 1;
                continue;
            }
            _ => {}
        }
        let Some((after_star, taken)) = &mut retry else { return false };
        *taken += 1;
        at = *after_star;
        from = *taken;
    }
    pattern.get(at..).unwrap_or_default().iter().all(|unit| *unit == STAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_runs_and_single_units() {
        let cases = [
            ("*", "", true),
            ("a*c", "ac", true),
            ("a*c", "abcbc", true),
            ("a*c", "abcb", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b", "xaxaxb", true),
            ("foo", "foobar", false),
            ("foo*", "foobar", true),
            ("a*\n*", "a\nb", true),
            ("[ab]", "a", false),
            ("\\*", "\\x", true),
            ("?", "é", true),
            ("?", "😀", false),
            ("??", "😀", true),
            ("?*", "😀", true),
            ("😀*é", "😀xé", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(Pattern::parse(pattern).matches(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_pattern_made_to_be_slow_is_not() {
        let pattern = Pattern::parse(&"*a".repeat(1000));
        assert!(!pattern.matches(&"a".repeat(999)));
        assert!(!pattern.matches(&format!("{}b", "a".repeat(2000))));
    }
}
