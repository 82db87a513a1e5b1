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

fn is_allowed(line: &Line<'_>) -> bool {
    let managed = rolecall_catalog::managed_policies().iter().find(|policy| policy.name == line.policy);
    let document = managed.unwrap_or_else(|| panic!("there is no {}", line.policy)).document();
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
        assert_eq!(is_allowed(&line), *opens, "{policy}: {action} on {resource}");
    }
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
