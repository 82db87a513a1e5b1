//! The words of JSON one after the other: strings, numbers and brackets. What they are put together to is for the caller
//! to say.

use std::borrow::Cow;
use std::ops::Range;

use super::Value;
use crate::error::Fault;

/// A place in a document.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Reader::at(text, 0)
    }

    pub(super) fn at(text: &'a str, at: usize) -> Self {
        Reader { text, at }
    }

    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// How many bytes have been read.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// The first byte of what comes next, which is then where the reader stands.
    pub(crate) fn next(&mut self) -> Option<u8> {
        self.skip_blanks();
        self.peek()
    }

    /// Steps into a list or object that begins with `bracket`, if that is what comes next.
    pub(crate) fn open(&mut self, bracket: u8) -> bool {
        self.skip_blanks();
        self.take(bracket)
    }

    /// Whether one more element or member comes before `bracket`, which ends the list or object.
    pub(crate) fn goes_on(&mut self, is_first: bool, bracket: u8) -> Result<bool, Fault> {
        self.skip_blanks();
        if self.take(bracket) {
            return Ok(false);
        }
        if !is_first && !self.take(b',') {
            return Err(self.fault(&format!("expected ',' or '{}'", bracket as char)));
        }
        Ok(true)
    }

    /// The name of a member with its place, and the colon after it.
    pub(crate) fn name(&mut self) -> Result<(Cow<'a, str>, Range<usize>), Fault> {
        if self.next() != Some(b'"') {
            return Err(self.fault("expected a member name in double quotes"));
        }
        let start = self.at;
        let name = self.string()?;
        let span = start..self.at;
        self.skip_blanks();
        if !self.take(b':') {
            return Err(self.fault("expected ':'"));
        }
        Ok((name, span))
    }

    /// Nothing may come any more.
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        match self.next() {
            None => Ok(()),
            Some(_) => Err(self.fault("text after the end of the document")),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// A fault at the next character, whole.
    pub(crate) fn fault(&self, reason: &str) -> Fault {
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

    /// `true`, `false` or `null`.
    pub(crate) fn word(&mut self) -> Result<Value<'a>, Fault> {
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

    /// A number as it is written.
    pub(crate) fn number(&mut self) -> Result<&'a str, Fault> {
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
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.fault("expected a digit")) } else { Ok(()) }
    }

    /// A string, whose opening quote is next.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
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
}
