//! A strict JSON reader that keeps positions. Policies decide who may do what, so the reader takes exactly what the
//! standard allows, refuses a repeated member name (of which readers keep now the first, now the last), and limits
//! depth, so that no document can exhaust the stack.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::Fault;

/// Deeper than any policy: statements with conditions need six.
const MAX_DEPTH: usize = 32;

/// So many elements or members are rarely open at once.
const USUAL: usize = 64;

/// A value and where it stands. Texts are those of the document itself unless they are written with escapes.
#[derive(Debug, Clone)]
pub(crate) struct Node<'a> {
    pub(crate) span: Range<usize>,
    pub(crate) value: Value<'a>,
}

/// A JSON value. A number is kept as it is written: a policy compares its text or its exact decimal value.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    String(Cow<'a, str>),
    Array(Vec<Node<'a>>),
    Object(Vec<Member<'a>>),
}

/// One member of an object.
#[derive(Debug, Clone)]
pub(crate) struct Member<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) name_span: Range<usize>,
    pub(crate) node: Node<'a>,
}

/// Reads a whole document.
pub(crate) fn parse(text: &str) -> Result<Node<'_>, Fault> {
    let (elements, members) = (Vec::with_capacity(USUAL), Vec::with_capacity(USUAL));
    let mut reader = Reader { text, at: 0, elements, members };
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
    /// The elements of the lists that are not at their ends yet. They wait here so that the room for a list is asked
    /// for once, when its length is known.
    elements: Vec<Node<'a>>,
    /// The members of the objects that are not at their ends yet.
    members: Vec<Member<'a>>,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// A fault at the next character, whole.
    fn fault(&self, reason: &str) -> Fault {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.chars().next().map_or(0, char::len_utf8);
        Fault::new(&(self.at..self.at + length), reason)
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

    fn value(&mut self, depth: usize) -> Result<Node<'a>, Fault> {
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

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        self.at += 1;
        let first = self.members.len();
        self.skip_blanks();
        if self.take(b'}') {
            return Ok(Value::Object(Vec::new()));
        }
        loop {
            let member = self.member(depth)?;
            if self.members.iter().skip(first).any(|earlier| earlier.name == member.name) {
                return Err(Fault::new(&member.name_span, format!("'{}' is written twice", member.name)));
            }
            self.members.push(member);
            self.skip_blanks();
            if self.take(b'}') {
                return Ok(Value::Object(self.members.drain(first..).collect()));
            }
            if !self.take(b',') {
                return Err(self.fault("expected ',' or '}'"));
            }
        }
    }

    fn member(&mut self, depth: usize) -> Result<Member<'a>, Fault> {
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

    fn array(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        self.at += 1;
        let first = self.elements.len();
        self.skip_blanks();
        if self.take(b']') {
            return Ok(Value::Array(Vec::new()));
        }
        loop {
            let element = self.value(depth + 1)?;
            self.elements.push(element);
            self.skip_blanks();
            if self.take(b']') {
                return Ok(Value::Array(self.elements.drain(first..).collect()));
            }
            if !self.take(b',') {
                return Err(self.fault("expected ',' or ']'"));
            }
        }
    }

    fn word(&mut self) -> Result<Value<'a>, Fault> {
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

    fn number(&mut self) -> Result<Value<'a>, Fault> {
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
        Ok(Value::Number(self.text.get(start..self.at).unwrap_or_default()))
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.fault("expected a digit")) } else { Ok(()) }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        self.at += 1;
        let start = self.plain();
        if self.take(b'"') {
            return Ok(Cow::Borrowed(start));
        }
        let mut text = start.to_owned();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(text));
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(_) => return Err(self.fault("a control character must be escaped")),
                None => return Err(self.fault("the string does not end")),
            }
            text.push_str(self.plain());
        }
    }

    /// Steps over the characters that stand for themselves in a string.
    fn plain(&mut self) -> &'a str {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let start = self.at;
        self.at += rest.len() - from_special(rest).len();
        self.text.get(start..self.at).unwrap_or_default()
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

/// The bytes from the first on that does not stand for itself in a string: a quote, a backslash or a control character.
/// Eight bytes at a time are looked at while there are as many.
fn from_special(mut bytes: &[u8]) -> &[u8] {
    const EACH: u64 = 0x0101_0101_0101_0101;
    while let Some((word, rest)) = bytes.split_first_chunk() {
        let word = u64::from_le_bytes(*word);
        // The highest bit of the first byte below the limit is set; what comes after that byte can be wrong.
        let below = |word: u64, limit: u64| word.wrapping_sub(EACH * limit) & !word & (EACH << 7);
        let is = |byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
        let special = is(b'"') | is(b'\\') | below(word, 0x20);
        if special != 0 {
            return bytes.get(special.trailing_zeros() as usize / 8..).unwrap_or_default();
        }
        bytes = rest;
    }
    let at = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
    bytes.get(at.unwrap_or(bytes.len())..).unwrap_or_default()
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
    fn the_first_special_byte_is_found_wherever_it_stands() {
        let plain = "aé!#[]~ \u{7f}\u{80}ÿ😀".repeat(3);
        assert!(from_special(plain.as_bytes()).is_empty());
        let places = (0..=plain.len()).filter(|at| plain.is_char_boundary(*at));
        for (at, special) in
            places.flat_map(|at| ['"', '\\', '\0', '\u{1f}', '\n'].map(|special| (at, special)))
        {
            let text = format!("{}{special}{}\"", &plain[..at], &plain[at..]);
            assert_eq!(from_special(text.as_bytes()), &text.as_bytes()[at..], "{text:?}");
        }
    }

    #[test]
    fn only_a_text_with_escapes_is_copied() {
        for (text, expected) in
            [("plain é", None), ("", None), ("a\\u0062c\\n", Some("abc\n")), ("\\\"", Some("\""))]
        {
            let written = format!("\"{text}\"");
            let Value::String(read) = parse(&written).unwrap().value else { panic!("{text} is a string") };
            assert_eq!(read, expected.unwrap_or(text));
            assert_eq!(matches!(read, Cow::Owned(_)), expected.is_some(), "{text}");
        }
    }

    #[test]
    fn a_repeated_member_is_refused_where_it_stands() {
        let fault = parse(r#"{"a":1,"\u0061":2}"#).unwrap_err();
        assert_eq!(fault.at, 7..15);
    }

    #[test]
    fn a_fault_does_not_cut_a_character() {
        for (text, at) in [("{é", 1..3), ("[😀]", 1..5), ("", 0..0), ("{", 1..1)] {
            assert_eq!(parse(text).unwrap_err().at, at, "{text}");
        }
    }

    #[test]
    fn a_very_deep_document_is_refused_and_the_stack_survives() {
        for text in ["[".repeat(100_000), "{\"a\":".repeat(100_000)] {
            assert!(parse(&text).is_err());
        }
    }
}
