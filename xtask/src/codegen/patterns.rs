//! Emits the patterns of a service, each once, and refuses one that could not be checked at run time.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Context, Result};
use regex_lite::Regex;

use super::emit::literal;
use super::patches::PatternPatch;

/// The patterns that a service's shapes use so far.
pub struct Patterns<'a> {
    patches: &'a BTreeMap<String, PatternPatch>,
    tables: Vec<(String, String)>,
}

impl<'a> Patterns<'a> {
    /// No patterns yet.
    pub fn new(patches: &'a BTreeMap<String, PatternPatch>) -> Self {
        Self { patches, tables: Vec::new() }
    }

    /// The name of the table of a pattern.
    pub fn name(&mut self, pattern: &str) -> Result<String> {
        if let Some(index) = self.tables.iter().position(|(text, _)| text == pattern) {
            return Ok(format!("PATTERN_{index}"));
        }
        let table =
            self.table(pattern).with_context(|| format!("{pattern}\nneeds an entry in patches.jsonc"))?;
        self.tables.push((pattern.to_owned(), table));
        Ok(format!("PATTERN_{}", self.tables.len() - 1))
    }

    fn table(&self, pattern: &str) -> Result<String> {
        let text = literal(pattern);
        Ok(match self.patches.get(pattern) {
            None => {
                compile(pattern)?;
                format!("Pattern::new({text})")
            }
            Some(PatternPatch::TagText { may_be_empty }) => {
                format!("Pattern::tag_text({text}, {may_be_empty})")
            }
            Some(PatternPatch::Equivalent { whole, except }) => {
                compile(whole)?;
                except.as_deref().map_or(Ok(()), compile)?;
                let except = super::emit::option(except.as_deref());
                format!("Pattern::equivalent({text}, {}, {except})", literal(whole))
            }
        })
    }

    /// The text of the tables.
    pub fn emit(&self, out: &mut String) -> Result<()> {
        for (index, (_, table)) in self.tables.iter().enumerate() {
            writeln!(out, "static PATTERN_{index}: Pattern = {table};")?;
        }
        Ok(())
    }
}

/// Compiles a pattern the way the server does.
fn compile(pattern: &str) -> Result<()> {
    Regex::new(&format!("^(?:{pattern})$"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_the_engine_cannot_express_needs_a_patch() {
        let none = BTreeMap::new();
        for pattern in [r"(?!a)b", r"[\p{L}]+", r"a(?<!b)", "("] {
            assert!(Patterns::new(&none).name(pattern).is_err(), "{pattern}");
        }
        let patch = PatternPatch::Equivalent { whole: "b".to_owned(), except: Some("(".to_owned()) };
        let patches = BTreeMap::from([("(?!a)b".to_owned(), patch)]);
        assert!(Patterns::new(&patches).name("(?!a)b").is_err(), "the patch itself is broken");
    }

    #[test]
    fn a_pattern_is_emitted_once() {
        let none = BTreeMap::new();
        let mut patterns = Patterns::new(&none);
        assert_eq!(patterns.name("a").unwrap(), "PATTERN_0");
        assert_eq!(patterns.name("b").unwrap(), "PATTERN_1");
        assert_eq!(patterns.name("a").unwrap(), "PATTERN_0");
        let mut out = String::new();
        patterns.emit(&mut out).unwrap();
        assert_eq!(out.lines().count(), 2);
    }
}
