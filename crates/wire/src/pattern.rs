//! The patterns of the models: AWS's text for error messages, and a check that is made on first use.

use std::sync::OnceLock;

use unicode_general_category::{GeneralCategory as Category, get_general_category};

/// A pattern that a whole value has to match.
pub(crate) struct Pattern {
    text: &'static str,
    rule: Rule,
    whole: OnceLock<Option<Compiled>>,
    except: OnceLock<Option<Compiled>>,
}

/// A compiled expression.
enum Compiled {
    /// One that speaks of ASCII only, as nearly all do. It is matched many times as fast.
    Ascii(regex::Regex),
    /// One that also speaks of characters beyond, be it only by a dot.
    Characters(regex_lite::Regex),
}

impl Compiled {
    /// An expression for the whole value; none where it is broken.
    fn new(pattern: &str) -> Option<Self> {
        let whole = format!("^(?:{pattern})$");
        let ascii = regex::RegexBuilder::new(&whole).unicode(false).build().map(Compiled::Ascii);
        ascii.ok().or_else(|| regex_lite::Regex::new(&whole).ok().map(Compiled::Characters))
    }

    fn is_match(&self, value: &str) -> bool {
        match self {
            Compiled::Ascii(regex) => regex.is_match(value),
            Compiled::Characters(regex) => regex.is_match(value),
        }
    }
}

enum Rule {
    /// A regular expression, and one that must not match.
    Regex { whole: &'static str, except: Option<&'static str> },
    /// The characters that AWS allows in tags.
    TagText { may_be_empty: bool },
}

impl Pattern {
    /// A pattern that is checked by its own text.
    pub(crate) const fn new(text: &'static str) -> Self {
        Self::equivalent(text, text, None)
    }

    /// A pattern that is checked by others, because the engine cannot express it.
    pub(crate) const fn equivalent(
        text: &'static str,
        whole: &'static str,
        except: Option<&'static str>,
    ) -> Self {
        Self::with(text, Rule::Regex { whole, except })
    }

    /// `[\p{L}\p{Z}\p{N}_.:/=+\-@]`, whose categories the engine does not know.
    pub(crate) const fn tag_text(text: &'static str, may_be_empty: bool) -> Self {
        Self::with(text, Rule::TagText { may_be_empty })
    }

    const fn with(text: &'static str, rule: Rule) -> Self {
        Self { text, rule, whole: OnceLock::new(), except: OnceLock::new() }
    }

    /// The pattern as AWS prints it.
    pub(crate) fn text(&self) -> &'static str {
        self.text
    }

    /// Whether the whole value matches. A pattern that does not compile matches nothing; the generator refuses such.
    pub(crate) fn matches(&self, value: &str) -> bool {
        match self.rule {
            Rule::TagText { may_be_empty } => {
                (may_be_empty || !value.is_empty()) && value.chars().all(is_tag_character)
            }
            Rule::Regex { whole, except } => {
                let excepted = except.is_some_and(|except| {
                    compiled(&self.except, except).is_none_or(|regex| regex.is_match(value))
                });
                !excepted && compiled(&self.whole, whole).is_some_and(|regex| regex.is_match(value))
            }
        }
    }
}

fn compiled<'a>(cell: &'a OnceLock<Option<Compiled>>, pattern: &str) -> Option<&'a Compiled> {
    cell.get_or_init(|| Compiled::new(pattern)).as_ref()
}

fn is_tag_character(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '.' | ':' | '/' | '=' | '+' | '-' | '@');
    }
    matches!(
        get_general_category(c),
        Category::UppercaseLetter
            | Category::LowercaseLetter
            | Category::TitlecaseLetter
            | Category::ModifierLetter
            | Category::OtherLetter
            | Category::SpaceSeparator
            | Category::LineSeparator
            | Category::ParagraphSeparator
            | Category::DecimalNumber
            | Category::LetterNumber
            | Category::OtherNumber
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_matched_against_the_whole_value() {
        let pattern = Pattern::new("lambda:[a-z]+|[*]");
        assert!(pattern.matches("lambda:invoke") && pattern.matches("*"));
        assert!(!pattern.matches("xlambda:invoke") && !pattern.matches("**") && !pattern.matches("*\n"));
    }

    #[test]
    fn an_excepted_value_does_not_match() {
        let alias = Pattern::equivalent("(?!^[0-9]+$)([a-zA-Z0-9-_]+)", "[a-zA-Z0-9-_]+", Some("[0-9]+"));
        assert!(alias.matches("v2024") && alias.matches("live_1-a"));
        assert!(!alias.matches("2024") && !alias.matches("") && !alias.matches("a b"));
    }

    #[test]
    fn tag_text_takes_letters_of_every_script_and_no_marks() {
        let key = Pattern::tag_text("", false);
        assert!(key.matches("Kosten-Stelle @ 1/2") && key.matches("費用") && key.matches("é½"));
        assert!(!key.matches("") && !key.matches("a*b") && !key.matches("tab\t") && !key.matches("e\u{301}"));
        assert!(Pattern::tag_text("", true).matches(""));
    }

    #[test]
    fn both_ways_to_compile_mean_the_same() {
        for text in ["\\d+", "[a-z\\d]{2,3}", "\\w*", "(a|b)+", "[a-zA-Z0-9-_]+"] {
            let pattern = Pattern::new(text);
            let plain = regex_lite::Regex::new(&format!("^(?:{text})$")).unwrap();
            for value in ["", "a", "ab", "12", "\u{661}", "é", "a\n", "a-_Z9", "aé"] {
                assert_eq!(pattern.matches(value), plain.is_match(value), "{text} {value:?}");
            }
            assert!(matches!(Compiled::new(text), Some(Compiled::Ascii(_))), "{text}");
        }
        assert!(matches!(Compiled::new("a.*"), Some(Compiled::Characters(_))));
        assert!(Pattern::new("a.").matches("aé"));
    }

    #[test]
    fn a_broken_pattern_matches_nothing() {
        assert!(!Pattern::new("(").matches("("));
        assert!(!Pattern::equivalent("", "a", Some("(")).matches("a"));
    }
}
