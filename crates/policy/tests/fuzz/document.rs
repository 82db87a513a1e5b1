//! Documents: reading, checking, compiling and linting any text, and deciding by it.
//!
//! An input is a byte for the kind of policy and the text of the document.

use rolecall_arn::Arn;
use rolecall_policy::lint::{ActionCatalog, ActionFacts, guess_kind, lint};
use rolecall_policy::{
    Context, Policy, PolicyKind, PolicySource, Principal, StatementInfo, cases, function_policy, validate,
};
use serde_json::{Value, json};

use crate::agreement::{assert_agreement, is_askable};
use crate::scenario::Asked;
use crate::words;

/// The kinds with the field of the case format that a document of the kind stands in.
const KINDS: [(PolicyKind, &str); 7] = [
    (PolicyKind::Identity, "identityPolicies"),
    (PolicyKind::Trust, "resourcePolicy"),
    (PolicyKind::Resource, "resourcePolicy"),
    (PolicyKind::Session, "sessionPolicy"),
    (PolicyKind::ServiceControl, "scps"),
    (PolicyKind::ResourceControl, "rcps"),
    (PolicyKind::Endpoint, "endpointPolicies"),
];

/// A catalog that knows nothing.
struct Empty;

impl ActionCatalog for Empty {
    fn actions(&self) -> &[ActionFacts] {
        &[]
    }

    fn is_service_principal(&self, _: &str) -> bool {
        false
    }
}

pub(crate) fn check(input: &[u8]) {
    let [kind, text @ ..] = input else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let (kind, field) = KINDS[usize::from(*kind) % KINDS.len()];
    check_findings(kind, text);
    check_cases(text);
    check_function_policy(text);
    let valid = validate(kind, text);
    let policy = match Policy::compile(kind, PolicySource::inline("policy"), text) {
        Ok(policy) => policy,
        Err(error) => {
            assert!(valid.is_err(), "what may be stored cannot be used: {error}");
            assert!(text.get(error.span().start..error.span().end).is_some(), "{error}");
            return;
        }
    };
    // What the engine reads is JSON, so another reader reads the same.
    let document: Value = serde_json::from_str(text).unwrap();
    check_statements(&policy, &document, text);
    if has_plain_values(&document) {
        check_rewritten(&policy, kind, &document);
        check_decisions(kind, field, &document);
    }
}

/// Every finding points into the text.
fn check_findings(kind: PolicyKind, text: &str) {
    guess_kind(text);
    for finding in lint(kind, text, &Empty) {
        assert!(text.get(finding.span.start..finding.span.end).is_some(), "{finding:?}");
    }
}

/// What Lambda keeps of a document it can show, and keeps as it is when it is written again.
fn check_function_policy(text: &str) {
    let _ = function_policy::validate(text, "arn:aws:lambda:us-east-1:111122223333:function:orders");
    if let Ok(stored) = function_policy::stored(text) {
        assert_eq!(function_policy::stored(&stored).unwrap(), stored);
        function_policy::shown(&stored).unwrap();
    }
}

/// Cases are read from any text, and run, without a panic.
fn check_cases(text: &str) {
    let read = [cases::read_json("fuzz", text), cases::read_json_lines("fuzz", text)];
    for case in read.into_iter().flatten().flatten() {
        let _ = case.run(&|_| false);
    }
}

/// The statements are those of the document, each with its own text.
fn check_statements(policy: &Policy, document: &Value, text: &str) {
    let written = match &document["Statement"] {
        Value::Array(statements) => statements.clone(),
        statement => vec![statement.clone()],
    };
    assert_eq!(policy.statements().count(), written.len());
    for (statement, written) in policy.statements().zip(&written) {
        assert_eq!(text.get(statement.span.start..statement.span.end), Some(statement.text));
        assert_eq!(&serde_json::from_str::<Value>(statement.text).unwrap(), written);
        assert_eq!(statement.sid.unwrap_or_default(), written["Sid"].as_str().unwrap_or_default());
        assert_eq!(format!("{:?}", statement.effect), written["Effect"]);
    }
}

/// A document that is printed again from what it says is the same policy.
fn check_rewritten(policy: &Policy, kind: PolicyKind, document: &Value) {
    let rewritten = Policy::compile(kind, PolicySource::inline("policy"), &document.to_string()).unwrap();
    let facts =
        |statement: StatementInfo<'_>| (statement.index, statement.effect, statement.sid.map(str::to_owned));
    assert!(policy.statements().map(facts).eq(rewritten.statements().map(facts)));
}

/// Whether every value means the same to every reader: a number with a fraction may lose digits in the reader of the
/// reference evaluator, and how operators may be spelled AWS does not tell (reference iam.md 1.8).
fn has_plain_values(document: &Value) -> bool {
    match document {
        Value::Number(number) => number.is_i64() || number.is_u64(),
        Value::Array(elements) => elements.iter().all(has_plain_values),
        Value::Object(members) => members.iter().all(|(name, member)| {
            has_plain_values(member)
                && (name != "Condition"
                    || member
                        .as_object()
                        .is_some_and(|operators| operators.keys().all(|name| is_usually_spelled(name))))
        }),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

/// Whether an operator is written as in the guide, or is not like any operator.
fn is_usually_spelled(name: &str) -> bool {
    let folded = name.to_ascii_lowercase();
    let respelled = |word: &str| folded.contains(&word.to_ascii_lowercase()) && !name.contains(word);
    let words = [
        "String", "Numeric", "Date", "Bool", "Binary", "Ip", "Arn", "Null", "IfExists", "For", "Value",
        "Equals", "Not", "Like", "Than", "Ignore", "Address", "Less", "Greater", "Any", "All", "Case",
    ];
    !words.into_iter().any(respelled)
}

/// The evaluators agree about what the document says of some requests that it may be about.
fn check_decisions(kind: PolicyKind, field: &str, document: &Value) {
    if !is_askable(document) {
        return;
    }
    let allow_all = json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } });
    let mut policies = json!({ "identityPolicies": [allow_all] });
    policies[field] = match kind {
        PolicyKind::ServiceControl | PolicyKind::ResourceControl => {
            json!([{ "id": "root", "policies": [document] }])
        }
        PolicyKind::Trust | PolicyKind::Resource => document.clone(),
        _ => json!([document]),
    };
    for caller in [
        "arn:aws:iam::111122223333:user/team/ana",
        "arn:aws:sts::444455556666:assumed-role/deploy/ci",
        "s3.amazonaws.com",
    ] {
        for asked in requests(kind, caller, document) {
            assert_agreement(&policies, &asked);
        }
    }
}

/// Requests for the first action and resource that the document names, and for some that it may not name.
fn requests(kind: PolicyKind, caller: &str, document: &Value) -> Vec<Asked> {
    let principal = Principal::parse(caller, "AIDAAAAAAAAAAAAAAAAA").unwrap();
    let single = words::KEYS.iter().filter(|(_, _, is_multivalued)| !is_multivalued);
    let mut context: Context = single.map(|(key, family, _)| (key, words::values(*family)[0])).collect();
    principal.add_context_keys(&mut context);
    let statement = document.pointer("/Statement/0").unwrap_or(&document["Statement"]);
    let first = |element: &str| {
        let value = statement[element].as_str().or_else(|| statement[element][0].as_str());
        value.filter(|text| text.len() < 100).map(|text| text.replace(['*', '?'], "x"))
    };
    let asks_trust = kind == PolicyKind::Trust;
    let (action, resource) = if asks_trust {
        ("sts:AssumeRole", "arn:aws:iam::111122223333:role/app/deploy")
    } else {
        ("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111122223333:function:orders")
    };
    let is_arn = |text: &String| text.parse::<Arn>().is_ok();
    let named_resource =
        first("Resource").filter(is_arn).filter(|_| !asks_trust).unwrap_or_else(|| resource.to_owned());
    let named_action =
        first("Action").filter(|action| asks_trust == action.to_ascii_lowercase().starts_with("sts:"));
    [
        (action.to_owned(), resource.to_owned()),
        (named_action.unwrap_or_else(|| action.to_owned()), named_resource),
    ]
    .map(|(action, resource)| Asked {
        principal: principal.clone(),
        action,
        resource,
        resource_account: None,
        context: context.clone(),
    })
    .into()
}
