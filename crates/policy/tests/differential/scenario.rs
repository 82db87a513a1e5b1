//! A request with its policies, decided by both evaluators.

use std::collections::BTreeSet;
use std::sync::Arc;

use rolecall_arn::AccountId;
use rolecall_policy::{
    AuthorizationMessage, Context, ContextValue, Decision, LayerKind, LayerPolicies, Level, Policy,
    PolicyKind, PolicySource, Principal, Request, decide, explain, simulate,
};
use rolecall_reference_evaluator as reference;
use serde_json::{Value, json};

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) principal: Principal,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) resource_account: Option<AccountId>,
    pub(crate) context: Context,
}

impl Asked {
    fn request(&self) -> Request<'_> {
        Request {
            principal: &self.principal,
            action: &self.action,
            resource: &self.resource,
            resource_account: self.resource_account,
            context: &self.context,
        }
    }
}

/// An answer in a form that both evaluators' can be brought to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) effect: reference::Effect,
    pub(crate) denied_by: Option<reference::Layer>,
    pub(crate) statements: BTreeSet<(String, usize)>,
}

/// Policies of a case, read by both.
pub(crate) struct Prepared {
    engine: LayerPolicies,
    engine_without_index: LayerPolicies,
    reference: reference::Policies,
}

/// The three answers to one request.
pub(crate) struct Answers {
    pub(crate) engine: Answer,
    pub(crate) engine_without_index: Answer,
    pub(crate) reference: Answer,
}

impl Answers {
    pub(crate) fn agree(&self) -> bool {
        self.engine == self.reference && self.engine_without_index == self.reference
    }

    /// Effects and denying layers, without the statements.
    pub(crate) fn outcomes(&self) -> [(reference::Effect, Option<reference::Layer>); 3] {
        [&self.engine, &self.engine_without_index, &self.reference]
            .map(|answer| (answer.effect, answer.denied_by))
    }
}

/// The trust policy of a role is asked, and not a policy of another resource.
pub(crate) fn is_trust(action: &str, resource: &str) -> bool {
    action.to_ascii_lowercase().starts_with("sts:")
        && resource.starts_with("arn:aws:iam:")
        && resource.contains(":role/")
}

impl Prepared {
    /// Reads the policies of a case for requests of this kind.
    pub(crate) fn new(policies: &Value, asked: &Asked) -> Self {
        let trust = is_trust(&asked.action, &asked.resource);
        let must_allow = trust || asked.action.starts_with("kms:");
        Prepared {
            engine: compile_all(policies, trust, must_allow, true),
            engine_without_index: compile_all(policies, trust, must_allow, false),
            reference: read_reference(policies, trust, must_allow),
        }
    }

    /// How many of the documents the engine cannot use.
    pub(crate) fn unusable(&self) -> usize {
        let LayerPolicies {
            resource_control,
            service_control,
            endpoint,
            resource,
            identity,
            boundary,
            session,
            ..
        } = &self.engine;
        let levels =
            resource_control.iter().chain(service_control).flatten().flat_map(|level| &level.policies);
        let lists = endpoint.iter().chain(boundary).chain(session).flatten();
        let documents = levels.chain(lists).chain(identity).map(AsRef::as_ref).chain(resource);
        documents.filter(|policy: &&Policy| policy.unusable_reason().is_some()).count()
    }

    /// Puts the decision into all the words that there are, which must not panic.
    pub(crate) fn tell(&self, asked: &Asked) {
        let (request, layers) = (asked.request(), self.engine.layers());
        let explanation = explain(&request, &layers);
        let _ = (explanation.to_string(), AuthorizationMessage::of(&explanation).to_json());
        let _ = simulate(&[request], &layers);
    }

    pub(crate) fn answers(&self, asked: &Asked) -> Answers {
        let request = asked.request();
        let theirs = reference::decide(&request, &self.reference);
        Answers {
            engine: answer(&decide(&request, &self.engine.layers())),
            engine_without_index: answer(&decide(&request, &self.engine_without_index.layers())),
            reference: Answer {
                effect: theirs.effect,
                denied_by: theirs.denied_by,
                statements: theirs.statements,
            },
        }
    }
}

fn answer(decision: &Decision) -> Answer {
    use reference::{Effect, Layer};
    let layer = |layer| match layer {
        LayerKind::ResourceControl => Layer::ResourceControl,
        LayerKind::ServiceControl => Layer::ServiceControl,
        LayerKind::Endpoint => Layer::Endpoint,
        LayerKind::Resource | LayerKind::Trust => Layer::Resource,
        LayerKind::Identity => Layer::Identity,
        LayerKind::Boundary => Layer::Boundary,
        LayerKind::Session => Layer::Session,
    };
    let effect = match decision.effect() {
        rolecall_policy::Effect::Allowed => Effect::Allowed,
        rolecall_policy::Effect::ImplicitlyDenied => Effect::ImplicitlyDenied,
        rolecall_policy::Effect::ExplicitlyDenied => Effect::ExplicitlyDenied,
    };
    let statements = decision.determining().iter();
    Answer {
        effect,
        denied_by: decision.denied_by().map(layer),
        statements: statements.map(|statement| (statement.policy().name.clone(), statement.index)).collect(),
    }
}

/// The engine's form of the policies.
fn compile_all(policies: &Value, trust: bool, must_allow: bool, with_index: bool) -> LayerPolicies {
    let compile = |kind, name: &str, document: &Value| {
        let source = PolicySource::inline(name);
        let policy = Policy::compile(kind, source.clone(), &text_of(document))
            .unwrap_or_else(|error| Policy::unusable(kind, source, error.to_string()));
        if with_index { policy } else { policy.without_index() }
    };
    let all = |kind, documents: &[(String, Value)]| {
        documents.iter().map(|(name, document)| Arc::new(compile(kind, name, document))).collect::<Vec<_>>()
    };
    let list = |kind, field: &str| named(policies, field).map(|documents| all(kind, &documents));
    let levels = |kind, field: &str| {
        let level = |level: &Vec<_>| Level { id: field.to_owned(), policies: all(kind, level) };
        named_levels(policies, field).map(|levels| levels.iter().map(level).collect())
    };
    let kind = if trust { PolicyKind::Trust } else { PolicyKind::Resource };
    LayerPolicies {
        resource_control: levels(PolicyKind::ResourceControl, "rcps"),
        service_control: levels(PolicyKind::ServiceControl, "scps"),
        endpoint: list(PolicyKind::Endpoint, "endpointPolicies"),
        resource: policies.get("resourcePolicy").map(|document| compile(kind, "resourcePolicy", document)),
        resource_must_allow: must_allow,
        identity: list(PolicyKind::Identity, "identityPolicies").unwrap_or_default(),
        boundary: list(PolicyKind::Identity, "permissionBoundaries"),
        session: list(PolicyKind::Session, "sessionPolicy"),
    }
}

fn read_reference(policies: &Value, trust: bool, must_allow: bool) -> reference::Policies {
    use reference::{Kind, ResourcePolicy};
    let read = |kind, name: &str, document: &Value| reference::Policy::read(kind, name, &text_of(document));
    let list = |kind, field: &str| {
        let documents = named(policies, field)?;
        Some(documents.iter().map(|(name, document)| read(kind, name, document)).collect::<Vec<_>>())
    };
    let levels = |kind, field: &str| {
        let levels = named_levels(policies, field)?;
        let level = |level: &Vec<(String, Value)>| {
            level.iter().map(|(name, document)| read(kind, name, document)).collect()
        };
        Some(levels.iter().map(level).collect())
    };
    let kind = if trust { Kind::Trust } else { Kind::Resource };
    reference::Policies {
        resource_control: levels(Kind::ResourceControl, "rcps"),
        service_control: levels(Kind::ServiceControl, "scps"),
        endpoint: list(Kind::Endpoint, "endpointPolicies"),
        resource: policies
            .get("resourcePolicy")
            .map(|document| ResourcePolicy { policy: read(kind, "resourcePolicy", document), must_allow }),
        identity: list(Kind::Identity, "identityPolicies").unwrap_or_default(),
        boundary: list(Kind::Identity, "permissionBoundaries"),
        session: list(Kind::Session, "sessionPolicy"),
    }
}

/// A document; one that cannot be a value is the text itself.
fn text_of(document: &Value) -> String {
    document.as_str().map_or_else(|| document.to_string(), str::to_owned)
}

/// The documents of a field with the names that the case format gives them.
fn named(policies: &Value, field: &str) -> Option<Vec<(String, Value)>> {
    let documents = policies.get(field)?.as_array()?.iter().enumerate();
    Some(documents.map(|(at, document)| (format!("{field}[{at}]"), document.clone())).collect())
}

fn named_levels(policies: &Value, field: &str) -> Option<Vec<Vec<(String, Value)>>> {
    let levels = policies.get(field)?.as_array()?.iter();
    let level = |level: &Value| {
        let id = level.get("id").and_then(Value::as_str).unwrap_or("level");
        let documents = level.get("policies").and_then(Value::as_array).into_iter().flatten().enumerate();
        documents.map(|(at, document)| (format!("{field}.{id}[{at}]"), document.clone())).collect()
    };
    Some(levels.map(level).collect())
}

/// The case in the case format, expecting what the reference says. `x-principal` tells what an ARN does not.
pub(crate) fn as_case(policies: &Value, asked: &Asked, expected: &Answer) -> Value {
    use reference::{Effect, Layer};
    let mut case = policies.clone();
    case["principal"] = match &asked.principal {
        Principal::Anonymous => json!({ "type": "Anonymous" }),
        principal => principal.caller_arn().into(),
    };
    case["x-principal"] = format!("{:?}", asked.principal).into();
    case["action"] = asked.action.clone().into();
    case["resource"] = asked.resource.clone().into();
    if let Some(account) = asked.resource_account {
        case["resourceAccount"] = account.to_string().into();
    }
    let context = asked.context.iter().map(|(key, value)| (key.to_owned(), context_value(value)));
    case["context"] = Value::Object(context.collect());
    let decision = match expected.effect {
        Effect::Allowed => "allowed",
        Effect::ImplicitlyDenied => "implicitDeny",
        Effect::ExplicitlyDenied => "explicitDeny",
    };
    let denied_by = expected.denied_by.map(|layer| match layer {
        Layer::ServiceControl => "scp",
        Layer::ResourceControl => "rcp",
        Layer::Endpoint => "endpoint",
        Layer::Resource => "resource",
        Layer::Identity => "identity",
        Layer::Boundary => "boundary",
        Layer::Session => "session",
    });
    let statements: Vec<String> =
        expected.statements.iter().map(|(policy, index)| format!("{policy}#{index}")).collect();
    case["expected"] = json!({ "decision": decision, "deniedBy": denied_by, "statements": statements });
    case
}

fn context_value(value: &ContextValue) -> Value {
    match value {
        ContextValue::One(value) => value.clone().into(),
        ContextValue::Many(values) => values.clone().into(),
    }
}
