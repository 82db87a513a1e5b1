//! Reads JSON patterns: `{ ($.a = "x") && ($.b[0] > 1 || $.c NOT EXISTS) }`.

use super::json::{Condition, Operand, Path, Step, Test};
use super::terms::{read_quoted, read_regex};
use crate::error::LogsError;

/// How deep parentheses may be nested.
const MAX_DEPTH: usize = 32;

/// Reads a whole pattern with its braces.
pub(crate) fn parse(text: &str) -> Result<Condition, LogsError> {
    let inner = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).ok_or_else(|| wrong(text))?;
    let mut parser = Parser { rest: inner };
    let condition = parser.any(0)?;
    if parser.rest.trim().is_empty() { Ok(condition) } else { Err(wrong(parser.rest)) }
}

fn wrong(at: &str) -> LogsError {
    let shown: String = at.chars().take(40).collect();
    LogsError::invalid(format!("Invalid filter pattern near '{shown}'"))
}

struct Parser<'t> {
    rest: &'t str,
}

impl Parser<'_> {
    /// `a || b || ...`, which binds weaker than `&&`.
    fn any(&mut self, depth: usize) -> Result<Condition, LogsError> {
        let mut parts = vec![self.all(depth)?];
        while self.take("||") {
            parts.push(self.all(depth)?);
        }
        Ok(one_or(parts, Condition::Any))
    }

    /// `a && b && ...`.
    fn all(&mut self, depth: usize) -> Result<Condition, LogsError> {
        let mut parts = vec![self.single(depth)?];
        while self.take("&&") {
            parts.push(self.single(depth)?);
        }
        Ok(one_or(parts, Condition::All))
    }

    fn single(&mut self, depth: usize) -> Result<Condition, LogsError> {
        if self.take("(") {
            if depth >= MAX_DEPTH {
                return Err(LogsError::invalid("Invalid filter pattern: parentheses are nested too deep."));
            }
            let condition = self.any(depth + 1)?;
            return if self.take(")") { Ok(condition) } else { Err(wrong(self.rest)) };
        }
        let path = self.path()?;
        let test = self.test()?;
        Ok(Condition::Test(path, test))
    }

    /// `$.a.b[0].c[*]` or `$['a']['b c']`.
    fn path(&mut self) -> Result<Path, LogsError> {
        if !self.take("$") {
            return Err(wrong(self.rest));
        }
        let mut steps = Vec::new();
        loop {
            if let Some(rest) = self.rest.strip_prefix('.') {
                let legal = |c: char| c.is_alphanumeric() || "_-@#".contains(c);
                let end = rest.find(|c| !legal(c)).unwrap_or(rest.len());
                let (name, after) = rest.split_at(end);
                if name.is_empty() {
                    return Err(wrong(self.rest));
                }
                steps.push(Step::Member(name.to_owned()));
                self.rest = after;
            } else if let Some(rest) = self.rest.strip_prefix('[') {
                let (inside, after) = rest.split_once(']').ok_or_else(|| wrong(rest))?;
                steps.push(bracket(inside)?);
                self.rest = after;
            } else {
                return if steps.is_empty() { Err(wrong(self.rest)) } else { Ok(Path(steps)) };
            }
        }
    }

    fn test(&mut self) -> Result<Test, LogsError> {
        let keywords: [(&[&str], Test); 4] = [
            (&["IS", "TRUE"], Test::IsTrue),
            (&["IS", "FALSE"], Test::IsFalse),
            (&["IS", "NULL"], Test::IsNull),
            (&["NOT", "EXISTS"], Test::NotExists),
        ];
        for (words, test) in keywords {
            if self.take_words(words) {
                return Ok(test);
            }
        }
        for (operator, make) in NUMERIC {
            if self.take(operator) {
                return Ok(make(self.number()?));
            }
        }
        if self.take("!=") {
            return Ok(Test::NotEqual(self.operand()?));
        }
        if self.take("=") {
            return Ok(Test::Equal(self.operand()?));
        }
        Err(wrong(self.rest))
    }

    fn number(&mut self) -> Result<f64, LogsError> {
        let word = self.word()?;
        number(&word).ok_or_else(|| wrong(&word))
    }

    fn operand(&mut self) -> Result<Operand, LogsError> {
        self.rest = self.rest.trim_start();
        if self.rest.starts_with('"') {
            let (text, rest) = read_quoted(self.rest)?;
            self.rest = rest;
            return Ok(Operand::Text(text));
        }
        if self.rest.starts_with('%') {
            let (regex, rest) = read_regex(self.rest)?;
            self.rest = rest;
            return Ok(Operand::Regex(regex));
        }
        let word = self.word()?;
        Ok(number(&word).map_or(Operand::Text(word), Operand::Number))
    }

    /// A value without quotes, up to a blank or an operator.
    fn word(&mut self) -> Result<String, LogsError> {
        self.rest = self.rest.trim_start();
        let is_end = |c: char| c.is_whitespace() || "()&|=<>!\"%{}".contains(c);
        let end = self.rest.find(is_end).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.is_empty() {
            return Err(wrong(self.rest));
        }
        self.rest = rest;
        Ok(word.to_owned())
    }

    fn take(&mut self, token: &str) -> bool {
        match self.rest.trim_start().strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn take_words(&mut self, words: &[&str]) -> bool {
        let before = self.rest;
        let taken = words.iter().all(|word| self.take(word))
            && !self.rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if !taken {
            self.rest = before;
        }
        taken
    }
}

/// Makes the test for a bound.
type Comparison = fn(f64) -> Test;

/// The operators that compare numbers. The longer ones come first, so that none is mistaken for the start of another.
const NUMERIC: [(&str, Comparison); 4] =
    [("<=", Test::LessOrEqual), (">=", Test::GreaterOrEqual), ("<", Test::Less), (">", Test::Greater)];

fn number(word: &str) -> Option<f64> {
    let first = word.trim_start_matches(['-', '+']).as_bytes().first()?;
    // `inf` and `nan` are numbers to Rust and words to CloudWatch Logs.
    word.parse().ok().filter(|_| first.is_ascii_digit() || *first == b'.')
}

fn bracket(inside: &str) -> Result<Step, LogsError> {
    let inside = inside.trim();
    let quoted = inside.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    match quoted {
        Some(name) => Ok(Step::Member(name.to_owned())),
        None if inside == "*" => Ok(Step::Each),
        None => inside.parse().map(Step::Index).map_err(|_| wrong(inside)),
    }
}

fn one_or(mut parts: Vec<Condition>, many: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            many(parts)
        }
        None => many(parts),
    }
}
