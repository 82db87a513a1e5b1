//! The policy of a function as PutResourcePolicy takes it: what Lambda refuses with which words, and the form in which
//! it keeps and shows the document (reference lambda.md 2.7).
//!
//! ```
//! use rolecall_policy::function_policy;
//!
//! let target = "arn:aws:lambda:us-east-1:111122223333:function:f";
//! let text = format!(
//!     r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"111122223333"}},
//!         "Action":["lambda:InvokeFunction"],"Resource":"{target}"}}}}"#
//! );
//! function_policy::validate(&text, target)?;
//! let stored = function_policy::stored(&text)?;
//! assert!(stored.starts_with(r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow""#));
//! assert!(function_policy::shown(&stored)?.contains("arn:aws:iam::111122223333:root"));
//!
//! let refused = function_policy::validate(&text, "arn:aws:lambda:us-east-1:111122223333:function:g").unwrap_err();
//! assert_eq!(refused.message(), "Policy has syntax errors.");
//! # Ok::<(), rolecall_policy::PolicyError>(())
//! ```

mod form;

use crate::document::{self, Document, ListElement, PrincipalType, RawPrincipal, RawStatement, Text};
use crate::error::Fault;
use crate::json::{self, Node, Value};
use crate::validate::{Failure, is_aws_principal, stages};
use crate::{PolicyError, StatementEffect};

pub use form::{shown, stored};

/// For everything that is wrong but a principal.
const SYNTAX: &str = "Policy has syntax errors.";
/// For an element `Principal` that names nobody, and for a name that nobody can have.
const PRINCIPAL: &str = "The provided principal was invalid. Please check the principal and try again.";
/// For a principal that is not text.
const NOT_TEXT: &str = "Syntax error at position (-1,-1)";

/// Checks a document for a target: the ARN of a function, with a qualifier where the policy is that of a version or an
/// alias. Whether the users and roles that it names exist is for the service to say.
///
/// # Errors
/// Answers Lambda's message, which it sends as an `InvalidParameterValueException`. What nobody has recorded is refused
/// as a syntax error.
pub fn validate(text: &str, target: &str) -> Result<(), PolicyError> {
    check(text, target).map_err(|(message, fault)| PolicyError::new(text, message, fault))
}

fn check(text: &str, target: &str) -> Result<(), Failure> {
    let node = json::parse(text).map_err(syntax)?;
    principals_are_text(&node)?;
    let document = document::read(text).map_err(|fault| syntax(fault.into_fault()))?;
    whole(&document).map_err(syntax)?;
    document.statements.iter().try_for_each(|statement| {
        principal(statement)?;
        about_lambda(statement).map_err(syntax)?;
        about_target(statement, target).map_err(syntax)
    })
}

fn syntax(fault: Fault) -> Failure {
    (SYNTAX.to_owned(), fault)
}

/// What does not depend on Lambda.
fn whole(document: &Document<'_>) -> Result<(), Fault> {
    stages::known_operators(document)?;
    for statement in &document.statements {
        stages::effect_case(statement)?;
        stages::literals(statement)?;
    }
    stages::unique_sids(document)?;
    stages::have_actions(document)?;
    stages::have_resources(document)
}

/// Lambda reads the principals before anything else, and has words of its own for one that is not text.
fn principals_are_text(document: &Node<'_>) -> Result<(), Failure> {
    let statements = match member(document, "Statement") {
        Some(Node { value: Value::Array(statements), .. }) => statements.as_slice(),
        Some(statement) => std::slice::from_ref(statement),
        None => &[],
    };
    for statement in statements {
        let elements = ["Principal", "NotPrincipal"].into_iter().filter_map(|name| member(statement, name));
        for element in elements {
            if let Value::Object(kinds) = &element.value
                && let Some(kind) = kinds.iter().find(|kind| !is_text(&kind.node))
            {
                let fault = Fault::new(&kind.node.span, "a principal is a text or a list of texts");
                return Err((NOT_TEXT.to_owned(), fault));
            }
        }
    }
    Ok(())
}

/// `null` is no text either, but Lambda finds that out later and calls it a syntax error.
fn is_text(node: &Node<'_>) -> bool {
    match &node.value {
        Value::String(_) | Value::Null => true,
        Value::Array(nodes) => nodes.iter().all(|node| matches!(node.value, Value::String(_))),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

fn member<'n>(node: &'n Node<'n>, name: &str) -> Option<&'n Node<'n>> {
    let Value::Object(members) = &node.value else { return None };
    members.iter().find(|member| member.name == name).map(|member| &member.node)
}

/// The principals of one statement. `Federated` can be any text; it names nobody who could call a function.
fn principal(statement: &RawStatement<'_>) -> Result<(), Failure> {
    let Some(element) = &statement.principal else {
        return Err(syntax(Fault::new(&statement.span, "the statement has no Principal")));
    };
    if element.negated && StatementEffect::of(&statement.effect) == Some(StatementEffect::Allow) {
        return Err(syntax(Fault::new(&element.span, "NotPrincipal is only for Deny")));
    }
    let refused = |fault| Err((PRINCIPAL.to_owned(), fault));
    if element.entries.is_empty() {
        return refused(Fault::new(&element.span, "the element names nobody"));
    }
    match impossible(element) {
        Some(text) => refused(Fault::new(&text.span, format!("'{}' cannot be a principal here", text.value))),
        None => Ok(()),
    }
}

fn impossible<'e>(element: &'e RawPrincipal<'e>) -> Option<&'e Text<'e>> {
    let is_possible = |(kind, text): &&(PrincipalType, Text<'_>)| match kind {
        PrincipalType::Aws => is_aws_principal(&text.value),
        PrincipalType::Service => !text.value.is_empty(),
        PrincipalType::Federated => true,
        PrincipalType::CanonicalUser => false,
    };
    element.entries.iter().find(|entry| !is_possible(entry)).map(|(_, text)| text)
}

/// Actions and condition keys are Lambda's own, or everybody's.
fn about_lambda(statement: &RawStatement<'_>) -> Result<(), Fault> {
    let foreign = |text: &Text<'_>, own: &[&str]| {
        let prefix = text.value.split_once(':').map(|(prefix, _)| prefix);
        !prefix.is_some_and(|prefix| own.iter().any(|own| own.eq_ignore_ascii_case(prefix)))
    };
    let mut actions = values(statement.actions.as_ref());
    if let Some(action) = actions.find(|action| action.value != "*" && foreign(action, &["lambda"])) {
        return Err(Fault::new(&action.span, format!("'{}' is no action of Lambda", action.value)));
    }
    let mut keys = statement.conditions.iter().map(|condition| &condition.key);
    match keys.find(|key| foreign(key, &["aws", "lambda"])) {
        Some(key) => Err(Fault::new(&key.span, format!("Lambda has no condition key '{}'", key.value))),
        None => Ok(()),
    }
}

/// A function's policy speaks of that function alone, also in `NotResource`.
fn about_target(statement: &RawStatement<'_>, target: &str) -> Result<(), Fault> {
    match values(statement.resources.as_ref()).find(|resource| resource.value != target) {
        Some(other) => Err(Fault::new(&other.span, format!("the policy is that of {target}"))),
        None => Ok(()),
    }
}

fn values<'e>(element: Option<&'e ListElement<'e>>) -> impl Iterator<Item = &'e Text<'e>> {
    element.into_iter().flat_map(|element| &element.values)
}
