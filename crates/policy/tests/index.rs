//! A policy with many statements is looked up, not read through. Whatever form a resource is written in, the statement
//! must be found among the others as it is found alone.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::sync::Arc;

use rolecall_policy::{Context, Layers, Policy, PolicyKind, PolicySource, Principal, Request, decide};
use serde_json::{Value, json};

/// A resource as a policy writes it, and one that it is about.
const RESOURCES: &[(&str, &str)] = &[
    ("arn:aws:lambda:us-east-1:111122223333:function:whole", "whole"),
    ("arn:aws:lambda:us-east-1:111122223333:function:start*", "start-of-it"),
    ("arn:aws:lambda:us-east-1:111122223333:function:in*side", "in-and-outside"),
    ("arn:aws:lambda:us-east-1:111122223333:function:one-?", "one-1"),
    ("arn:aws:lambda:us-east-1:111122223333:function:*-end", "the-end"),
    ("arn:aws:lambda:*:111122223333:function:any-region", "any-region"),
    ("arn:aws:lambda:*:111122223333:function:any-region-start*", "any-region-started"),
    ("arn:aws:lambda:us-*:*:function:any-account-?", "any-account-1"),
    ("arn:aws:lambda:*:*:*:any-kind", "any-kind"),
    ("arn:aws:lambda:us-east-1:*:function:${aws:username}-own", "ana-own"),
    ("arn:aws:lambda:*:*:function:own-${aws:username}", "own-ana"),
    ("arn:aws:lambda:us-east-1:111122223333:function:${aws:username}", "ana"),
    (
        "arn:aws:lambda:us-east-1:111122223333:function:a-name-that-is-as-long-as-the-name-of-a-function-may-be",
        "a-name-that-is-as-long-as-the-name-of-a-function-may-be",
    ),
    (
        "arn:aws:lambda:*:111122223333:function:another-name-that-is-as-long-as-the-name-of-a-function*",
        "another-name-that-is-as-long-as-the-name-of-a-function-may-be",
    ),
];

/// Statements about the same action and other functions.
const OTHERS: usize = 100;

fn statement(action: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

/// The places of the statements that allow `ana` the function.
fn allowing(statements: &[Value], function: &str) -> Vec<usize> {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let policy = Policy::compile(PolicyKind::Identity, PolicySource::inline("many"), &text).unwrap();
    let identity = [Arc::new(policy)];
    let principal = Principal::parse("arn:aws:iam::111122223333:user/ana", "AIDAX").unwrap();
    let mut context = Context::new();
    principal.add_context_keys(&mut context);
    let request = Request {
        principal: &principal,
        action: "lambda:InvokeFunction",
        resource: &format!("arn:aws:lambda:us-east-1:111122223333:function:{function}"),
        resource_account: None,
        context: &context,
    };
    let decision = decide(&request, &Layers { identity: &identity, ..Layers::default() });
    decision.determining().iter().map(|statement| statement.index).collect()
}

#[test]
fn a_statement_is_found_among_many_as_it_is_alone() {
    for action in ["lambda:InvokeFunction", "lambda:Invoke*", "*"] {
        let mut many: Vec<Value> = RESOURCES.iter().map(|(written, _)| statement(action, written)).collect();
        many.extend((0..OTHERS).map(|number| {
            statement(action, &format!("arn:aws:lambda:us-east-1:111122223333:function:other-{number}"))
        }));
        for (at, (written, function)) in RESOURCES.iter().enumerate() {
            assert_eq!(allowing(&[statement(action, written)], function), [0], "{written} alone, {action}");
            assert_eq!(allowing(&many, function), [at], "{written} among many, {action}");
        }
        assert_eq!(allowing(&many, "nobodys"), [0; 0], "{action}");
    }
}
