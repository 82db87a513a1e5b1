//! A decision asks for no memory: an allocator that counts watches decisions of every kind.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::fmt::Write as _;
use std::sync::Arc;

use allocation_counter::measure;
use rolecall_policy::{
    Context, Decision, Effect, LayerKind, Layers, Level, Policy, PolicyKind, PolicySource, Principal,
    Request, ResourceLayer, decide,
};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:";
const FULL_ACCESS: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const SERVICES: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":["iam:*"],"Resource":"*"}}"#;
const REGIONS: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"*","Resource":"*"},
    {"Effect":"Deny","Action":"lambda:Delete*","Resource":"*",
     "Condition":{"StringNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/root-*"},
                  "ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/${aws:PrincipalTag/team}"}}}]}"#;
const RESOURCE: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/ana"},"Action":"lambda:GetFunction",
     "Resource":"arn:aws:lambda:us-east-1:111122223333:function:own"},
    {"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"*",
     "Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}]}"#;

fn policy(kind: PolicyKind, text: &str) -> Arc<Policy> {
    Arc::new(
        Policy::compile(kind, PolicySource::managed("policy", "arn:aws:iam::aws:policy/P"), text).unwrap(),
    )
}

/// Thousands of statements with conditions of every family and policy variables.
fn many_statements() -> String {
    let mut text = String::from(r#"{"Version":"2012-10-17","Statement":["#);
    for number in 0..2_000 {
        write!(
            text,
            r#"{{"Effect":"Allow","Action":["lambda:InvokeFunction","lambda:Get*"],
               "Resource":"{FUNCTION}f{number}-${{aws:username}}*","Condition":{{
               "StringEqualsIgnoreCase":{{"aws:PrincipalTag/team":"Red"}},
               "IpAddress":{{"aws:SourceIp":["192.0.2.0/24","2001:db8::/32"]}},
               "DateLessThan":{{"aws:CurrentTime":"2030-01-01T00:00:00Z"}},
               "NumericLessThan":{{"lambda:Count":"10.5"}},
               "ForAnyValue:StringLike":{{"aws:TagKeys":["te*","${{aws:username}}"]}},
               "Bool":{{"aws:SecureTransport":"true"}}}}}},"#
        )
        .unwrap();
    }
    text.pop();
    text + "]}"
}

fn context(principal: &Principal) -> Context {
    let mut context: Context = [
        ("aws:PrincipalTag/team", "red"),
        ("aws:SourceIp", "192.0.2.17"),
        ("aws:CurrentTime", "2026-11-23T08:00:00Z"),
        ("aws:SecureTransport", "true"),
        ("lambda:Count", "10.25"),
    ]
    .into_iter()
    .collect();
    context.set("aws:TagKeys", vec!["stage".to_owned(), "team".to_owned()]);
    principal.add_context_keys(&mut context);
    context
}

#[test]
fn a_decision_asks_for_no_memory() {
    let ana = Principal::parse("arn:aws:iam::111122223333:user/ana", "AIDAX").unwrap();
    let context = context(&ana);
    let identity = [policy(PolicyKind::Identity, &many_statements()), policy(PolicyKind::Identity, REGIONS)];
    let few = &identity[..1];
    let session = [policy(PolicyKind::Session, FULL_ACCESS)];
    let boundary = [policy(PolicyKind::Identity, SERVICES)];
    let resource = policy(PolicyKind::Resource, RESOURCE);
    let level =
        |text| Level { id: "r-1".to_owned(), policies: vec![policy(PolicyKind::ServiceControl, text)] };
    let service_control = [level(FULL_ACCESS), level(REGIONS)];
    let layers = Layers {
        service_control: Some(&service_control),
        resource: ResourceLayer::Policy(&resource),
        boundary: Some(&boundary),
        session: Some(&session),
        ..Layers::default()
    };
    let (all, few) = (Layers { identity: &identity, ..layers }, Layers { identity: few, ..layers });
    let cases = [
        (&few, "lambda:InvokeFunction", "f1999-ana-live", Effect::Allowed, None),
        (&few, "lambda:GetFunction", "f0-ana", Effect::Allowed, None),
        (&few, "lambda:GetFunction", "own", Effect::Allowed, None),
        (&few, "lambda:InvokeFunction", "f1-ben", Effect::ImplicitlyDenied, Some(LayerKind::Identity)),
        (&few, "sqs:SendMessage", "f1-ana", Effect::ImplicitlyDenied, Some(LayerKind::Identity)),
        (&all, "iam:CreateUser", "f1-ana", Effect::ImplicitlyDenied, Some(LayerKind::Boundary)),
        (&all, "lambda:DeleteFunction", "f1-ana", Effect::ExplicitlyDenied, Some(LayerKind::ServiceControl)),
    ];
    for (layers, action, name, effect, denied_by) in cases {
        let resource = format!("{FUNCTION}{name}");
        let request = Request {
            principal: &ana,
            action,
            resource: &resource,
            resource_account: ana.account(),
            context: &context,
        };
        let mut decision: Option<Decision> = None;
        let counted = measure(|| decision = Some(decide(&request, layers)));
        let decision = decision.unwrap();
        assert_eq!((decision.effect(), decision.denied_by()), (effect, denied_by), "{action} {name}");
        assert_eq!(counted.count_total, 0, "{action} {name}");
    }
}
