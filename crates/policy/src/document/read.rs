//! Reads a policy from its text in one pass, without a tree of JSON values between.

use std::borrow::Cow;
use std::ops::Range;

use smallvec::SmallVec;

use super::{
    Document, ListElement, PrincipalType, RawCondition, RawPrincipal, RawStatement, ShapeFault, Text, Version,
};
use crate::error::Fault;
use crate::json::{self, Reader, Value};

/// So many texts of one list are rarely read at once.
const USUAL: usize = 64;

/// Reads a document. Whether one that is no policy is JSON at all, and without a member that is written twice, is then
/// found out by reading it as JSON.
pub(crate) fn read(text: &str) -> Result<Document<'_>, ShapeFault> {
    whole(text, Reading::document).map_err(|fault| match json::parse(text) {
        Ok(_) => ShapeFault::NotPolicy(fault),
        Err(fault) => ShapeFault::NotJson(fault),
    })
}

/// Reads a statement that stands alone, as explanations keep it.
pub(crate) fn read_statement(text: &str) -> Result<RawStatement<'_>, Fault> {
    whole(text, Reading::statement)
}

fn whole<'a, T>(text: &'a str, read: impl FnOnce(&mut Reading<'a>) -> Result<T, Fault>) -> Result<T, Fault> {
    let mut reading = Reading { reader: Reader::new(text), texts: Vec::with_capacity(USUAL) };
    let whole = read(&mut reading)?;
    reading.reader.end()?;
    Ok(whole)
}

/// A document while it is read.
struct Reading<'a> {
    reader: Reader<'a>,
    /// The texts of the list that is not at its end yet. They wait here so that the room for a list is asked for once,
    /// when its length is known.
    texts: Vec<Text<'a>>,
}

impl<'a> Reading<'a> {
    fn document(&mut self) -> Result<Document<'a>, Fault> {
        let (mut version, mut id, mut statements) = (None, None, None);
        let span = self.object("a policy", |reading, name| match &*name.value {
            "Version" => once(&mut version, reading.version()?, &name),
            "Id" => once(&mut id, reading.string("Id")?, &name),
            "Statement" => once(&mut statements, reading.statements()?, &name),
            other => Err(Fault::new(&name.span, format!("a policy has no element '{other}'"))),
        })?;
        let statements: Vec<RawStatement<'_>> = statements.unwrap_or_default();
        if statements.is_empty() {
            return Err(Fault::new(&span, "the policy has no statement"));
        }
        Ok(Document { span, version: version.unwrap_or(Version::Missing), statements })
    }

    fn version(&mut self) -> Result<Version, Fault> {
        let text = self.string("Version")?;
        match &*text.value {
            "2012-10-17" => Ok(Version::V2012),
            "2008-10-17" => Ok(Version::V2008),
            _ => Err(Fault::new(&text.span, "Version is 2012-10-17 or 2008-10-17")),
        }
    }

    fn statements(&mut self) -> Result<Vec<RawStatement<'a>>, Fault> {
        if !self.reader.open(b'[') {
            return Ok(vec![self.statement()?]);
        }
        let mut statements = Vec::new();
        while self.reader.goes_on(statements.is_empty(), b']')? {
            statements.push(self.statement()?);
        }
        Ok(statements)
    }

    fn statement(&mut self) -> Result<RawStatement<'a>, Fault> {
        let (mut sid, mut effect, mut principal) = (None, None, None);
        let (mut actions, mut resources, mut conditions) = (None, None, None);
        let span = self.object("a statement", |reading, name| match &*name.value {
            "Sid" => once(&mut sid, reading.string("Sid")?, &name),
            "Effect" => once(&mut effect, reading.effect()?, &name),
            "Principal" => once(&mut principal, reading.principal(false)?, &name),
            "NotPrincipal" => once(&mut principal, reading.principal(true)?, &name),
            "Action" => once(&mut actions, reading.list(false)?, &name),
            "NotAction" => once(&mut actions, reading.list(true)?, &name),
            "Resource" => once(&mut resources, reading.list(false)?, &name),
            "NotResource" => once(&mut resources, reading.list(true)?, &name),
            "Condition" => once(&mut conditions, reading.conditions()?, &name),
            other => Err(Fault::new(&name.span, format!("a statement has no element '{other}'"))),
        })?;
        let effect = effect.ok_or_else(|| Fault::new(&span, "the statement has no Effect"))?;
        let conditions = conditions.unwrap_or_default();
        Ok(RawStatement { span, sid, effect, principal, actions, resources, conditions })
    }

    fn effect(&mut self) -> Result<Text<'a>, Fault> {
        let text = self.string("Effect")?;
        if ["allow", "deny"].iter().any(|word| text.value.eq_ignore_ascii_case(word)) {
            Ok(text)
        } else {
            Err(Fault::new(&text.span, "Effect is Allow or Deny"))
        }
    }

    fn principal(&mut self, negated: bool) -> Result<RawPrincipal<'a>, Fault> {
        if self.reader.next() == Some(b'"') {
            let everyone = self.string("a principal")?;
            let span = everyone.span.clone();
            if everyone.value != "*" {
                let reason = "a principal is \"*\" or an object such as {\"AWS\": \"...\"}";
                return Err(Fault::new(&span, reason));
            }
            let entries = vec![(PrincipalType::Aws, everyone)];
            return Ok(RawPrincipal { negated, span, scalar: true, listed: false, entries });
        }
        let (mut entries, mut listed) = (Vec::new(), false);
        let mut kinds: SmallVec<[PrincipalType; 4]> = SmallVec::new();
        let span = self.object("a principal", |reading, name| {
            let kind = principal_type(&name)?;
            if kinds.contains(&kind) {
                return Err(written_twice(&name));
            }
            kinds.push(kind);
            listed |= reading.reader.next() == Some(b'[');
            entries.extend(reading.strings()?.into_iter().map(|value| (kind, value)));
            Ok(())
        })?;
        Ok(RawPrincipal { negated, span, scalar: false, listed, entries })
    }

    fn conditions(&mut self) -> Result<Vec<RawCondition<'a>>, Fault> {
        let mut conditions: Vec<RawCondition<'_>> = Vec::new();
        let mut operators: SmallVec<[Cow<'_, str>; 4]> = SmallVec::new();
        self.object("a Condition", |reading, operator| {
            if operators.contains(&operator.value) {
                return Err(written_twice(&operator));
            }
            operators.push(operator.value.clone());
            let first = conditions.len();
            reading.object("an operator's block", |reading, key| {
                if conditions.iter().skip(first).any(|earlier| earlier.key.value == key.value) {
                    return Err(written_twice(&key));
                }
                let values = reading.texts(Reading::condition_value)?;
                conditions.push(RawCondition { operator: operator.clone(), key, values });
                Ok(())
            })?;
            Ok(())
        })?;
        Ok(conditions)
    }

    /// Numbers and booleans stand for their text (reference iam.md 1.1).
    fn condition_value(&mut self) -> Result<Text<'a>, Fault> {
        let next = self.reader.next();
        let start = self.reader.position();
        let value = match next {
            Some(b'"') => self.reader.string()?,
            Some(b'-' | b'0'..=b'9') => Cow::Borrowed(self.reader.number()?),
            Some(b't' | b'f') => match self.reader.word()? {
                Value::Bool(true) => Cow::Borrowed("true"),
                _ => Cow::Borrowed("false"),
            },
            _ => return Err(self.unlike("a condition value is a string, a number or a boolean")),
        };
        Ok(Text { value, span: start..self.reader.position() })
    }

    fn list(&mut self, negated: bool) -> Result<ListElement<'a>, Fault> {
        self.reader.next();
        let start = self.reader.position();
        let values = self.strings()?;
        Ok(ListElement { negated, span: start..self.reader.position(), values })
    }

    fn strings(&mut self) -> Result<Vec<Text<'a>>, Fault> {
        self.texts(|reading| reading.string("each value"))
    }

    /// A text that stands alone or several in a list.
    fn texts(&mut self, read: impl Fn(&mut Self) -> Result<Text<'a>, Fault>) -> Result<Vec<Text<'a>>, Fault> {
        if !self.reader.open(b'[') {
            return Ok(vec![read(self)?]);
        }
        let first = self.texts.len();
        while self.reader.goes_on(self.texts.len() == first, b']')? {
            let text = read(self)?;
            self.texts.push(text);
        }
        Ok(self.texts.drain(first..).collect())
    }

    fn string(&mut self, what: &str) -> Result<Text<'a>, Fault> {
        if self.reader.next() != Some(b'"') {
            return Err(self.unlike(&format!("{what} must be a string")));
        }
        let start = self.reader.position();
        let value = self.reader.string()?;
        Ok(Text { value, span: start..self.reader.position() })
    }

    /// Reads an object by its members, and answers where it stands.
    fn object(
        &mut self,
        what: &str,
        mut read_member: impl FnMut(&mut Self, Text<'a>) -> Result<(), Fault>,
    ) -> Result<Range<usize>, Fault> {
        self.reader.next();
        let start = self.reader.position();
        if !self.reader.open(b'{') {
            return Err(self.unlike(&format!("{what} is an object")));
        }
        let mut is_first = true;
        while self.reader.goes_on(is_first, b'}')? {
            let (value, span) = self.reader.name()?;
            read_member(self, Text { value, span })?;
            is_first = false;
        }
        Ok(start..self.reader.position())
    }

    /// What comes next is not what is said here.
    fn unlike(&self, reason: &str) -> Fault {
        match json::value_at(self.reader.text(), self.reader.position()) {
            Ok(node) => Fault::new(&node.span, reason),
            Err(fault) => fault,
        }
    }
}

/// An element may be there once, and it and its `Not` form exclude each other.
fn once<T>(slot: &mut Option<T>, value: T, name: &Text<'_>) -> Result<(), Fault> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(Fault::new(&name.span, "an element and its Not form exclude each other")),
    }
}

fn written_twice(name: &Text<'_>) -> Fault {
    Fault::new(&name.span, format!("'{}' is written twice", name.value))
}

fn principal_type(name: &Text<'_>) -> Result<PrincipalType, Fault> {
    match &*name.value {
        "AWS" => Ok(PrincipalType::Aws),
        "Service" => Ok(PrincipalType::Service),
        "Federated" => Ok(PrincipalType::Federated),
        "CanonicalUser" => Ok(PrincipalType::CanonicalUser),
        other => Err(Fault::new(&name.span, format!("there is no principal type '{other}'"))),
    }
}
