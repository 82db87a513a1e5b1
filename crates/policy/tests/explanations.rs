//! What an explanation tells people: the policy's ARN, what came near and why it failed, and policies that cannot be
//! used.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::sync::Arc;

use rolecall_policy::{
    Context, Effect, Element, Explanation, LayerKind, LayerOutcome, Layers, Level, Policy, PolicyKind,
    PolicySource, Principal, Request, ResourceLayer, StatementEffect, decide, explain,
};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:f";
const ARN: &str = "arn:aws:iam::111122223333:policy/Guard";

fn policy(kind: PolicyKind, source: PolicySource, text: &str) -> Arc<Policy> {
    Arc::new(Policy::compile(kind, source, text).unwrap())
}

fn inline(text: &str) -> Arc<Policy> {
    policy(PolicyKind::Identity, PolicySource::inline("user/ana inline policy work"), text)
}

fn managed(kind: PolicyKind, text: &str) -> Arc<Policy> {
    policy(kind, PolicySource::managed("policy/Guard", ARN), text)
}

fn ask<T>(caller: &str, layers: &Layers<'_>, ask: impl FnOnce(&Request<'_>, &Layers<'_>) -> T) -> T {
    let principal = Principal::parse(caller, "AIDAX").unwrap();
    let mut context = Context::new();
    context.set("aws:SourceIp", "192.0.2.1");
    principal.add_context_keys(&mut context);
    let action = "lambda:InvokeFunction";
    ask(
        &Request {
            principal: &principal,
            action,
            resource: FUNCTION,
            resource_account: None,
            context: &context,
        },
        layers,
    )
}

const ANA: &str = "arn:aws:iam::111122223333:user/ana";
const BEN: &str = "arn:aws:iam::444455556666:user/ben";
const ALLOW: &str = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const DENY: &str = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
const DENY_ALL_CALLERS: &str =
    r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#;

#[test]
fn an_explicit_denial_names_the_managed_policy_where_aws_does() {
    let denying = [managed(PolicyKind::Identity, DENY)];
    let level = |kind, text| [Level { id: "root".into(), policies: vec![managed(kind, text)] }];
    let scps = level(PolicyKind::ServiceControl, DENY);
    let rcps = level(PolicyKind::ResourceControl, DENY_ALL_CALLERS);
    let endpoint = [managed(PolicyKind::Endpoint, DENY_ALL_CALLERS)];
    let resource = managed(PolicyKind::Resource, DENY_ALL_CALLERS);
    let none = Layers::default;
    let cases = [
        (Layers { identity: &denying, ..none() }, "an identity-based policy", true, false),
        (Layers { boundary: Some(&denying), ..none() }, "a permissions boundary", true, false),
        (Layers { session: Some(&denying), ..none() }, "a session policy", true, false),
        (Layers { service_control: Some(&scps), ..none() }, "a service control policy", true, true),
        (Layers { resource_control: Some(&rcps), ..none() }, "a resource control policy", true, false),
        (Layers { endpoint: Some(&endpoint), ..none() }, "a VPC endpoint policy", false, false),
        (
            Layers { resource: ResourceLayer::Policy(&resource), ..none() },
            "a resource-based policy",
            false,
            false,
        ),
    ];
    for (layers, words, same_account, other_account) in cases {
        for (caller, named) in [(ANA, same_account), (BEN, other_account)] {
            let suffix = if named { format!(": {ARN}") } else { String::new() };
            let reason = ask(caller, &layers, decide).reason("lambda:InvokeFunction");
            assert_eq!(reason, format!("with an explicit deny in {words}{suffix}"), "{caller}");
        }
    }
}

#[test]
fn a_resource_control_policy_is_named_inside_its_organization_only() {
    let policies = vec![managed(PolicyKind::ResourceControl, DENY_ALL_CALLERS)];
    let rcps = [Level { id: "root".into(), policies }];
    let layers = Layers { resource_control: Some(&rcps), ..Layers::default() };
    let own = Some("o-own");
    for (caller, callers, owners, named) in [
        (BEN, own, own, true),
        (BEN, Some("o-other"), own, false),
        (BEN, None, own, false),
        (BEN, own, None, false),
        (BEN, None, None, false),
        (ANA, None, None, true),
        ("s3.amazonaws.com", None, own, false),
    ] {
        let reason = ask(caller, &layers, |request, layers| {
            let mut context = request.context.clone();
            for (key, organization) in [("aws:PrincipalOrgID", callers), ("aws:ResourceOrgID", owners)] {
                organization.into_iter().for_each(|id| context.set(key, id));
            }
            decide(&Request { context: &context, ..*request }, layers).reason("lambda:InvokeFunction")
        });
        let suffix = if named { format!(": {ARN}") } else { String::new() };
        let expected = format!("with an explicit deny in a resource control policy{suffix}");
        assert_eq!(reason, expected, "{caller} {callers:?} {owners:?}");
    }
}

#[test]
fn an_allowed_request_has_no_reason() {
    let identity = [inline(ALLOW)];
    let decision = ask(ANA, &Layers { identity: &identity, ..Layers::default() }, decide);
    assert_eq!((decision.effect(), decision.reason("lambda:InvokeFunction").as_str()), (Effect::Allowed, ""));
}

#[test]
fn near_misses_come_nearest_first_and_say_what_failed() {
    let identity = [inline(
        r#"{"Version": "2012-10-17", "Statement": [
            {"Sid": "OtherAction", "Effect": "Allow", "Action": "lambda:GetFunction", "Resource": "*"},
            {"Sid": "OtherService", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b"},
            {"Sid": "OtherFunction", "Effect": "Allow", "Action": "lambda:*",
             "Resource": "arn:aws:lambda:us-east-1:111122223333:function:g"},
            {"Sid": "Office", "Effect": "Allow", "Action": "lambda:*", "Resource": "*",
             "Condition": {"IpAddress": {"aws:SourceIp": ["198.51.100.0/24"]}, "Bool": {"aws:Mfa": "true"}}},
            {"Sid": "Never", "Effect": "Deny", "Action": "lambda:Delete*", "Resource": "*"}]}"#,
    )];
    let explanation = ask(ANA, &Layers { identity: &identity, ..Layers::default() }, explain);
    let missing = explanation.missing.as_ref().unwrap();
    let needed =
        format!("an Allow for lambda:InvokeFunction on {FUNCTION} in an identity-based policy of user/ana");
    assert_eq!(missing.needed, needed);
    let sids: Vec<_> =
        missing.near_misses.iter().map(|near| near.statement.sid.as_deref().unwrap()).collect();
    assert_eq!(sids, ["OtherFunction", "Office", "OtherAction"]);
    let office = &missing.near_misses[1];
    assert_eq!((office.statement.index, office.statement.span.line), (3, 6));
    let address = &office.mismatches[0];
    assert_eq!(address.element, Element::Condition);
    assert_eq!(address.why, "IpAddress aws:SourceIp wants [198.51.100.0/24] and the request has '192.0.2.1'");
    assert_eq!(office.mismatches[1].why, "Bool aws:Mfa wants [true] and the request does not have the key");
    assert!(office.statement.text.starts_with(r#"{"Sid": "Office""#));
}

#[test]
fn each_layer_says_its_part() {
    let identity = [inline(ALLOW)];
    let text =
        r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"777788889999"},"Action":"*","Resource":"*"}}"#;
    let resource = policy(PolicyKind::Resource, PolicySource::inline("the policy of function f"), text);
    let layers =
        Layers { identity: &identity, resource: ResourceLayer::Policy(&resource), ..Layers::default() };
    let explanation = ask(BEN, &layers, explain);
    assert_eq!(explanation.denied_by, Some(LayerKind::Resource));
    let part = |layer| explanation.layers.iter().find(|part| part.layer == layer).unwrap();
    let said = part(LayerKind::Resource);
    assert_eq!(said.outcome, LayerOutcome::Silent);
    assert_eq!(said.why, "resource-based policy: no statement names this principal");
    assert_eq!(part(LayerKind::Identity).outcome, LayerOutcome::Allowed);
    assert_eq!(part(LayerKind::Boundary).why, "the caller has no permissions boundary");
    let words = explanation.to_string();
    assert!(
        words.contains("DENIED: nothing allows it") && words.contains("the policy of function f"),
        "{words}"
    );
}

#[test]
fn what_no_policy_can_allow_is_told_apart_from_what_none_allows() {
    let identity = [inline(ALLOW)];
    let layers = Layers { identity: &identity, ..Layers::default() };
    let explanation = ask(ANA, &layers, |request, layers| {
        let resource = "arn:aws:iam::aws:policy/AWSLambda_FullAccess";
        explain(&Request { action: "iam:DeletePolicy", resource, ..*request }, layers)
    });
    assert_eq!((explanation.effect, explanation.denied_by), (Effect::ImplicitlyDenied, None));
    let identity = explanation.layers.iter().find(|part| part.layer == LayerKind::Identity).unwrap();
    assert_eq!(identity.outcome, LayerOutcome::Allowed);
    let needed = "a policy of the account's own: nobody but AWS changes AWS's managed policies";
    assert_eq!(explanation.missing.as_ref().unwrap().needed, needed);
    assert!(explanation.to_string().starts_with("DENIED: no policy can allow it\n"), "{explanation}");
}

#[test]
fn a_policy_that_cannot_be_used_denies_and_says_so() {
    let source = || PolicySource::inline("role/deploy inline policy old");
    let broken = |kind| Arc::new(Policy::unusable(kind, source(), "line 3: unknown element".into()));
    let (good, identity) = ([inline(ALLOW)], [inline(ALLOW), broken(PolicyKind::Identity)]);
    let (list, resource) = ([broken(PolicyKind::Identity)], broken(PolicyKind::Resource));
    let level = [Level { id: "root".into(), policies: vec![broken(PolicyKind::ServiceControl)] }];
    let base = || Layers { identity: &good, ..Layers::default() };
    let cases = [
        (LayerKind::Identity, Layers { identity: &identity, ..base() }),
        (LayerKind::Boundary, Layers { boundary: Some(&list), ..base() }),
        (LayerKind::Session, Layers { session: Some(&list), ..base() }),
        (LayerKind::Endpoint, Layers { endpoint: Some(&list), ..base() }),
        (LayerKind::ServiceControl, Layers { service_control: Some(&level), ..base() }),
        (LayerKind::Resource, Layers { resource: ResourceLayer::Policy(&resource), ..base() }),
    ];
    for (layer, layers) in cases {
        let explanation: Explanation = ask(ANA, &layers, explain);
        assert_eq!((explanation.effect, explanation.denied_by), (Effect::ExplicitlyDenied, Some(layer)));
        assert_eq!(explanation.determining[0].text, "line 3: unknown element");
        assert!(
            explanation.to_string().contains("cannot be used and so denies everything: line 3"),
            "{explanation}"
        );
    }
    assert_eq!(broken(PolicyKind::Identity).statements().count(), 0);
}

#[test]
fn an_attached_limit_without_documents_allows_nothing() {
    let identity = [inline(ALLOW)];
    let base = || Layers { identity: &identity, ..Layers::default() };
    let cases = [
        (LayerKind::Boundary, Layers { boundary: Some(&[]), ..base() }),
        (LayerKind::Session, Layers { session: Some(&[]), ..base() }),
        (LayerKind::Endpoint, Layers { endpoint: Some(&[]), ..base() }),
    ];
    for (layer, layers) in cases {
        assert_eq!(ask(ANA, &layers, decide).denied_by(), Some(layer));
    }
}

#[test]
fn a_policy_lists_its_statements() {
    let text = r#"{"Statement": [{"Sid": "One", "Effect": "Allow", "Action": "*", "Resource": "*"},
  {"Sid": "", "Effect": "Deny", "Action": "iam:*", "Resource": "*"}]}"#;
    let policy = inline(text);
    let [one, two] = policy.statements().collect::<Vec<_>>().try_into().unwrap();
    assert_eq!((one.sid, one.index, one.effect, one.span.line), (Some("One"), 0, StatementEffect::Allow, 1));
    assert_eq!((two.sid, two.index, two.effect), (None, 1, StatementEffect::Deny));
    assert_eq!((two.span.line, two.span.column), (2, 3));
    assert!(two.text.starts_with(r#"{"Sid": """#) && two.text.ends_with('}'));
}
