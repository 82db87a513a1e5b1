//! A strict JSON reader that keeps positions. Policies decide who may do what, so the reader takes exactly what the
//! standard allows, refuses a repeated member name (of which readers keep now the first, now the last), and limits
//! depth, so that no document can exhaust the stack.

mod reader;

use std::borrow::Cow;
use std::ops::Range;

use crate::error::Fault;

pub(crate) use reader::Reader;

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
    let mut tree = Tree::at(text, 0);
    let node = tree.value(0)?;
    tree.reader.end()?;
    Ok(node)
}

/// Reads the value at a place in a document.
pub(crate) fn value_at(text: &str, at: usize) -> Result<Node<'_>, Fault> {
    Tree::at(text, at).value(0)
}

/// Puts values together.
struct Tree<'a> {
    reader: Reader<'a>,
    /// The elements of the lists that are not at their ends yet. They wait here so that the room for a list is asked
    /// for once, when its length is known.
    elements: Vec<Node<'a>>,
    /// The members of the objects that are not at their ends yet.
    members: Vec<Member<'a>>,
}

impl<'a> Tree<'a> {
    fn at(text: &'a str, at: usize) -> Self {
        let (elements, members) = (Vec::with_capacity(USUAL), Vec::with_capacity(USUAL));
        Tree { reader: Reader::at(text, at), elements, members }
    }

    fn value(&mut self, depth: usize) -> Result<Node<'a>, Fault> {
        if depth > MAX_DEPTH {
            return Err(self.reader.fault("nested too deeply"));
        }
        let first = self.reader.next();
        let start = self.reader.position();
        let value = match first {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Value::String(self.reader.string()?),
            Some(b'-' | b'0'..=b'9') => Value::Number(self.reader.number()?),
            Some(_) => self.reader.word()?,
            None => return Err(self.reader.fault("the document ends where a value is expected")),
        };
        Ok(Node { span: start..self.reader.position(), value })
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        let first = self.members.len();
        self.reader.open(b'{');
        while self.reader.goes_on(self.members.len() == first, b'}')? {
            let (name, name_span) = self.reader.name()?;
            let node = self.value(depth + 1)?;
            if self.members.iter().skip(first).any(|earlier| earlier.name == name) {
                return Err(Fault::new(&name_span, format!("'{name}' is written twice")));
            }
            self.members.push(Member { name, name_span, node });
        }
        Ok(Value::Object(self.members.drain(first..).collect()))
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        let first = self.elements.len();
        self.reader.open(b'[');
        while self.reader.goes_on(self.elements.len() == first, b']')? {
            let element = self.value(depth + 1)?;
            self.elements.push(element);
        }
        Ok(Value::Array(self.elements.drain(first..).collect()))
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
