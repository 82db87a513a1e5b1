//! What can be compiled and what cannot, who can call, and what the public types do beside deciding: things that no
//! decision shows.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::sync::Arc;

use rolecall_policy::{
    Context, ContextValue, Decision, Layers, Policy, PolicyKind, PolicySource, Principal, Request,
    ResourceLayer, decide, validate,
};

const KINDS: [PolicyKind; 7] = [
    PolicyKind::Identity,
    PolicyKind::Trust,
    PolicyKind::Resource,
    PolicyKind::Session,
    PolicyKind::ServiceControl,
    PolicyKind::ResourceControl,
    PolicyKind::Endpoint,
];

/// The kinds of policy that a statement with these elements, beside `Effect` and `Action`, can be compiled in.
fn compilable_in(elements: &str) -> Vec<PolicyKind> {
    let text =
        format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":"s3:*"{elements}}}}}"#);
    let compiles = |kind: &PolicyKind| Policy::compile(*kind, PolicySource::inline("p"), &text).is_ok();
    KINDS.into_iter().filter(compiles).collect()
}

#[test]
fn each_kind_of_policy_has_the_elements_that_it_must_have_and_no_others() {
    use PolicyKind::{Endpoint, Identity, Resource, ResourceControl, ServiceControl, Session, Trust};
    let cases = [
        (r#","Resource":"*""#, vec![Identity, Resource, Session, ServiceControl, Endpoint]),
        ("", vec![Resource]),
        (r#","Principal":"*""#, vec![Trust, Resource]),
        (r#","NotPrincipal":{"AWS":"111122223333"}"#, vec![Resource]),
        (r#","Principal":"*","Resource":"*""#, vec![Resource, ResourceControl, Endpoint]),
        (r#","NotPrincipal":{"AWS":"111122223333"},"Resource":"*""#, vec![Resource, Endpoint]),
    ];
    for (elements, expected) in cases {
        assert_eq!(compilable_in(elements), expected, "{elements}");
    }
}

#[test]
fn only_arns_and_variables_can_be_stored_as_values_of_arn_operators() {
    for (value, is_storable) in [
        ("arn:aws:s3:::b", true),
        ("a*:aws:s3:::b", true),
        ("${aws:PrincipalArn}", true),
        ("arn:aws:s3:::${aws:username}", true),
        ("bucket", false),
        ("arn:aws:s3", false),
        ("urn:aws:s3:::b", false),
    ] {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{{"ArnLike":{{"aws:SourceArn":"{value}"}}}}}}}}"#
        );
        assert_eq!(validate(PolicyKind::Identity, &text).is_ok(), is_storable, "{value}");
    }
}

#[test]
fn callers_are_read_from_arns_and_names_of_services_and_from_nothing_else() {
    let good = [
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::111122223333:user/ana",
        "arn:aws:iam::111122223333:user/team/ana",
        "arn:aws:sts::111122223333:assumed-role/deploy/ci",
        "arn:aws:sts::111122223333:federated-user/guest",
        "s3.amazonaws.com",
        "alexa-appkit.amazon.com",
    ];
    for text in good {
        assert_eq!(Principal::parse(text, "AIDAX").unwrap().caller_arn(), text);
    }
    let role = Principal::parse("arn:aws:iam::111122223333:role/app/deploy", "AROAX").unwrap();
    assert_eq!(role.caller_arn(), "arn:aws:sts::111122223333:assumed-role/deploy/session");
    let bad = [
        "",
        "ana",
        "arn:aws:iam::111122223333:user",
        "arn:aws:iam::111122223333:user/",
        "arn:aws:iam::111122223333:role",
        "arn:aws:iam::111122223333:role/",
        "arn:aws:iam::111122223333:group/g",
        "arn:aws:iam::111122223333:root/x",
        "arn:aws:iam:::user/ana",
        "arn:aws-cn:iam::111122223333:user/ana",
        "arn:aws-us-gov:sts::111122223333:assumed-role/deploy/ci",
        "arn:aws-cn:iam::111122223333:root",
        "arn:aws:iam::111122223333:oidc-provider/",
        "arn:aws:iam::111122223333:saml-provider/",
        "arn:aws:sts::111122223333:assumed-role/deploy",
        "arn:aws:sts::111122223333:federated-user/",
        "arn:aws:s3:::b",
        ".amazonaws.com",
        "s3.amazonaws.com/x",
        "s 3.amazonaws.com",
        "s3.example.com",
    ];
    for text in bad {
        assert!(Principal::parse(text, "AIDAX").is_err(), "{text}");
    }
}

#[test]
fn the_root_user_is_called_by_its_arn_in_the_context() {
    let root = Principal::parse("arn:aws:iam::111122223333:root", "").unwrap();
    let mut context = Context::new();
    root.add_context_keys(&mut context);
    assert_eq!(context.get("aws:PrincipalArn"), Some(&ContextValue::from("arn:aws:iam::111122223333:root")));
}

#[test]
fn a_key_is_taken_out_in_any_spelling() {
    let mut context: Context = [("aws:RequestTag/Team", "red"), ("b", "2")].into_iter().collect();
    assert_eq!(context.remove("AWS:requesttag/team"), Some(ContextValue::from("red")));
    assert_eq!(context.remove("aws:RequestTag/Team"), None);
    assert_eq!(context.iter().collect::<Vec<_>>(), [("b", &ContextValue::from("2"))]);
}

#[test]
fn a_key_that_is_known_beforehand_is_set_like_any_other() {
    let mut context = Context::with_capacity(2);
    context.set_known("aws:RequestTag/Team", "red");
    context.set("aws:requesttag/TEAM", "blue");
    assert_eq!(context.get("aws:RequestTag/team"), Some(&ContextValue::from("blue")));
}

/// Ana asks for `s3:GetObject` with one policy.
fn decided_by(name: &str, text: &str) -> Decision {
    let policy = Policy::compile(PolicyKind::Identity, PolicySource::inline(name), text).unwrap();
    let principal = Principal::parse("arn:aws:iam::111122223333:user/ana", "AIDAX").unwrap();
    let request = Request {
        principal: &principal,
        action: "s3:GetObject",
        resource: "arn:aws:s3:::b/k",
        resource_account: principal.account(),
        context: &Context::new(),
    };
    decide(&request, &Layers { identity: &[Arc::new(policy)], ..Layers::default() })
}

#[test]
fn decisions_are_the_same_when_the_same_statement_of_the_same_policy_made_them() {
    const OTHER: &str = r#"{"Effect":"Allow","Action":"sqs:*","Resource":"*"}"#;
    const STATEMENT: &str = r#"{"Sid":"Get","Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
    let text = format!(r#"{{"Statement":[{OTHER},{STATEMENT}]}}"#);
    let decision = decided_by("p", &text);
    let statement = &decision.determining()[0];
    assert_eq!((statement.index, statement.sid()), (1, Some("Get")));
    assert_eq!(text.get(statement.span().start..statement.span().end), Some(STATEMENT));
    assert_eq!(decision, decided_by("p", &text));
    let moved = format!(r#"{{"Statement":[{STATEMENT},{OTHER}]}}"#);
    for (name, text) in [
        ("q", text.as_str()),
        ("p", moved.as_str()),
        ("p", &text.replace("Get", "Put")),
        ("p", &text.replace("sqs:", "sns:Longer")),
        ("p", &text.replace("Allow", "Deny")),
    ] {
        assert_ne!(decision, decided_by(name, text), "{name} {text}");
    }
}

#[test]
fn the_statements_that_decided_are_named_once_each_in_their_order() {
    const OTHER: &str = r#"{"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:::q"}"#;
    const TWICE: &str = r#"{"Effect":"Allow","Action":["s3:Get*","s3:GetObject"],"Resource":["arn:aws:s3:::b/*","arn:aws:s3:::b/k"]}"#;
    const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    let policy = |statements: &[&str]| {
        let text = format!(r#"{{"Statement":[{}]}}"#, statements.join(","));
        Arc::new(Policy::compile(PolicyKind::Identity, PolicySource::inline("p"), &text).unwrap())
    };
    let many = [[OTHER; 9].as_slice(), &[ALL, TWICE, TWICE, OTHER, ALL]].concat();
    let policies = [policy(&[TWICE]), policy(&[TWICE, ALL]), policy(&many), policy(&[ALL, OTHER, TWICE])];
    let principal = Principal::parse("arn:aws:iam::111122223333:user/ana", "AIDAX").unwrap();
    let request = Request {
        principal: &principal,
        action: "s3:GetObject",
        resource: "arn:aws:s3:::b/k",
        resource_account: principal.account(),
        context: &Context::new(),
    };
    let decision = decide(&request, &Layers { identity: &policies, ..Layers::default() });
    let places: Vec<usize> = decision.determining().iter().map(|statement| statement.index).collect();
    assert_eq!(places, [0, 0, 1, 9, 10, 11, 13, 0, 2]);
}

#[test]
fn a_context_keeps_the_first_or_the_last_value_as_it_is_asked() {
    let mut context = Context::with_capacity(2);
    assert!(!context.contains("aws:SourceIp"));
    context.set_known("aws:SourceIp", "192.0.2.1");
    assert!(context.contains("AWS:sourceip") && !context.contains("aws:SourceVpc"));
    assert!(!context.insert("aws:sourceIP", "192.0.2.2"));
    assert_eq!(context.get("aws:SourceIp"), Some(&ContextValue::from("192.0.2.1")));
    context.set_known("aws:sourceip", "192.0.2.3");
    assert_eq!(context.get("aws:SourceIp"), Some(&ContextValue::from("192.0.2.3")));
    assert!(context.insert("aws:SourceVpc", "vpc-1"));
    assert_eq!(context.iter().count(), 2);
}

#[test]
fn the_reason_of_a_denial_by_trust_is_there_for_those_who_may_have_it() {
    let text = r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}}"#;
    let policy = Policy::compile(PolicyKind::Trust, PolicySource::inline("trust"), text).unwrap();
    let principal = Principal::parse("arn:aws:iam::111122223333:user/ana", "AIDA").unwrap();
    let context = Context::new();
    let request = Request {
        principal: &principal,
        action: "sts:AssumeRole",
        resource: "arn:aws:iam::111122223333:role/deploy",
        resource_account: None,
        context: &context,
    };
    let layers = Layers { resource: ResourceLayer::Required(&policy), ..Layers::default() };
    let decision = decide(&request, &layers);
    assert_eq!(decision.reason("sts:AssumeRole"), "with an explicit deny in the role trust policy");
}
