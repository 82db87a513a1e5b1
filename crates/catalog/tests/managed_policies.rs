//! What each policy that AWS manages for Lambda opens and what it leaves closed, decided by the engine from the text in
//! the catalog. The lines are in `managed-policies.txt`.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot set itself up fails"
)]

use std::collections::BTreeSet;

use rolecall_policy::{Context, Layers, Policy, PolicyKind, PolicySource, Principal, Request, decide};
use serde_json::{Value, json};

const LINES: &str = include_str!("managed-policies.txt");

/// The policy that leaves nothing closed.
const EVERYTHING: &str = "AdministratorAccess";

/// One line: whether the policy opens it, the action, the resource and the condition keys.
struct Line<'a> {
    policy: &'a str,
    opens: bool,
    action: &'a str,
    resource: &'a str,
    keys: Vec<(&'a str, &'a str)>,
}

fn lines() -> Vec<Line<'static>> {
    let mut policy = "";
    let mut lines = Vec::new();
    for text in LINES.lines().filter(|text| !text.is_empty() && !text.starts_with('#')) {
        let words: Vec<&str> = text.split(' ').collect();
        let [sign, action, resource, keys @ ..] = words.as_slice() else {
            policy = text;
            continue;
        };
        let keys = keys.iter().map(|key| key.split_once('=').expect("a key and its value")).collect();
        lines.push(Line { policy, opens: *sign == "+", action, resource, keys });
    }
    lines
}

fn document_of(name: &str) -> &'static str {
    let managed = rolecall_catalog::managed_policies().iter().find(|policy| policy.name == name);
    managed.unwrap_or_else(|| panic!("there is no {name}")).document()
}

/// The statements of a policy, each as a document of its own.
fn statements_of(name: &str) -> Vec<Value> {
    let document: Value = serde_json::from_str(document_of(name)).unwrap();
    let statements = match &document["Statement"] {
        Value::Array(statements) => statements.clone(),
        statement => vec![statement.clone()],
    };
    statements.into_iter().map(|one| json!({ "Version": "2012-10-17", "Statement": one })).collect()
}

/// Whether a line is about what a statement could be too wide for: another action of its services. A statement that opens
/// whole services leaves only other services closed, and one with `NotAction` speaks of all.
fn speaks_of(document: &Value, line: &Line<'_>) -> bool {
    let statement = &document["Statement"];
    let actions: Vec<&str> = texts(&statement["Action"]);
    let whole = texts(&statement["Resource"]) == ["*"] && actions.iter().all(|action| action.ends_with(":*"));
    let service = line.action.split(':').next();
    whole || actions.iter().any(|action| action.split(':').next() == service)
}

/// The text or texts of a member.
fn texts(member: &Value) -> Vec<&str> {
    match member {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        value => value.as_str().into_iter().collect(),
    }
}

fn is_allowed(line: &Line<'_>, document: &str) -> bool {
    let policy = Policy::compile(PolicyKind::Identity, PolicySource::inline(line.policy), document).unwrap();
    let identity = [policy.into()];
    let principal = Principal::parse("arn:aws:sts::111122223333:assumed-role/r/s", "AROAEXAMPLE:s").unwrap();
    let mut context = Context::new();
    for (key, value) in &line.keys {
        context.set(key, *value);
    }
    let request = Request {
        principal: &principal,
        action: line.action,
        resource: line.resource,
        resource_account: None,
        context: &context,
    };
    decide(&request, &Layers { identity: &identity, ..Layers::default() }).is_allowed()
}

#[test]
fn every_policy_opens_what_its_text_opens_and_nothing_else() {
    for line in lines() {
        let Line { policy, action, resource, opens, .. } = &line;
        assert_eq!(is_allowed(&line, document_of(policy)), *opens, "{policy}: {action} on {resource}");
    }
}

#[test]
fn every_statement_opens_a_line_by_itself_and_has_one_that_it_leaves_closed() {
    let lines = lines();
    let names: BTreeSet<&str> = lines.iter().map(|line| line.policy).collect();
    let mut without = Vec::new();
    for name in names {
        for (number, document) in statements_of(name).iter().enumerate() {
            let text = document.to_string();
            let mut of_policy = lines.iter().filter(|line| line.policy == name);
            let opens = of_policy.clone().any(|line| line.opens && is_allowed(line, &text));
            let closes = of_policy.any(|line| !line.opens && speaks_of(document, line));
            let has_both = opens && (closes || name == EVERYTHING);
            if !has_both {
                without
                    .push(format!("{name}, statement {}: opens {opens}, leaves closed {closes}", number + 1));
            }
        }
    }
    assert_eq!(without, [] as [String; 0]);
}

#[test]
fn every_policy_has_something_that_it_opens_and_something_that_it_leaves_closed() {
    let of_kind = |opens: bool| -> BTreeSet<&str> {
        lines().iter().filter(|line| line.opens == opens).map(|line| line.policy).collect()
    };
    let named = of_kind(true);
    let limited: BTreeSet<&str> = named.iter().copied().filter(|name| *name != EVERYTHING).collect();
    assert_eq!(limited, of_kind(false));
    let lambda = rolecall_catalog::managed_policies().iter();
    let missing: Vec<&str> =
        lambda.map(|policy| policy.name.as_str()).filter(|name| !named.contains(name)).collect();
    assert_eq!(missing, [] as [&str; 0]);
}
