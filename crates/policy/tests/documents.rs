//! Runs the documents in `tests/documents` through the validator: AWS's exact message must come out, or none. A
//! document that is a JSON string is the text itself, for what is not JSON.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot set itself up fails")]

use std::path::Path;

use rolecall_policy::{Policy, PolicyError, PolicyKind, PolicySource, function_policy, validate};
use serde_json::Value;

fn kind(name: &str) -> PolicyKind {
    match name {
        "identity" => PolicyKind::Identity,
        "trust" => PolicyKind::Trust,
        "session" => PolicyKind::Session,
        "resource" => PolicyKind::Resource,
        "endpoint" => PolicyKind::Endpoint,
        "serviceControl" => PolicyKind::ServiceControl,
        "resourceControl" => PolicyKind::ResourceControl,
        other => panic!("there is no kind {other}"),
    }
}

fn documents(file: &str) -> Vec<(String, PolicyKind, String, Option<String>)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents").join(file);
    let rows: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let text = |document: &Value| document.as_str().map_or_else(|| document.to_string(), str::to_owned);
    let row = |row: &Value| {
        let id = row["id"].as_str().unwrap().to_owned();
        (
            id,
            kind(row["kind"].as_str().unwrap()),
            text(&row["document"]),
            row["message"].as_str().map(Into::into),
        )
    };
    rows.iter().map(row).collect()
}

fn check(file: &str) {
    let mut failures = Vec::new();
    for (id, kind, text, expected) in documents(file) {
        let result = validate(kind, &text);
        let message = result.as_ref().err().map(|error| error.message().to_owned());
        if message != expected {
            failures.push(format!("{id}: expected {expected:?}, got {result:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn identity_policies_get_the_message_of_the_first_stage_that_fails() {
    check("identity.json");
}

#[test]
fn other_kinds_of_policy_get_their_own_messages() {
    check("other-kinds.json");
}

#[test]
fn what_can_be_stored_can_be_compiled() {
    for file in ["identity.json", "other-kinds.json"] {
        for (id, kind, text, expected) in documents(file) {
            let compiled = Policy::compile(kind, PolicySource::inline("a policy"), &text);
            assert!(expected.is_some() || compiled.is_ok(), "{id}: {compiled:?}");
        }
    }
}

#[test]
fn a_member_that_is_written_twice_is_found_everywhere() {
    let statement =
        r#""Effect":"Allow","Principal":{"AWS":"*"},"Action":"*","Condition":{"Bool":{"a:b":true}}"#;
    let texts = [
        format!(r#"{{"Id":"a","Id":"b","Statement":{{{statement}}}}}"#),
        format!(r#"{{"Statement":{{{statement},"Sid":"a","Sid":"a"}}}}"#),
        format!(r#"{{"Statement":{{{}}}}}"#, statement.replace(r#""AWS":"*""#, r#""AWS":[],"AWS":"*""#)),
        format!(r#"{{"Statement":{{{}}}}}"#, statement.replace(r#""Bool":"#, r#""Bool":{},"\u0042ool":"#)),
        format!(r#"{{"Statement":{{{}}}}}"#, statement.replace("true", r#"true,"a:b":true"#)),
    ];
    for text in texts {
        let error = Policy::compile(PolicyKind::Resource, PolicySource::inline("p"), &text).unwrap_err();
        assert!(error.reason().ends_with("is written twice"), "{text}: {error}");
    }
    // AWS does not tell apart keys by their case, but JSON does.
    let text = format!(r#"{{"Statement":{{{}}}}}"#, statement.replace("true", r#"true,"A:B":true"#));
    assert!(Policy::compile(PolicyKind::Resource, PolicySource::inline("p"), &text).is_ok());
}

#[test]
fn an_error_points_at_the_place() {
    let text = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\"Effect\": \"Permit\"}\n  ]\n}";
    let error = validate(PolicyKind::Identity, text).unwrap_err();
    assert_eq!((error.span().line, error.span().column), (4, 16));
    assert_eq!(&text[error.span().start..error.span().end], "\"Permit\"");
    assert_eq!(error.reason(), "Effect is Allow or Deny");
    assert!(error.to_string().contains("line 4, column 16"), "{error}");
}

#[test]
fn policies_of_functions_are_refused_kept_and_shown_as_lambda_does() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents/function-policies.json");
    let rows: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(rows.len() > 63 && rows.iter().filter(|row| row["message"].is_null()).count() > 46);
    for row in rows {
        let (id, document) = (&row["id"], &row["document"]);
        let text = document.as_str().map_or_else(|| document.to_string(), str::to_owned);
        let refused = function_policy::validate(&text, row["target"].as_str().unwrap()).err();
        assert_eq!(refused.as_ref().map(PolicyError::message), row["message"].as_str(), "{id}: {refused:?}");
        if refused.is_some() {
            continue;
        }
        let stored = function_policy::stored(&text).unwrap();
        for (form, text) in [("stored", &stored), ("shown", &function_policy::shown(&stored).unwrap())] {
            let compiled = Policy::compile(PolicyKind::Resource, PolicySource::inline("f"), text);
            assert!(compiled.is_ok(), "{id}: {compiled:?}");
            if let Some(expected) = row[form].as_str() {
                assert_eq!(text, expected, "{id}");
            }
        }
    }
}
