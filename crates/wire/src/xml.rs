//! XML documents: reading a body into a tree, writing an answer, and the shapes in both.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use crate::schema::{Kind, List, Location, Member, Shape, Structure};
use crate::timestamp::{Timestamp, TimestampFormat};
use crate::value::Value;

/// No document of AWS's nests deeper.
const MAX_DEPTH: usize = 32;

/// An element with its text and children; namespaces and attributes are not looked at.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

/// A document that is not well-formed, or not of its shape.
#[derive(Debug, PartialEq)]
pub(crate) struct Malformed;

impl<E: std::error::Error> From<E> for Malformed {
    fn from(_: E) -> Self {
        Self
    }
}

/// Reads a document. Document types are refused: with them come entities.
pub(crate) fn parse(body: &[u8]) -> Result<Element, Malformed> {
    let mut reader = Reader::from_str(std::str::from_utf8(body)?);
    let mut stack = vec![Element::default()];
    loop {
        match reader.read_event()? {
            Event::Start(start) => {
                let name = start.local_name().as_ref().to_owned();
                stack.push(Element { name, ..Element::default() });
                if stack.len() > MAX_DEPTH {
                    return Err(Malformed);
                }
            }
            Event::Empty(start) => {
                let name = start.local_name().as_ref().to_owned();
                top(&mut stack)?.children.push(Element { name, ..Element::default() });
            }
            Event::End(_) => {
                let element = stack.pop().ok_or(Malformed)?;
                top(&mut stack)?.children.push(element);
            }
            Event::Text(text) => top(&mut stack)?.text.push_str(&text.xml10_content()),
            Event::CData(text) => top(&mut stack)?.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => top(&mut stack)?.text.push(resolve(&reference)?),
            Event::DocType(_) => return Err(Malformed),
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
    let mut document = stack.pop().filter(|_| stack.is_empty()).ok_or(Malformed)?;
    let root = document.children.pop().ok_or(Malformed)?;
    if document.children.is_empty() && document.text.trim().is_empty() { Ok(root) } else { Err(Malformed) }
}

fn top(stack: &mut [Element]) -> Result<&mut Element, Malformed> {
    stack.last_mut().ok_or(Malformed)
}

fn resolve(reference: &BytesRef<'_>) -> Result<char, Malformed> {
    if let Some(character) = reference.resolve_char_ref()? {
        return Ok(character);
    }
    match reference.as_ref() {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(Malformed),
    }
}

/// Reads an element as a shape; what the shape does not know is passed over.
pub(crate) fn read(shape: &Shape, element: Element) -> Result<Value, Malformed> {
    match &shape.kind {
        Kind::Structure(structure) => read_structure(structure, element),
        Kind::List(list) => {
            let items = element.children.into_iter().filter(|child| child.name == list.element_name);
            items.map(|item| read(list.element, item)).collect::<Result<_, _>>().map(Value::List)
        }
        Kind::Map(map) => element
            .children
            .into_iter()
            .map(|entry| read_entry(map, entry))
            .collect::<Result<_, _>>()
            .map(Value::Map),
        _ => scalar(shape, &element.text).ok_or(Malformed),
    }
}

fn read_structure(structure: &Structure, mut element: Element) -> Result<Value, Malformed> {
    let mut entries = Vec::new();
    for member in structure.members.iter().filter(|member| member.location == Location::Body) {
        let of_member = |child: &mut Element| child.name == member.wire_name;
        let mut found: Vec<Element> = element.children.extract_if(.., of_member).collect();
        if found.is_empty() {
            continue;
        }
        let value = match &member.shape.kind {
            Kind::List(list) if list.flattened => {
                let items = found.into_iter().map(|item| read(list.element, item));
                Value::List(items.collect::<Result<_, _>>()?)
            }
            _ => read(member.shape, found.swap_remove(0))?,
        };
        entries.push((Cow::Borrowed(member.name), value));
    }
    Ok(Value::Map(entries))
}

fn read_entry(map: &crate::schema::Map, entry: Element) -> Result<(Cow<'static, str>, Value), Malformed> {
    let (mut key, mut value) = (None, None);
    for child in entry.children {
        match child.name.as_str() {
            "key" => key = Some(child.text),
            "value" => value = Some(read(map.value, child)?),
            _ => {}
        }
    }
    Ok((Cow::Owned(key.ok_or(Malformed)?), value.ok_or(Malformed)?))
}

/// Reads text as a scalar: in XML, headers, paths and query strings alike.
pub(crate) fn scalar(shape: &Shape, text: &str) -> Option<Value> {
    Some(match &shape.kind {
        Kind::String => Value::String(text.to_owned()),
        Kind::Boolean => Value::Bool(match text.trim() {
            "true" | "TRUE" | "True" | "1" => true,
            "false" | "FALSE" | "False" | "0" => false,
            _ => return None,
        }),
        Kind::Integer => Value::Integer(text.trim().parse::<i32>().ok()?.into()),
        Kind::Long => Value::Integer(text.trim().parse().ok()?),
        Kind::Double => Value::Double(text.trim().parse().ok()?),
        Kind::Blob => Value::Blob(STANDARD.decode(text.trim()).ok()?.into()),
        Kind::Timestamp(_) => Value::Timestamp(Timestamp::parse(text)?),
        Kind::Structure(_) | Kind::List(_) | Kind::Map(_) => return None,
    })
}

/// How timestamps are written where a shape does not say.
#[derive(Clone, Copy)]
pub(crate) enum Style {
    /// Query services: seconds.
    Query,
    /// S3: milliseconds.
    Rest,
}

/// Writes a structure's body members into the open element.
pub(crate) fn write_members(xml: &mut Writer, structure: &Structure, value: &Value, style: Style) {
    for member in structure.members.iter().filter(|member| member.location == Location::Body) {
        if let Some(value) = value.get(member.name) {
            write_member(xml, member, value, style);
        }
    }
}

fn write_member(xml: &mut Writer, member: &Member, value: &Value, style: Style) {
    match (&member.shape.kind, value) {
        (Kind::List(list), Value::List(items)) if list.flattened => {
            items.iter().for_each(|item| write(xml, list.element, member.wire_name, item, style));
        }
        _ => write(xml, member.shape, member.wire_name, value, style),
    }
}

/// Writes a value as an element.
pub(crate) fn write(xml: &mut Writer, shape: &Shape, name: &str, value: &Value, style: Style) {
    match (&shape.kind, value) {
        (Kind::Structure(structure), Value::Map(_)) => {
            xml.open(name, None);
            write_members(xml, structure, value, style);
            xml.close(name);
        }
        (Kind::List(list), Value::List(items)) => write_list(xml, list, name, items, style),
        (Kind::Map(map), Value::Map(entries)) => {
            xml.open(name, None);
            for (key, value) in entries {
                xml.open("entry", None);
                xml.text("key", key);
                write(xml, map.value, "value", value, style);
                xml.close("entry");
            }
            xml.close(name);
        }
        (Kind::Timestamp(format), Value::Timestamp(time)) => {
            xml.text(name, &timestamp(*time, *format, style))
        }
        (_, value) => xml.text(name, &text(value)),
    }
}

fn write_list(xml: &mut Writer, list: &List, name: &str, items: &[Value], style: Style) {
    if items.is_empty() {
        return xml.empty(name);
    }
    xml.open(name, None);
    items.iter().for_each(|item| write(xml, list.element, list.element_name, item, style));
    xml.close(name);
}

fn timestamp(time: Timestamp, format: Option<TimestampFormat>, style: Style) -> String {
    match (format.unwrap_or(TimestampFormat::Iso8601), style) {
        (TimestampFormat::Iso8601, Style::Query) => time.to_iso8601(),
        (TimestampFormat::Iso8601, Style::Rest) => time.to_iso8601_ms(),
        (TimestampFormat::Rfc822, _) => time.to_rfc822(),
        (TimestampFormat::Unix, _) => time.to_unix_seconds().to_string(),
    }
}

/// A scalar as text; nothing for what has no text form.
pub(crate) fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Bool(flag) => Cow::Owned(flag.to_string()),
        Value::Integer(number) => Cow::Owned(number.to_string()),
        Value::Double(number) => Cow::Owned(number.to_string()),
        Value::Blob(bytes) => Cow::Owned(STANDARD.encode(bytes)),
        Value::Timestamp(time) => Cow::Owned(time.to_iso8601()),
        Value::Null | Value::List(_) | Value::Map(_) | Value::Events(_) => Cow::Borrowed(""),
    }
}

/// Writes elements, indented by two blanks a level or not at all.
pub(crate) struct Writer {
    out: String,
    /// The present level where the document is indented.
    level: Option<usize>,
}

impl Writer {
    /// A document as query services write it.
    pub(crate) fn indented() -> Self {
        Self { out: String::new(), level: Some(0) }
    }

    /// A document as S3 writes it.
    pub(crate) fn document() -> Self {
        Self { out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), level: None }
    }

    pub(crate) fn open(&mut self, name: &str, namespace: Option<&str>) {
        self.start_line();
        self.start_tag(name, namespace);
        self.out.push('>');
        self.end_line();
        self.level = self.level.map(|level| level + 1);
    }

    pub(crate) fn close(&mut self, name: &str) {
        self.level = self.level.map(|level| level.saturating_sub(1));
        self.start_line();
        self.end_tag(name);
        self.end_line();
    }

    /// An element with text.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.text_in(name, None, text);
    }

    /// An element with text and a namespace.
    pub(crate) fn text_in(&mut self, name: &str, namespace: Option<&str>, text: &str) {
        self.start_line();
        self.start_tag(name, namespace);
        if text.is_empty() {
            self.out.push_str("/>");
        } else {
            self.out.push('>');
            self.escape(text);
            self.end_tag(name);
        }
        self.end_line();
    }

    /// An element without content.
    pub(crate) fn empty(&mut self, name: &str) {
        self.text(name, "");
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    fn start_tag(&mut self, name: &str, namespace: Option<&str>) {
        self.out.push('<');
        self.out.push_str(name);
        if let Some(namespace) = namespace.filter(|namespace| !namespace.is_empty()) {
            self.out.push_str(" xmlns=\"");
            self.escape(namespace);
            self.out.push('"');
        }
    }

    fn end_tag(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    fn start_line(&mut self) {
        for _ in 0..self.level.unwrap_or(0) {
            self.out.push_str("  ");
        }
    }

    fn end_line(&mut self) {
        if self.level.is_some() {
            self.out.push('\n');
        }
    }

    fn escape(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                // Written raw, a carriage return would be read back as a line feed.
                '\n' | '\t' => self.out.push(character),
                control if control.is_control() => {
                    self.out.push_str(&format!("&#x{:X};", u32::from(control)))
                }
                other => self.out.push(other),
            }
        }
    }
}
