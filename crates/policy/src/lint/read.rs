//! Reads a document as far as it can be read, and reports what has not the shape of a policy (reference iam.md 1.1 to
//! 1.5).

use super::codes::{self, Code};
use super::document::{Document, Effect, ListElement, PrincipalElement, Statement, Text};
use super::finding::{Place, Report};
use super::read_condition;
use crate::PolicyKind;
use crate::document::{PrincipalType, Version};
use crate::error::Fault;
use crate::json::{Member, Node, Value};

/// A text that is no JSON.
pub(super) fn report_fault(text: &str, fault: &Fault, report: &mut Report) {
    let place = Place { span: fault.at.clone(), path: String::new() };
    let end = if fault.at.start >= text.len() { " at the end of the document" } else { "" };
    report.add(
        &codes::JSON_SYNTAX_ERROR,
        &place,
        format!("Fix the JSON syntax error{end}: {}.", fault.reason),
    );
}

/// Reads the whole.
pub(super) fn document(kind: PolicyKind, node: Node<'_>, report: &mut Report) -> Option<Document> {
    let place = Place { span: node.span.clone(), path: String::new() };
    let mut version = None;
    let mut id = None;
    let mut statements = None;
    for member in members(node, &place, report)? {
        let at = place.member(&member.name, &member.node.span);
        match &*member.name {
            "Version" => version = Some(read_version(member.node, &at, report)),
            "Id" => id = string(member.node, &at, report),
            "Statement" => statements = Some((at.clone(), read_statements(kind, member.node, &at, report))),
            _ => unknown_element(&member, &place, report),
        }
    }
    if version.is_none() {
        let message =
            "Add a Version element. Without one the policy is read as 2008-10-17, which has no variables.";
        report.add(&codes::MISSING_VERSION, &place, message);
    }
    let (statement_place, statements) = statements.unwrap_or_else(|| (place.clone(), Some(Vec::new())));
    let statements = statements?;
    if statements.is_empty() {
        report.add(&codes::MISSING_STATEMENT, &statement_place, "Add a statement to the policy.");
    }
    let version = version.unwrap_or(Version::Missing);
    Some(Document { place, version, id, statements: statements.into_iter().flatten().collect() })
}

fn unknown_element(member: &Member<'_>, place: &Place, report: &mut Report) {
    let at = place.member(&member.name, &member.name_span);
    report.add(
        &codes::INVALID_POLICY_ELEMENT,
        &at,
        format!("The policy element {} is not valid.", member.name),
    );
}

fn read_version(node: Node<'_>, place: &Place, report: &mut Report) -> Version {
    let Some(text) = string(node, place, report) else { return Version::Missing };
    match text.value.as_str() {
        "2012-10-17" => Version::V2012,
        "2008-10-17" => Version::V2008,
        other => {
            let message = format!(
                "The version {other} is not valid. Use one of the following versions: 2012-10-17, 2008-10-17."
            );
            report.add(&codes::INVALID_VERSION, place, message);
            Version::Missing
        }
    }
}

/// `None` when the value is no statement at all, which is then reported already. A statement that is no object leaves a
/// `None` inside, so that the list does not count as empty.
fn read_statements(
    kind: PolicyKind,
    node: Node<'_>,
    place: &Place,
    report: &mut Report,
) -> Option<Vec<Option<Statement>>> {
    match node.value {
        Value::Array(nodes) => {
            let read = |(index, node): (usize, Node<'_>)| {
                let at = place.element(index, &node.span);
                statement(kind, node, &at, report)
            };
            Some(nodes.into_iter().enumerate().map(read).collect())
        }
        _ => Some(vec![Some(statement(kind, node, place, report)?)]),
    }
}

fn statement(kind: PolicyKind, node: Node<'_>, place: &Place, report: &mut Report) -> Option<Statement> {
    let mut read = Statement {
        place: place.clone(),
        sid: None,
        effect: None,
        principal: None,
        actions: None,
        resources: None,
        conditions: Vec::new(),
    };
    let mut has_effect = false;
    for member in members(node, place, report)? {
        let at = place.member(&member.name, &member.node.span);
        let negated = member.name.starts_with("Not");
        match &*member.name {
            "Sid" => read.sid = string(member.node, &at, report),
            "Effect" => {
                has_effect = true;
                read.effect = read_effect(member.node, &at, report);
            }
            "Principal" | "NotPrincipal" => {
                let value = read_principal(member.node, &at, negated, report);
                keep_first(&mut read.principal, value, "Principal", &at, report);
            }
            "Action" | "NotAction" => {
                let value = list(member.node, &at, negated, report);
                keep_first(&mut read.actions, value, "Action", &at, report);
            }
            "Resource" | "NotResource" => {
                let value = list(member.node, &at, negated, report);
                keep_first(&mut read.resources, value, "Resource", &at, report);
            }
            "Condition" => read.conditions = read_condition::conditions(member.node, &at, report),
            _ => unknown_element(&member, place, report),
        }
    }
    report_missing(kind, &read, has_effect, report);
    Some(read)
}

fn report_missing(kind: PolicyKind, statement: &Statement, has_effect: bool, report: &mut Report) {
    let mut missing = |absent: bool, code: &'static Code, message: &str| {
        if absent {
            report.add(code, &statement.place, message);
        }
    };
    missing(
        !has_effect,
        &codes::MISSING_EFFECT,
        "Add an Effect element to the policy statement with a value of Allow or Deny.",
    );
    missing(
        kind.names_principals() && statement.principal.is_none(),
        &codes::MISSING_PRINCIPAL,
        "Add a Principal element to the policy statement.",
    );
    missing(
        statement.actions.is_none(),
        &codes::MISSING_ACTION,
        "Add an Action or NotAction element to the policy statement.",
    );
    missing(
        kind.requires_resource() && statement.resources.is_none(),
        &codes::MISSING_RESOURCE,
        "Add a Resource or NotResource element to the policy statement.",
    );
}

/// An element and its `Not` form exclude each other; the first is the one that is looked at further.
fn keep_first<T>(slot: &mut Option<T>, value: T, name: &str, place: &Place, report: &mut Report) {
    if slot.is_none() {
        *slot = Some(value);
        return;
    }
    let message = format!("The policy elements {name} and Not{name} can not be used in the same statement.");
    report.add(&codes::UNSUPPORTED_ELEMENT_COMBINATION, place, message);
}

fn read_effect(node: Node<'_>, place: &Place, report: &mut Report) -> Option<Effect> {
    let text = string(node, place, report)?;
    match text.value.as_str() {
        "Allow" => Some(Effect { denies: false, place: place.clone() }),
        "Deny" => Some(Effect { denies: true, place: place.clone() }),
        other => {
            let message = format!("The effect {other} is not valid. Use Allow or Deny.");
            report.add(&codes::INVALID_EFFECT, place, message);
            None
        }
    }
}

fn read_principal(node: Node<'_>, place: &Place, negated: bool, report: &mut Report) -> PrincipalElement {
    let mut read = PrincipalElement { negated, scalar: false, place: place.clone(), entries: Vec::new() };
    match node.value {
        Value::String(value) if value == "*" => {
            read.scalar = true;
            let everyone = Text { value: value.into_owned(), place: place.clone() };
            read.entries.push((PrincipalType::Aws, everyone));
        }
        Value::Object(members) if members.is_empty() => {
            report.add(&codes::EMPTY_OBJECT_PRINCIPAL, place, "This statement includes no principals.");
        }
        Value::Object(members) => {
            for member in members {
                principal_entries(member, place, &mut read.entries, report);
            }
        }
        _ => {
            let message = "The Principal element contents are not valid. Specify a key-value pair in the \
                           Principal element.";
            report.add(&codes::INVALID_PRINCIPAL_FORMAT, place, message);
        }
    }
    read
}

fn principal_entries(
    member: Member<'_>,
    place: &Place,
    entries: &mut Vec<(PrincipalType, Text)>,
    report: &mut Report,
) {
    let kind = match &*member.name {
        "AWS" => PrincipalType::Aws,
        "Service" => PrincipalType::Service,
        "Federated" => PrincipalType::Federated,
        "CanonicalUser" => PrincipalType::CanonicalUser,
        other => {
            let at = place.member(other, &member.name_span);
            report.add(
                &codes::INVALID_PRINCIPAL_KEY,
                &at,
                format!("The principal key {other} is not valid."),
            );
            return;
        }
    };
    let at = place.member(&member.name, &member.node.span);
    let empty = matches!(&member.node.value, Value::Array(nodes) if nodes.is_empty());
    if empty {
        report.add(&codes::EMPTY_ARRAY_PRINCIPAL, &at, "This statement includes no principals.");
    }
    entries.extend(texts(member.node, &at, report).into_iter().map(|text| (kind, text)));
}

fn list(node: Node<'_>, place: &Place, negated: bool, report: &mut Report) -> ListElement {
    ListElement { negated, place: place.clone(), values: texts(node, place, report) }
}

/// One string or a list of them.
fn texts(node: Node<'_>, place: &Place, report: &mut Report) -> Vec<Text> {
    match node.value {
        Value::Array(nodes) => {
            let read = |(index, node): (usize, Node<'_>)| {
                let at = place.element(index, &node.span);
                string(node, &at, report)
            };
            nodes.into_iter().enumerate().filter_map(read).collect()
        }
        _ => string(node, place, report).into_iter().collect(),
    }
}

fn string(node: Node<'_>, place: &Place, report: &mut Report) -> Option<Text> {
    match node.value {
        Value::String(value) => Some(Text { value: value.into_owned(), place: place.clone() }),
        _ => {
            mismatch("String", place, report);
            None
        }
    }
}

pub(super) fn members<'a>(node: Node<'a>, place: &Place, report: &mut Report) -> Option<Vec<Member<'a>>> {
    match node.value {
        Value::Object(members) => Some(members),
        _ => {
            mismatch("Object", place, report);
            None
        }
    }
}

pub(super) fn mismatch(expected: &str, place: &Place, report: &mut Report) {
    let message = format!("The text does not match the expected JSON data type {expected}.");
    report.add(&codes::DATA_TYPE_MISMATCH, place, message);
}
