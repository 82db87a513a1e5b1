//! The forms in which Lambda keeps and shows a function's policy (reference lambda.md 2.7-2 to 2.7-4).

use std::fmt::Write as _;

use rolecall_arn::AccountId;

use crate::PolicyError;
use crate::json::{self, Member, Node, Value};

/// The members of a document and of a statement, in the order in which Lambda writes them.
const DOCUMENT: &[&str] = &["Version", "Id", "Statement"];
const STATEMENT: &[&str] = &[
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// The document as PutResourcePolicy keeps and answers it: compact, its members in one order, the statements in a list,
/// a list of one action or resource without its brackets, and the version that a document without one has.
///
/// # Errors
/// When the text is not JSON.
pub fn stored(text: &str) -> Result<String, PolicyError> {
    rewritten(text, |_| {})
}

/// The document as GetResourcePolicy shows it: as it is kept, with accounts by their root ARNs and every principal
/// once.
///
/// # Errors
/// When the text is not JSON.
pub fn shown(text: &str) -> Result<String, PolicyError> {
    rewritten(text, show_principals)
}

fn rewritten(text: &str, change: impl Fn(&mut Node<'_>)) -> Result<String, PolicyError> {
    let mut node = json::parse(text).map_err(|fault| PolicyError::new(text, super::SYNTAX, fault))?;
    order(&mut node, DOCUMENT);
    if let Value::Object(members) = &mut node.value {
        if !members.iter().any(|member| member.name == "Version") {
            let node = Node { span: 0..0, value: Value::String("2008-10-17".into()) };
            members.insert(0, Member { name: "Version".into(), name_span: 0..0, node });
        }
        for member in members.iter_mut().filter(|member| member.name == "Statement") {
            for statement in listed(&mut member.node) {
                order(statement, STATEMENT);
                unwrap_single_values(statement);
                change(statement);
            }
        }
    }
    let mut written = String::with_capacity(text.len());
    write(&node, &mut written);
    Ok(written)
}

/// Brings members into an order; members that the order does not know stay behind.
fn order(node: &mut Node<'_>, names: &[&str]) {
    let place = |name: &str| names.iter().position(|known| *known == name).unwrap_or(names.len());
    if let Value::Object(members) = &mut node.value {
        members.sort_by_key(|member| place(&member.name));
    }
}

/// The statements, after a single one was put into a list.
fn listed<'n, 'a>(node: &'n mut Node<'a>) -> &'n mut [Node<'a>] {
    if !matches!(node.value, Value::Array(_)) {
        let value = std::mem::replace(&mut node.value, Value::Null);
        node.value = Value::Array(vec![Node { span: node.span.clone(), value }]);
    }
    match &mut node.value {
        Value::Array(statements) => statements,
        _ => &mut [],
    }
}

fn unwrap_single_values(statement: &mut Node<'_>) {
    const ELEMENTS: &[&str] = &["Action", "NotAction", "Resource", "NotResource"];
    let Value::Object(members) = &mut statement.value else { return };
    for member in members.iter_mut().filter(|member| ELEMENTS.contains(&&*member.name)) {
        unwrap_single(&mut member.node);
    }
}

fn unwrap_single(node: &mut Node<'_>) {
    if let Value::Array(values) = &mut node.value
        && values.len() == 1
        && let Some(single) = values.pop()
    {
        *node = single;
    }
}

fn show_principals(statement: &mut Node<'_>) {
    let Value::Object(members) = &mut statement.value else { return };
    let is_principal = |member: &&mut Member| ["Principal", "NotPrincipal"].contains(&&*member.name);
    for element in members.iter_mut().filter(is_principal) {
        let Value::Object(kinds) = &mut element.node.value else { continue };
        for kind in kinds.iter_mut().filter(|kind| kind.name == "AWS") {
            show_names(&mut kind.node);
        }
    }
}

fn show_names(node: &mut Node<'_>) {
    match &mut node.value {
        Value::String(name) => {
            if let Ok(account) = name.parse::<AccountId>() {
                *name = crate::principal::root_arn(account).into();
            }
        }
        Value::Array(names) => {
            names.iter_mut().for_each(show_names);
            let mut seen = std::collections::HashSet::new();
            names.retain(|name| !matches!(&name.value, Value::String(text) if !seen.insert(text.clone())));
            unwrap_single(node);
        }
        _ => {}
    }
}

/// Writes compact JSON. Numbers keep the text that they were written with.
fn write(node: &Node<'_>, to: &mut String) {
    match &node.value {
        Value::Null => to.push_str("null"),
        Value::Bool(truth) => to.push_str(if *truth { "true" } else { "false" }),
        Value::Number(text) => to.push_str(text),
        Value::String(text) => write_text(text, to),
        Value::Array(nodes) => {
            to.push('[');
            for (at, node) in nodes.iter().enumerate() {
                to.push_str(if at == 0 { "" } else { "," });
                write(node, to);
            }
            to.push(']');
        }
        Value::Object(members) => {
            to.push('{');
            for (at, member) in members.iter().enumerate() {
                to.push_str(if at == 0 { "" } else { "," });
                write_text(&member.name, to);
                to.push(':');
                write(&member.node, to);
            }
            to.push('}');
        }
    }
}

fn write_text(text: &str, to: &mut String) {
    to.push('"');
    for character in text.chars() {
        match character {
            '"' => to.push_str("\\\""),
            '\\' => to.push_str("\\\\"),
            '\n' => to.push_str("\\n"),
            '\r' => to.push_str("\\r"),
            '\t' => to.push_str("\\t"),
            // Writing into a String cannot fail.
            control if control < ' ' => drop(write!(to, "\\u{:04x}", u32::from(control))),
            other => to.push(other),
        }
    }
    to.push('"');
}
