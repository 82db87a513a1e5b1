//! The shape of a policy document: JSON turned into statements with positions, before anything is known about the
//! meaning of their values. Both the validator and the compiler start here, so they cannot read a document
//! differently (reference iam.md 1.1, 1.8).

use std::borrow::Cow;
use std::ops::Range;

use crate::error::Fault;
use crate::json::{self, Member, Node, Value};

/// A text and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Text<'a> {
    pub(crate) value: Cow<'a, str>,
    pub(crate) span: Range<usize>,
}

/// Which of the two versions of the language the document is written in; `Missing` means 2008.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Missing,
    V2008,
    V2012,
}

/// A document that has the shape of a policy.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    pub(crate) span: Range<usize>,
    pub(crate) version: Version,
    pub(crate) statements: Vec<RawStatement<'a>>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug)]
pub(crate) struct ListElement<'a> {
    /// Whether it is the `Not` form.
    pub(crate) negated: bool,
    pub(crate) span: Range<usize>,
    pub(crate) values: Vec<Text<'a>>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug)]
pub(crate) struct RawPrincipal<'a> {
    pub(crate) negated: bool,
    pub(crate) span: Range<usize>,
    /// Written as the bare `"*"`.
    pub(crate) scalar: bool,
    /// Has values in a list.
    pub(crate) listed: bool,
    /// The type (`AWS`, `Service`, ...) and one value; the bare `"*"` is `AWS`.
    pub(crate) entries: Vec<(PrincipalType, Text<'a>)>,
}

/// The kinds of identity that a `Principal` element can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PrincipalType {
    Aws,
    Service,
    Federated,
    CanonicalUser,
}

/// One operator with one key.
#[derive(Debug)]
pub(crate) struct RawCondition<'a> {
    pub(crate) operator: Text<'a>,
    pub(crate) key: Text<'a>,
    pub(crate) values: Vec<Text<'a>>,
}

/// One statement.
#[derive(Debug)]
pub(crate) struct RawStatement<'a> {
    pub(crate) span: Range<usize>,
    pub(crate) sid: Option<Text<'a>>,
    pub(crate) effect: Text<'a>,
    pub(crate) principal: Option<RawPrincipal<'a>>,
    pub(crate) actions: Option<ListElement<'a>>,
    pub(crate) resources: Option<ListElement<'a>>,
    pub(crate) conditions: Vec<RawCondition<'a>>,
}

/// Why a text has not the shape of a policy. Trust policies have a message of their own for what is not JSON.
#[derive(Debug)]
pub(crate) enum ShapeFault {
    NotJson(Fault),
    NotPolicy(Fault),
}

impl ShapeFault {
    pub(crate) fn into_fault(self) -> Fault {
        match self {
            ShapeFault::NotJson(fault) | ShapeFault::NotPolicy(fault) => fault,
        }
    }
}

/// Reads a document.
pub(crate) fn read(text: &str) -> Result<Document<'_>, ShapeFault> {
    let node = json::parse(text).map_err(ShapeFault::NotJson)?;
    document(node).map_err(ShapeFault::NotPolicy)
}

/// Reads a statement that stands alone, as explanations keep it.
pub(crate) fn read_statement(text: &str) -> Result<RawStatement<'_>, Fault> {
    statement(json::parse(text)?)
}

fn document(node: Node<'_>) -> Result<Document<'_>, Fault> {
    let span = node.span.clone();
    let mut version = Version::Missing;
    let mut statements = Vec::new();
    for Member { name, name_span, node } in members(node, "a policy")? {
        match &*name {
            "Version" => version = read_version(node)?,
            "Id" => drop(string(node, "Id")?),
            "Statement" => statements = read_statements(node)?,
            _ => return Err(Fault::new(&name_span, format!("a policy has no element '{name}'"))),
        }
    }
    if statements.is_empty() {
        return Err(Fault::new(&span, "the policy has no statement"));
    }
    Ok(Document { span, version, statements })
}

fn read_version(node: Node<'_>) -> Result<Version, Fault> {
    let text = string(node, "Version")?;
    match &*text.value {
        "2012-10-17" => Ok(Version::V2012),
        "2008-10-17" => Ok(Version::V2008),
        _ => Err(Fault::new(&text.span, "Version is 2012-10-17 or 2008-10-17")),
    }
}

fn read_statements(node: Node<'_>) -> Result<Vec<RawStatement<'_>>, Fault> {
    match node.value {
        Value::Array(nodes) => each(nodes, statement),
        _ => Ok(vec![statement(node)?]),
    }
}

fn statement(node: Node<'_>) -> Result<RawStatement<'_>, Fault> {
    let span = node.span.clone();
    let mut sid = None;
    let mut effect = None;
    let mut principal = None;
    let mut actions = None;
    let mut resources = None;
    let mut conditions = Vec::new();
    for Member { name, name_span, node } in members(node, "a statement")? {
        match &*name {
            "Sid" => sid = Some(string(node, "Sid")?),
            "Effect" => effect = Some(read_effect(node)?),
            "Principal" => once(&mut principal, read_principal(node, false)?, &name_span)?,
            "NotPrincipal" => once(&mut principal, read_principal(node, true)?, &name_span)?,
            "Action" => once(&mut actions, list(node, false)?, &name_span)?,
            "NotAction" => once(&mut actions, list(node, true)?, &name_span)?,
            "Resource" => once(&mut resources, list(node, false)?, &name_span)?,
            "NotResource" => once(&mut resources, list(node, true)?, &name_span)?,
            "Condition" => conditions = read_conditions(node)?,
            _ => return Err(Fault::new(&name_span, format!("a statement has no element '{name}'"))),
        }
    }
    let effect = effect.ok_or_else(|| Fault::new(&span, "the statement has no Effect"))?;
    Ok(RawStatement { span, sid, effect, principal, actions, resources, conditions })
}

/// An element and its `Not` form exclude each other.
fn once<T>(slot: &mut Option<T>, value: T, at: &Range<usize>) -> Result<(), Fault> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(Fault::new(at, "an element and its Not form exclude each other")),
    }
}

fn read_effect(node: Node<'_>) -> Result<Text<'_>, Fault> {
    let text = string(node, "Effect")?;
    if ["allow", "deny"].iter().any(|word| text.value.eq_ignore_ascii_case(word)) {
        Ok(text)
    } else {
        Err(Fault::new(&text.span, "Effect is Allow or Deny"))
    }
}

fn read_principal(node: Node<'_>, negated: bool) -> Result<RawPrincipal<'_>, Fault> {
    let span = node.span.clone();
    if let Value::String(text) = &node.value {
        if text != "*" {
            return Err(Fault::new(&span, "a principal is \"*\" or an object such as {\"AWS\": \"...\"}"));
        }
        let everyone = Text { value: text.clone(), span: span.clone() };
        return Ok(RawPrincipal {
            negated,
            span,
            scalar: true,
            listed: false,
            entries: vec![(PrincipalType::Aws, everyone)],
        });
    }
    let mut entries = Vec::new();
    let mut listed = false;
    for Member { name, name_span, node } in members(node, "a principal")? {
        let kind = match &*name {
            "AWS" => PrincipalType::Aws,
            "Service" => PrincipalType::Service,
            "Federated" => PrincipalType::Federated,
            "CanonicalUser" => PrincipalType::CanonicalUser,
            _ => return Err(Fault::new(&name_span, format!("there is no principal type '{name}'"))),
        };
        listed |= matches!(node.value, Value::Array(_));
        entries.extend(strings(node)?.into_iter().map(|value| (kind, value)));
    }
    Ok(RawPrincipal { negated, span, scalar: false, listed, entries })
}

fn read_conditions(node: Node<'_>) -> Result<Vec<RawCondition<'_>>, Fault> {
    let mut conditions = Vec::new();
    for operator in members(node, "a Condition")? {
        for key in members(operator.node, "an operator's block")? {
            conditions.push(RawCondition {
                operator: Text { value: operator.name.clone(), span: operator.name_span.clone() },
                key: Text { value: key.name, span: key.name_span },
                values: condition_values(key.node)?,
            });
        }
    }
    Ok(conditions)
}

/// Numbers and booleans stand for their text (reference iam.md 1.1).
fn condition_values(node: Node<'_>) -> Result<Vec<Text<'_>>, Fault> {
    let nodes = match node.value {
        Value::Array(nodes) => nodes,
        _ => vec![node],
    };
    each(nodes, condition_value)
}

fn condition_value(node: Node<'_>) -> Result<Text<'_>, Fault> {
    let value = match node.value {
        Value::String(text) => text,
        Value::Number(text) => Cow::Borrowed(text),
        Value::Bool(truth) => Cow::Borrowed(if truth { "true" } else { "false" }),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            return Err(Fault::new(&node.span, "a condition value is a string, a number or a boolean"));
        }
    };
    Ok(Text { value, span: node.span })
}

fn list(node: Node<'_>, negated: bool) -> Result<ListElement<'_>, Fault> {
    Ok(ListElement { negated, span: node.span.clone(), values: strings(node)? })
}

fn strings(node: Node<'_>) -> Result<Vec<Text<'_>>, Fault> {
    match node.value {
        Value::Array(nodes) => each(nodes, |node| string(node, "each value")),
        _ => Ok(vec![string(node, "the value")?]),
    }
}

/// Reads all elements of a list into one that is as long from the start, where `collect` would grow or shrink one.
fn each<'a, T>(nodes: Vec<Node<'a>>, read: impl Fn(Node<'a>) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
    let mut all = Vec::with_capacity(nodes.len());
    for node in nodes {
        all.push(read(node)?);
    }
    Ok(all)
}

fn string<'a>(node: Node<'a>, what: &str) -> Result<Text<'a>, Fault> {
    match node.value {
        Value::String(value) => Ok(Text { value, span: node.span }),
        _ => Err(Fault::new(&node.span, format!("{what} must be a string"))),
    }
}

fn members<'a>(node: Node<'a>, what: &str) -> Result<Vec<Member<'a>>, Fault> {
    match node.value {
        Value::Object(members) => Ok(members),
        _ => Err(Fault::new(&node.span, format!("{what} is an object"))),
    }
}
