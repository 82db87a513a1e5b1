//! A strict JSON reader that keeps positions. Policies decide who may do what, so the reader takes exactly what the
//! standard allows, refuses a repeated member name (of which readers keep now the first, now the last), and limits
//! depth, so that no document can exhaust the stack.

use std::ops::Range;

use crate::error::Fault;

/// Deeper than any policy: statements with conditions need six.
const MAX_DEPTH: usize = 32;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) value: Value,
}

/// A JSON value. A number is kept as it is written: a policy compares its text or its exact decimal value.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(String),
    String(String),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

/// One member of an object.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) name_span: Range<usize>,
    pub(crate) node: Node,
}

/// Reads a whole document.
pub(crate) fn parse(text: &str) -> Result<Node, Fault> {
    let mut reader = Reader { text, at: 0 };
    let node = reader.value(0)?;
    reader.skip_blanks();
    if reader.at < text.len() {
        return Err(reader.fault("text after the end of the document"));
    }
    Ok(node)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn fault(&self, reason: &str) -> Fault {
        Fault::new(&(self.at..self.text.len().min(self.at + 1)), reason)
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Steps over `byte` if it is next.
    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn value(&mut self, depth: usize) -> Result<Node, Fault> {
        if depth > MAX_DEPTH {
            return Err(self.fault("nested too deeply"));
        }
        self.skip_blanks();
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(_) => self.word()?,
            None => return Err(self.fault("the document ends where a value is expected")),
        };
        Ok(Node { span: start..self.at, value })
    }

    fn object(&mut self, depth: usize) -> Result<Value, Fault> {
        self.at += 1;
        let mut members: Vec<Member> = Vec::new();
        self.skip_blanks();
        if self.take(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            let member = self.member(depth)?;
            if members.iter().any(|earlier| earlier.name == member.name) {
                return Err(Fault::new(&member.name_span, format!("'{}' is written twice", member.name)));
            }
            members.push(member);
            self.skip_blanks();
            if self.take(b'}') {
                return Ok(Value::Object(members));
            }
            if !self.take(b',') {
                return Err(self.fault("expected ',' or '}'"));
            }
        }
    }

    fn member(&mut self, depth: usize) -> Result<Member, Fault> {
        self.skip_blanks();
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.fault("expected a member name in double quotes"));
        }
        let name = self.string()?;
        let name_span = start..self.at;
        self.skip_blanks();
        if !self.take(b':') {
            return Err(self.fault("expected ':'"));
        }
        let node = self.value(depth + 1)?;
        Ok(Member { name, name_span, node })
    }

    fn array(&mut self, depth: usize) -> Result<Value, Fault> {
        self.at += 1;
        let mut elements = Vec::new();
        self.skip_blanks();
        if self.take(b']') {
            return Ok(Value::Array(elements));
        }
        loop {
            elements.push(self.value(depth + 1)?);
            self.skip_blanks();
            if self.take(b']') {
                return Ok(Value::Array(elements));
            }
            if !self.take(b',') {
                return Err(self.fault("expected ',' or ']'"));
            }
        }
    }

    fn word(&mut self) -> Result<Value, Fault> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let words = [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)];
        for (word, value) in words {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.fault("expected a JSON value"))
    }

    fn number(&mut self) -> Result<Value, Fault> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            if !self.take(b'+') {
                self.take(b'-');
            }
            self.digits()?;
        }
        Ok(Value::Number(self.text.get(start..self.at).unwrap_or_default().to_owned()))
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.fault("expected a digit")) } else { Ok(()) }
    }

    fn string(&mut self) -> Result<String, Fault> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            text.push_str(self.text.get(start..self.at).unwrap_or_default());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(_) => return Err(self.fault("a control character must be escaped")),
                None => return Err(self.fault("the string does not end")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        self.at += 1;
        let letter = self.peek().ok_or_else(|| self.fault("the string does not end"))?;
        let escaped = match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return Err(self.fault("no such escape")),
        };
        self.at += 1;
        Ok(escaped)
    }

    /// Reads `uXXXX`, and the second half where the first is half of a surrogate pair.
    fn unicode_escape(&mut self) -> Result<char, Fault> {
        let first = self.code_unit()?;
        let mut units = vec![first];
        if (0xd800..0xdc00).contains(&first) && self.take(b'\\') {
            units.push(self.code_unit()?);
        }
        match char::decode_utf16(units).collect::<Result<Vec<char>, _>>().as_deref() {
            Ok([character]) => Ok(*character),
            _ => Err(self.fault("half of a surrogate pair")),
        }
    }

    fn code_unit(&mut self) -> Result<u16, Fault> {
        if !self.take(b'u') {
            return Err(self.fault("half of a surrogate pair"));
        }
        let digits = self.text.get(self.at..self.at + 4).unwrap_or_default();
        if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(self.fault("expected four hexadecimal digits"));
        }
        self.at += 4;
        u16::from_str_radix(digits, 16).map_err(|_| self.fault("expected four hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_standard_json_is_read() {
        for good in ["{}", " [1, -0.5e+3, true, null, \"\\u00e9\\ud83d\\ude00\"] ", "{\"a\":{\"a\":1}}"] {
            assert!(parse(good).is_ok(), "{good}");
        }
        let bad = [
            "",
            "{",
            "{\"a\":1,}",
            "[1,]",
            "{'a':1}",
            "{a:1}",
            "// x\n{}",
            "01",
            "1.",
            "\"\\x\"",
            "\"\n\"",
            "nul",
            "{} {}",
            "\"\\ud800\"",
            "\"\\ud800\\u0041\"",
            "\u{feff}{}",
            "\"abc",
            "+1",
            "NaN",
        ];
        for text in bad {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_repeated_member_is_refused_where_it_stands() {
        let fault = parse(r#"{"a":1,"\u0061":2}"#).unwrap_err();
        assert_eq!(fault.at, 7..15);
    }

    #[test]
    fn a_very_deep_document_is_refused_and_the_stack_survives() {
        for text in ["[".repeat(100_000), "{\"a\":".repeat(100_000)] {
            assert!(parse(&text).is_err());
        }
    }
}
