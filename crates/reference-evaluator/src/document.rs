//! Reading policy documents (reference iam.md 1.1 to 1.8).

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::strict;

/// What a document is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Identity-based policies and permissions boundaries.
    Identity,
    /// Trust policies of roles.
    Trust,
    /// Policies of resources.
    Resource,
    /// Session policies.
    Session,
    /// Service control policies.
    ServiceControl,
    /// Resource control policies.
    ResourceControl,
    /// VPC endpoint policies.
    Endpoint,
}

/// A document as it was read.
#[derive(Debug, Clone)]
pub struct Policy {
    pub(crate) name: Arc<str>,
    pub(crate) kind: Kind,
    /// 2012-10-17, the version with variables.
    pub(crate) has_variables: bool,
    /// What is wrong with the document, or its statements.
    pub(crate) statements: Arc<Result<Vec<Statement>, String>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) allows: bool,
    pub(crate) principals: Principals,
    pub(crate) actions: Actions,
    pub(crate) resources: Resources,
    pub(crate) conditions: Vec<Condition>,
}

#[derive(Debug, Clone)]
pub(crate) enum Actions {
    These(Vec<String>),
    NotThese(Vec<String>),
}

#[derive(Debug, Clone)]
pub(crate) enum Resources {
    Unsaid,
    These(Vec<String>),
    NotThese(Vec<String>),
}

#[derive(Debug, Clone)]
pub(crate) enum Principals {
    /// Policies of this kind are about whomever they are attached to.
    NotApplicable,
    /// Such policies name principals, but this statement names none.
    Unsaid,
    These(Vec<Named>),
    NotThese(Vec<Named>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    Everyone,
    Aws(String),
    Service(String),
    /// An identity provider.
    Provider(String),
    /// An account by the id that S3 has for it, which nobody else can read.
    CanonicalUser,
}

/// One operator with one key.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) operator: String,
    pub(crate) key: String,
    pub(crate) values: Vec<String>,
}

impl Policy {
    /// Reads a document. One that cannot be read is kept with the reason, and denies.
    pub fn read(kind: Kind, name: &str, text: &str) -> Policy {
        let document = strict::read(text);
        let has_variables = document
            .as_ref()
            .is_ok_and(|document| document.get("Version") == Some(&Value::from("2012-10-17")));
        let statements = document.and_then(|document| read_document(kind, &document));
        Policy { name: name.into(), kind, has_variables, statements: Arc::new(statements) }
    }
}

fn read_document(kind: Kind, document: &Value) -> Result<Vec<Statement>, String> {
    let members = document.as_object().ok_or("a policy is an object")?;
    only(members, &["Version", "Id", "Statement"])?;
    match members.get("Version") {
        None => {}
        Some(Value::String(version)) if version == "2012-10-17" || version == "2008-10-17" => {}
        Some(version) => return Err(format!("there is no version {version}")),
    }
    match members.get("Statement") {
        // The grammar asks for one statement or more (reference iam.md 1.1).
        Some(Value::Array(statements)) if statements.is_empty() => Err("a policy has statements".to_owned()),
        Some(Value::Array(statements)) => statements.iter().map(|one| read_statement(kind, one)).collect(),
        Some(statement) => Ok(vec![read_statement(kind, statement)?]),
        None => Err("a policy has a Statement".to_owned()),
    }
}

fn read_statement(kind: Kind, statement: &Value) -> Result<Statement, String> {
    let members = statement.as_object().ok_or("a statement is an object")?;
    let known = [
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
    only(members, &known)?;
    let allows = match members.get("Effect").and_then(Value::as_str) {
        Some("Allow") => true,
        Some("Deny") => false,
        _ => return Err("Effect is Allow or Deny".to_owned()),
    };
    Ok(Statement {
        allows,
        principals: read_principals(kind, members)?,
        actions: match one_of(members, "Action", "NotAction")? {
            Some((true, value)) => Actions::These(texts(value)?),
            Some((false, value)) => Actions::NotThese(texts(value)?),
            None => return Err("a statement has an Action or NotAction".to_owned()),
        },
        resources: match one_of(members, "Resource", "NotResource")? {
            Some(_) if kind == Kind::Trust => return Err("a trust policy has no Resource".to_owned()),
            Some((true, value)) => Resources::These(texts(value)?),
            Some((false, value)) => Resources::NotThese(texts(value)?),
            None if matches!(kind, Kind::Trust | Kind::Resource) => Resources::Unsaid,
            None => return Err("a statement has a Resource or NotResource".to_owned()),
        },
        conditions: members.get("Condition").map_or_else(|| Ok(Vec::new()), read_conditions)?,
    })
}

fn read_principals(kind: Kind, members: &Map<String, Value>) -> Result<Principals, String> {
    let names_principals =
        matches!(kind, Kind::Trust | Kind::Resource | Kind::ResourceControl | Kind::Endpoint);
    match one_of(members, "Principal", "NotPrincipal")? {
        Some(_) if !names_principals => Err("this kind of policy names no principals".to_owned()),
        Some((true, value)) => Ok(Principals::These(read_names(value)?)),
        Some((false, _)) if matches!(kind, Kind::Trust | Kind::ResourceControl) => {
            Err("this kind of policy has no NotPrincipal".to_owned())
        }
        Some((false, value)) => Ok(Principals::NotThese(read_names(value)?)),
        None if matches!(kind, Kind::Trust | Kind::ResourceControl) => {
            Err("a Principal is required".to_owned())
        }
        None if names_principals => Ok(Principals::Unsaid),
        None => Ok(Principals::NotApplicable),
    }
}

fn read_names(value: &Value) -> Result<Vec<Named>, String> {
    if value == "*" {
        return Ok(vec![Named::Everyone]);
    }
    let members = value.as_object().ok_or("principals are '*' or an object")?;
    let mut names = Vec::new();
    for (kind, values) in members {
        // A list of principals may be empty: the statement then does not say whom it is about.
        let is_empty = values.as_array().is_some_and(Vec::is_empty);
        for text in if is_empty { Vec::new() } else { texts(values)? } {
            names.push(match kind.as_str() {
                "AWS" if text == "*" => Named::Everyone,
                "AWS" => Named::Aws(text),
                "Service" => Named::Service(text),
                "Federated" => Named::Provider(text),
                "CanonicalUser" => Named::CanonicalUser,
                other => return Err(format!("there is no kind of principal '{other}'")),
            });
        }
    }
    Ok(names)
}

fn read_conditions(value: &Value) -> Result<Vec<Condition>, String> {
    let mut conditions = Vec::new();
    for (operator, keys) in value.as_object().ok_or("conditions are an object")? {
        for (key, values) in keys.as_object().ok_or("the keys of an operator are an object")? {
            let values = match values {
                Value::Array(values) => values.iter().map(scalar).collect::<Result<_, _>>()?,
                value => vec![scalar(value)?],
            };
            conditions.push(Condition { operator: operator.clone(), key: key.clone(), values });
        }
    }
    Ok(conditions)
}

/// Numbers and booleans mean their text (reference iam.md 1.1).
fn scalar(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        _ => Err("a condition value is a string, a number or a boolean".to_owned()),
    }
}

fn texts(value: &Value) -> Result<Vec<String>, String> {
    let text =
        |value: &Value| value.as_str().map(str::to_owned).ok_or_else(|| "a string is expected".to_owned());
    match value {
        Value::Array(values) if values.is_empty() => Err("a list is empty".to_owned()),
        Value::Array(values) => values.iter().map(text).collect(),
        value => Ok(vec![text(value)?]),
    }
}

/// The one of two elements that is there, and whether it is the first.
fn one_of<'a>(
    members: &'a Map<String, Value>,
    first: &str,
    second: &str,
) -> Result<Option<(bool, &'a Value)>, String> {
    match (members.get(first), members.get(second)) {
        (Some(_), Some(_)) => Err(format!("{first} and {second} exclude each other")),
        (Some(value), None) => Ok(Some((true, value))),
        (None, Some(value)) => Ok(Some((false, value))),
        (None, None) => Ok(None),
    }
}

fn only(members: &Map<String, Value>, known: &[&str]) -> Result<(), String> {
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(format!("there is no element {name}")),
        None => Ok(()),
    }
}
