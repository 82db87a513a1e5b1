//! What must hold for every decision, whatever the policies: the theorems that are published about Cedar's authoriser,
//! restated for IAM (reference mistakes.md 4). Policies and requests are drawn from a small world, so that near misses
//! are common.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::sync::Arc;

use proptest::prelude::*;
use rolecall_policy::{
    Context, Decision, Effect, LayerKind, Layers, Level, Policy, PolicyKind, PolicySource, Principal,
    Request, ResourceLayer, StatementRef, decide, explain,
};
use serde_json::{Value, json};

const OWN: &str = "111122223333";
const OTHER: &str = "444455556666";

/// All documents that a request can meet.
#[derive(Debug, Clone)]
struct World {
    caller: &'static str,
    action: &'static str,
    resource: &'static str,
    team: Option<&'static str>,
    identity: Vec<Vec<Value>>,
    resource_policy: Option<Vec<Value>>,
    boundary: Option<Vec<Value>>,
    session: Option<Vec<Value>>,
    scps: Option<Vec<Vec<Value>>>,
    rcps: Option<Vec<Vec<Value>>>,
    endpoint: Option<Vec<Value>>,
}

const CALLERS: [&str; 7] = [
    "arn:aws:iam::111122223333:user/ana",
    "arn:aws:iam::444455556666:user/ben",
    "arn:aws:sts::111122223333:assumed-role/deploy/ci",
    "arn:aws:sts::111122223333:federated-user/guest",
    "arn:aws:iam::111122223333:root",
    "s3.amazonaws.com",
    "anonymous",
];

fn statement(names_principals: bool) -> impl Strategy<Value = Value> {
    let effect = prop_oneof![3 => Just("Allow"), 1 => Just("Deny")];
    let action = prop::sample::select(vec![
        "lambda:InvokeFunction",
        "lambda:*",
        "*",
        "lambda:Get*",
        "s3:GetObject",
        "la*:*",
    ]);
    let resource = prop::sample::select(vec![
        "*",
        "arn:aws:lambda:us-east-1:111122223333:function:f",
        "arn:aws:lambda:us-east-1:111122223333:function:f*",
        "arn:aws:lambda:*:*:function:${aws:username}",
        "arn:aws:s3:::b",
    ]);
    let principal = prop::sample::select(vec![
        json!("*"),
        json!({"AWS": OWN}),
        json!({"AWS": OTHER}),
        json!({"AWS": CALLERS[0]}),
        json!({"AWS": "arn:aws:iam::111122223333:role/deploy"}),
        json!({"AWS": CALLERS[2]}),
        json!({"Service": "s3.amazonaws.com"}),
    ]);
    let condition = prop::sample::select(vec![
        json!({}),
        json!({}),
        json!({"StringEquals": {"aws:PrincipalTag/team": "red"}}),
        json!({"StringNotEquals": {"aws:PrincipalTag/team": "red"}}),
        json!({"Null": {"aws:PrincipalTag/team": "true"}}),
        json!({"Nonsense": {"a": "b"}}),
    ]);
    let negate = prop::bool::weighted(0.1);
    (effect, action, resource, principal, condition, negate).prop_map(
        move |(effect, action, resource, principal, condition, negate)| {
            let mut statement = json!({"Effect": effect, "Resource": resource, "Condition": condition});
            statement[if negate { "NotAction" } else { "Action" }] = json!(action);
            if names_principals {
                statement["Principal"] = principal;
            }
            statement
        },
    )
}

fn statements(names_principals: bool) -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(statement(names_principals), 1..8)
}

fn world() -> impl Strategy<Value = World> {
    let asked = (
        prop::sample::select(CALLERS.to_vec()),
        prop::sample::select(vec!["lambda:InvokeFunction", "lambda:GetFunction", "s3:GetObject"]),
        prop::sample::select(vec![
            "arn:aws:lambda:us-east-1:111122223333:function:f",
            "arn:aws:lambda:us-east-1:111122223333:function:ana",
            "arn:aws:s3:::b",
            "*",
        ]),
        prop::sample::select(vec![None, Some("red"), Some("blue")]),
    );
    let maybe = || prop::option::weighted(0.3, statements(false));
    let levels =
        |principals| prop::option::weighted(0.2, prop::collection::vec(statements(principals), 1..3));
    let documents = (
        prop::collection::vec(statements(false), 0..3),
        prop::option::of(statements(true)),
        maybe(),
        maybe(),
        levels(false),
        levels(true),
        prop::option::weighted(0.2, statements(true)),
    );
    (asked, documents).prop_map(|((caller, action, resource, team), documents)| {
        let (identity, resource_policy, boundary, session, scps, rcps, endpoint) = documents;
        World {
            caller,
            action,
            resource,
            team,
            identity,
            resource_policy,
            boundary,
            session,
            scps,
            rcps,
            endpoint,
        }
    })
}

fn compile(kind: PolicyKind, name: &str, statements: &[Value]) -> Arc<Policy> {
    let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    Arc::new(Policy::compile(kind, PolicySource::inline(name), &document).unwrap())
}

fn compile_levels(kind: PolicyKind, levels: &[Vec<Value>]) -> Vec<Level> {
    let level = |(at, statements): (usize, &Vec<Value>)| Level {
        id: at.to_string(),
        policies: vec![compile(kind, &at.to_string(), statements)],
    };
    levels.iter().enumerate().map(level).collect()
}

impl World {
    fn ask<T>(&self, ask: impl FnOnce(&Request<'_>, &Layers<'_>) -> T) -> T {
        let principal = match self.caller {
            "anonymous" => Principal::Anonymous,
            caller => Principal::parse(caller, "AIDA").unwrap(),
        };
        let mut context = Context::new();
        if let Some(team) = self.team {
            context.set("aws:PrincipalTag/team", team);
        }
        principal.add_context_keys(&mut context);
        let numbered = self.identity.iter().enumerate();
        let identity: Vec<_> =
            numbered.map(|(at, one)| compile(PolicyKind::Identity, &at.to_string(), one)).collect();
        let single =
            |kind, policy: &Option<Vec<Value>>| policy.as_ref().map(|one| vec![compile(kind, "one", one)]);
        let boundary = single(PolicyKind::Identity, &self.boundary);
        let session = single(PolicyKind::Session, &self.session);
        let endpoint = single(PolicyKind::Endpoint, &self.endpoint);
        let resource = single(PolicyKind::Resource, &self.resource_policy);
        let scps = self.scps.as_ref().map(|levels| compile_levels(PolicyKind::ServiceControl, levels));
        let rcps = self.rcps.as_ref().map(|levels| compile_levels(PolicyKind::ResourceControl, levels));
        let layers = Layers {
            resource_control: rcps.as_deref(),
            service_control: scps.as_deref(),
            endpoint: endpoint.as_deref(),
            resource: resource.as_ref().map_or(ResourceLayer::Absent, |one| ResourceLayer::Policy(&one[0])),
            identity: &identity,
            boundary: boundary.as_deref(),
            session: session.as_deref(),
        };
        let resource_account = Some(OWN.parse().unwrap());
        let request = Request {
            principal: &principal,
            action: self.action,
            resource: self.resource,
            resource_account,
            context: &context,
        };
        ask(&request, &layers)
    }

    fn decide(&self) -> Decision {
        self.ask(decide)
    }

    fn is_allowed(&self) -> bool {
        self.decide().is_allowed()
    }
}

fn position(name: &str) -> usize {
    name.parse().unwrap()
}

fn everything(effect: &str, names_principals: bool) -> Value {
    let mut statement = json!({"Effect": effect, "Action": "*", "Resource": "*"});
    if names_principals {
        statement["Principal"] = json!("*");
    }
    statement
}

/// Every list of statements of a world, with whether they name principals.
fn lists(world: &mut World) -> Vec<(&mut Vec<Value>, bool)> {
    let named = named_lists(world).into_iter();
    named.map(|(layer, _, list)| (list, of_resources(layer))).collect()
}

/// Whether the statements of a layer name principals.
fn of_resources(layer: LayerKind) -> bool {
    matches!(layer, LayerKind::Resource | LayerKind::Endpoint | LayerKind::ResourceControl)
}

/// Every list of statements of a world, with its layer and the name of its policy.
fn named_lists(world: &mut World) -> Vec<(LayerKind, String, &mut Vec<Value>)> {
    let World { identity, resource_policy, boundary, session, scps, rcps, endpoint, .. } = world;
    let mut lists = Vec::new();
    for (layer, of_layer) in [
        (LayerKind::Identity, Some(identity)),
        (LayerKind::ServiceControl, scps.as_mut()),
        (LayerKind::ResourceControl, rcps.as_mut()),
    ] {
        let numbered = of_layer.into_iter().flatten().enumerate();
        lists.extend(numbered.map(|(at, list)| (layer, at.to_string(), list)));
    }
    for (layer, list) in [
        (LayerKind::Resource, resource_policy),
        (LayerKind::Boundary, boundary),
        (LayerKind::Session, session),
        (LayerKind::Endpoint, endpoint),
    ] {
        lists.extend(list.as_mut().map(|list| (layer, "one".to_owned(), list)));
    }
    lists
}

/// The world with a drawn statement of this effect in one of its policies, where it has any.
fn with_one_more(
    world: &World,
    at: prop::sample::Index,
    effect: &str,
    alone: Value,
    with_principal: Value,
) -> World {
    let mut changed = world.clone();
    let mut lists = lists(&mut changed);
    if lists.is_empty() {
        return changed;
    }
    let at = at.index(lists.len());
    let mut statement = if lists[at].1 { with_principal } else { alone };
    statement["Effect"] = json!(effect);
    lists[at].0.push(statement);
    changed
}

proptest! {
    #[test]
    fn an_explanation_never_disagrees_with_the_decision(world in world()) {
        let decision = world.decide();
        let explanation = world.ask(explain);
        prop_assert_eq!(explanation.effect, decision.effect());
        prop_assert_eq!(explanation.denied_by, decision.denied_by());
        prop_assert_eq!(&explanation.message, &world.ask(|request, _| decision.message(request)));
        let decided: Vec<_> = decision.determining().iter().map(|one| (one.layer, one.index)).collect();
        let explained: Vec<_> = explanation.determining.iter().map(|one| (one.layer, one.index)).collect();
        prop_assert_eq!(decided, explained);
    }

    #[test]
    fn the_order_of_statements_and_policies_never_matters(world in world()) {
        let mut turned = world.clone();
        turned.identity.reverse();
        for (list, _) in lists(&mut turned) {
            list.reverse();
        }
        let (one, two) = (world.decide(), turned.decide());
        prop_assert_eq!((one.effect(), one.denied_by()), (two.effect(), two.denied_by()));
    }

    #[test]
    fn repeating_statements_never_matters(world in world()) {
        let mut doubled = world.clone();
        for (list, _) in lists(&mut doubled) {
            list.extend(list.clone());
        }
        let (one, two) = (world.decide(), doubled.decide());
        prop_assert_eq!((one.effect(), one.denied_by()), (two.effect(), two.denied_by()));
    }

    #[test]
    fn statements_about_other_services_never_matter(world in world()) {
        // Enough of them that every policy is looked at through its index.
        let mut padded = world.clone();
        for (list, names_principals) in lists(&mut padded) {
            for number in 0..6 {
                let mut other = everything(if number % 2 == 0 { "Allow" } else { "Deny" }, names_principals);
                other["Action"] = json!([format!("sqs:Action{number}"), "sns:*", "ec2:Run*"]);
                list.insert(0, other);
            }
        }
        let (one, two) = (world.decide(), padded.decide());
        prop_assert_eq!((one.effect(), one.denied_by()), (two.effect(), two.denied_by()));
    }

    #[test]
    fn a_deny_that_applies_beats_every_allow(world in world(), at in any::<prop::sample::Index>()) {
        let has_policies = !lists(&mut world.clone()).is_empty();
        let denied = with_one_more(&world, at, "Deny", everything("Deny", false), everything("Deny", true));
        let decision = denied.decide();
        // Layers that a caller does not have cannot deny: those of an account for a service, for instance.
        let has_all_layers = ["user", "assumed-role", "federated-user"].iter().any(|kind| world.caller.contains(kind));
        prop_assert!(!(has_all_layers && has_policies) || decision.effect() == Effect::ExplicitlyDenied);
        prop_assert!(world.is_allowed() || !decision.is_allowed());
    }

    #[test]
    fn an_allow_never_takes_a_permission_away(world in world(), at in any::<prop::sample::Index>()) {
        let widened = with_one_more(&world, at, "Allow", everything("Allow", false), everything("Allow", true));
        prop_assert!(!world.is_allowed() || widened.is_allowed());
    }

    #[test]
    fn a_drawn_allow_never_takes_a_permission_away(
        world in world(),
        at in any::<prop::sample::Index>(),
        (alone, named) in (statement(false), statement(true)),
    ) {
        let widened = with_one_more(&world, at, "Allow", alone, named);
        prop_assert!(!world.is_allowed() || widened.is_allowed());
    }

    #[test]
    fn a_drawn_deny_never_gives_a_permission(
        world in world(),
        at in any::<prop::sample::Index>(),
        (alone, named) in (statement(false), statement(true)),
    ) {
        let narrowed = with_one_more(&world, at, "Deny", alone, named);
        prop_assert!(world.is_allowed() || !narrowed.is_allowed());
    }

    #[test]
    fn repeating_policies_and_turning_levels_never_matters(world in world(), first in any::<prop::sample::Index>()) {
        let mut other = world.clone();
        other.identity.extend(world.identity.clone());
        if !other.identity.is_empty() {
            let at = first.index(other.identity.len());
            other.identity.rotate_left(at);
        }
        for (list, _) in lists(&mut other) {
            let at = first.index(list.len());
            list.rotate_left(at);
        }
        let (one, two) = (world.decide(), other.decide());
        prop_assert_eq!((one.effect(), one.denied_by()), (two.effect(), two.denied_by()));
    }

    #[test]
    fn the_denying_statements_deny_without_all_others(world in world()) {
        let decision = world.decide();
        if decision.effect() != Effect::ExplicitlyDenied {
            return Ok(());
        }
        let layer = decision.denied_by().unwrap();
        let denying: Vec<(String, usize)> =
            decision.determining().iter().map(|one| (one.policy().name.clone(), one.index)).collect();
        let mut alone = world.clone();
        for (of, name, list) in named_lists(&mut alone) {
            for (index, statement) in list.iter_mut().enumerate() {
                if of != layer || !denying.contains(&(name.clone(), index)) {
                    *statement = json!({"Effect": "Allow", "Action": "none:None", "Resource": "*", "Principal": "*"});
                    if !of_resources(of) {
                        statement.as_object_mut().unwrap().remove("Principal");
                    }
                }
            }
        }
        let again = alone.decide();
        prop_assert_eq!((again.effect(), again.denied_by()), (Effect::ExplicitlyDenied, Some(layer)));
        prop_assert_eq!(again.determining().len(), denying.len());
    }

    #[test]
    fn limits_never_add_a_permission(world in world()) {
        let without: [fn(&mut World); 5] = [
            |world| world.boundary = None,
            |world| if !world.caller.contains("federated-user") { world.session = None },
            |world| world.scps = None,
            |world| world.rcps = None,
            |world| world.endpoint = None,
        ];
        for remove in without {
            let mut unlimited = world.clone();
            remove(&mut unlimited);
            prop_assert!(!world.is_allowed() || unlimited.is_allowed());
        }
    }

    #[test]
    fn nothing_is_allowed_that_no_statement_allows(world in world()) {
        let mut without = world.clone();
        for (list, _) in lists(&mut without) {
            list.iter_mut().for_each(|statement| statement["Effect"] = json!("Deny"));
        }
        let own_root = world.caller.ends_with(":root");
        prop_assert!(own_root || !without.is_allowed());
        let no_grant = World { identity: Vec::new(), resource_policy: None, ..world };
        prop_assert!(own_root || !no_grant.is_allowed());
    }

    #[test]
    fn the_determining_statements_are_those_that_decide(world in world()) {
        let decision = world.decide();
        let own_root = world.caller.ends_with(":root");
        match decision.effect() {
            Effect::ImplicitlyDenied => prop_assert!(decision.determining().is_empty()),
            Effect::ExplicitlyDenied => prop_assert!(!decision.determining().is_empty()),
            Effect::Allowed => prop_assert!(own_root || !decision.determining().is_empty()),
        }
        // Taking away exactly what determined a permission takes the permission away, or leaves it to others.
        let mut without = world.clone();
        for statement in decision.determining() {
            let list = match statement.layer {
                LayerKind::Resource => without.resource_policy.as_mut(),
                LayerKind::Identity => without.identity.get_mut(position(&statement.policy().name)),
                _ => None,
            };
            if let Some(list) = list && decision.is_allowed() {
                list[statement.index] = json!({"Effect": "Allow", "Action": "none:None", "Resource": "*"});
            }
        }
        let again = without.decide();
        let gone = |one: &StatementRef| again.determining().iter().all(|other| (other.layer, &other.policy().name, other.index)
            != (one.layer, &one.policy().name, one.index));
        prop_assert!(!decision.is_allowed() || decision.determining().iter().all(gone));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[\\[\\]{}\":,a-zA-Z0-9\\\\ \n*?$.-]{0,80}") {
        for kind in [PolicyKind::Identity, PolicyKind::Trust, PolicyKind::ResourceControl] {
            let _ = rolecall_policy::validate(kind, &text);
            let _ = Policy::compile(kind, PolicySource::inline("p"), &text);
        }
    }

    #[test]
    fn no_value_makes_a_comparison_panic(operator in "(ForAnyValue:|ForAllValues:)?(String|Numeric|Date|Arn)(Equals|NotEquals|LessThan|Like)(IfExists)?|IpAddress|Bool|BinaryEquals|Null",
                                         wanted in any::<String>(), value in any::<String>()) {
        let statement = json!({"Effect": "Allow", "Action": "*", "Resource": wanted, "Condition": {operator: {"k": wanted}}});
        let policy = compile(PolicyKind::Identity, "p", &[statement]);
        let principal = Principal::parse(CALLERS[0], "AIDA").unwrap();
        let mut context = Context::new();
        context.set("k", value.as_str());
        let request = Request { principal: &principal, action: "a:b", resource: &value, resource_account: None, context: &context };
        let identity = [policy];
        let layers = Layers { identity: &identity, ..Layers::default() };
        prop_assert_eq!(explain(&request, &layers).effect, decide(&request, &layers).effect());
    }
}
