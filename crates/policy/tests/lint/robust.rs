//! Whatever the text, lint answers: it neither panics nor exhausts the stack, orders its findings, points into the
//! text, and leaves nothing without an error that the validator would refuse.

use proptest::prelude::*;
use rolecall_policy::lint::{Finding, Level, guess_kind, lint};
use rolecall_policy::{PolicyKind, validate};

use crate::catalog::Catalog;

const KINDS: [PolicyKind; 7] = [
    PolicyKind::Identity,
    PolicyKind::Trust,
    PolicyKind::Resource,
    PolicyKind::Session,
    PolicyKind::ServiceControl,
    PolicyKind::ResourceControl,
    PolicyKind::Endpoint,
];

fn check(text: &str) {
    let catalog = Catalog::read();
    guess_kind(text);
    for kind in KINDS {
        let found = lint(kind, text, &catalog);
        for finding in &found {
            assert!(text.get(finding.span.start..finding.span.end).is_some(), "{finding:?} of {text:?}");
        }
        let starts: Vec<usize> = found.iter().map(|finding| finding.span.start).collect();
        assert!(starts.is_sorted(), "{text}");
        let is_error = |finding: &Finding| finding.level == Level::Error;
        assert!(validate(kind, text).is_ok() || found.iter().any(is_error), "{kind:?} {text}");
        assert_eq!(found, lint(kind, text, &catalog));
    }
}

/// Pieces of policies, right and wrong, so that random documents get past the reader.
fn piece() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "Version",
        "Statement",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "Condition",
        "Sid",
        "AWS",
        "Service",
        "Federated",
        "StringLike",
        "ForAllValues:StringEquals",
        "Bool",
        "Null",
        "IpAddress",
        "DateLessThan",
        "lambda:Layer",
        "aws:SourceArn",
        "aws:ResourceTag/é",
        "x.y",
    ]);
    let values = prop::sample::select(vec![
        "2012-10-17",
        "Allow",
        "Deny",
        "*",
        "**",
        "lambda:*",
        "lambda:InvokeFunction",
        "s3:GetObject",
        "iam:PassRole",
        "arn:aws:lambda:eu-west-1:111122223333:function:f:live",
        "arn:aws:s3:::b/é*",
        "arn:aws",
        "arn:",
        "${",
        "${é",
        "${aws:username, 'x}",
        "::::::",
        "10.0.0.0/8",
        "fc00::/7",
        "1.2.3.4/33",
        "",
        "true",
        "\u{1F600}?",
        "AROAX",
    ]);
    let leaf = prop_oneof![
        values.prop_map(|value| serde_json::Value::from(value).to_string()),
        Just("1".to_owned()),
        Just("null".to_owned()),
    ];
    leaf.prop_recursive(6, 60, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|all| format!("[{}]", all.join(","))),
            prop::collection::btree_map(names.clone(), inner, 0..5).prop_map(|members| {
                let members: Vec<String> = members
                    .into_iter()
                    .map(|(name, value)| format!("{}:{value}", serde_json::Value::from(name)))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

fn statement() -> impl Strategy<Value = String> {
    (piece(), piece(), piece(), piece()).prop_map(|(action, resource, principal, condition)| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{action},"Resource":{resource},"Principal":{principal},"Condition":{condition}}}}}"#
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_can_be_linted(text in "\\PC{0,200}") {
        check(&text);
    }

    #[test]
    fn any_json_can_be_linted(text in piece()) {
        check(&text);
    }

    #[test]
    fn any_statement_can_be_linted(text in statement()) {
        check(&text);
    }
}

#[test]
fn hostile_documents_are_answered_soon() {
    let deep = "[".repeat(100_000);
    check(&deep);
    let action = format!("[{}]", vec!["\"lambda:*a*a*a*a*a*b\""; 500].join(","));
    let resource = format!("[{}]", vec!["\"arn:aws:lambda:*:*:function:*a*a*a*a*a*a*a*b\""; 200].join(","));
    check(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{action},"Resource":{resource}}}]}}"#
    ));
}
