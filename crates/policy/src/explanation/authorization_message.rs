//! The message inside the encoded authorization message of a denial, which STS's DecodeAuthorizationMessage turns back
//! into JSON (reference iam.md 5.14). Encoding it is for the service; here is what it says.

use serde::Serialize;

use super::{Explanation, StatementRecord};
use crate::document::{self, ListElement, RawStatement};
use crate::{ContextValue, Effect, LayerKind, StatementEffect};

/// What DecodeAuthorizationMessage shows of a decision, in AWS's order of members.
///
/// ```
/// use rolecall_policy::{AuthorizationMessage, Context, Layers, Principal, Request, explain};
///
/// let ana = Principal::parse("arn:aws:iam::111122223333:user/ana", "AIDAEXAMPLE")?;
/// let context = Context::new();
/// let request = Request {
///     principal: &ana,
///     action: "ec2:DescribeVpcs",
///     resource: "*",
///     resource_account: None,
///     context: &context,
/// };
/// let message = AuthorizationMessage::of(&explain(&request, &Layers::default()));
/// assert!(message.to_json().starts_with(r#"{"allowed":false,"explicitDeny":false,"matchedStatements":{"items":[]}"#));
/// # Ok::<(), rolecall_policy::PrincipalError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorizationMessage {
    /// Whether the request was allowed.
    pub allowed: bool,
    /// Whether a statement denied it.
    pub explicit_deny: bool,
    /// The statements that denied; none for an implicit denial.
    pub matched_statements: Items<MessageStatement>,
    /// Always empty at AWS.
    pub failures: Items<MessageValue>,
    /// What was asked.
    pub context: MessageContext,
}

/// AWS's form of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Items<T> {
    /// The elements.
    pub items: Vec<T>,
}

/// AWS's form of a text in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessageValue {
    /// The text.
    pub value: String,
}

/// A statement that denied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageStatement {
    /// Its `Sid`, empty where it has none.
    pub statement_id: String,
    /// `ALLOW` or `DENY`.
    pub effect: &'static str,
    /// Whom it names; for a policy of the caller, the caller's unique id.
    pub principals: Items<MessageValue>,
    /// Always empty at AWS.
    pub principal_groups: Items<MessageValue>,
    /// The values of `Action`.
    pub actions: Items<MessageValue>,
    /// The values of `Resource`.
    pub resources: Items<MessageValue>,
    /// The condition keys with their values; AWS leaves the operators out.
    pub conditions: Items<MessageCondition>,
}

/// A condition key with its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessageCondition {
    /// The key.
    pub key: String,
    /// Its values.
    pub values: Items<MessageValue>,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessageContext {
    /// Who asked.
    pub principal: MessagePrincipal,
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// The parts of the resource's ARN under keys of their own, then the condition keys of the request.
    pub conditions: Items<MessageCondition>,
}

/// Who asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessagePrincipal {
    /// The value of `aws:userid`.
    pub id: String,
    /// The caller's ARN.
    pub arn: String,
}

impl AuthorizationMessage {
    /// The message about a decision, whose explanation may have been stored meanwhile.
    pub fn of(explanation: &Explanation) -> Self {
        let explicit_deny = explanation.effect == Effect::ExplicitlyDenied;
        let id = user_id(explanation);
        let denying = explanation.determining.iter().filter(|_| explicit_deny);
        AuthorizationMessage {
            allowed: explanation.effect == Effect::Allowed,
            explicit_deny,
            matched_statements: items(denying.map(|record| MessageStatement::of(record, &id))),
            failures: items([]),
            context: MessageContext::of(explanation, id),
        }
    }

    /// The text of `DecodedMessage`.
    pub fn to_json(&self) -> String {
        // There is nothing in the message that JSON could not hold.
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn user_id(explanation: &Explanation) -> String {
    let mut keys = explanation.request.context.iter();
    let found = keys.find(|(key, _)| key.eq_ignore_ascii_case("aws:userid"));
    found.and_then(|(_, value)| value.values().first()).cloned().unwrap_or_default()
}

impl MessageStatement {
    fn of(record: &StatementRecord, caller: &str) -> Self {
        // A policy that cannot be used denies without a statement.
        let statement = document::read_statement(&record.text).ok();
        let statement = statement.as_ref();
        MessageStatement {
            statement_id: record.sid.clone().unwrap_or_default(),
            effect: match record.effect {
                StatementEffect::Allow => "ALLOW",
                StatementEffect::Deny => "DENY",
            },
            principals: items(principals(record.layer, statement, caller).into_iter().map(value)),
            principal_groups: items([]),
            actions: listed(statement.and_then(|statement| statement.actions.as_ref())),
            resources: listed(statement.and_then(|statement| statement.resources.as_ref())),
            conditions: items(
                statement.into_iter().flat_map(|statement| &statement.conditions).map(|raw| {
                    condition(&raw.key.value, raw.values.iter().map(|text| text.value.to_string()))
                }),
            ),
        }
    }
}

/// The policies of the caller are about the caller, whom AWS then shows by the unique id without the session's name.
fn principals(layer: LayerKind, statement: Option<&RawStatement<'_>>, caller: &str) -> Vec<String> {
    match layer {
        LayerKind::Identity | LayerKind::Boundary | LayerKind::Session => {
            vec![caller.split(':').next().unwrap_or_default().to_owned()]
        }
        _ => {
            let element = statement.and_then(|statement| statement.principal.as_ref());
            let named = element.into_iter().flat_map(|element| &element.entries);
            named.map(|(_, text)| text.value.to_string()).collect()
        }
    }
}

impl MessageContext {
    fn of(explanation: &Explanation, id: String) -> Self {
        let request = &explanation.request;
        let keys = request.context.iter().map(|(key, value)| match value {
            ContextValue::One(one) => condition(key, [one.clone()]),
            ContextValue::Many(many) => condition(key, many.iter().cloned()),
        });
        MessageContext {
            principal: MessagePrincipal { id, arn: request.principal.clone() },
            action: request.action.clone(),
            resource: request.resource.clone(),
            conditions: items(resource_keys(&request.resource).into_iter().chain(keys)),
        }
    }
}

/// The parts of the resource's ARN, which AWS shows like condition keys; none for an action without resource.
fn resource_keys(resource: &str) -> Vec<MessageCondition> {
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let ["arn", _, service, region, account, name] = parts.as_slice() else { return Vec::new() };
    let kind = name.split(['/', ':']).next().unwrap_or_default();
    let keys = [
        ("aws:Region", *region),
        ("aws:Service", *service),
        ("aws:Resource", *name),
        ("aws:Type", kind),
        ("aws:Account", *account),
        ("aws:ARN", resource),
    ];
    keys.map(|(key, value)| condition(key, [value.to_owned()])).into()
}

fn items<T>(items: impl IntoIterator<Item = T>) -> Items<T> {
    Items { items: items.into_iter().collect() }
}

fn value(value: String) -> MessageValue {
    MessageValue { value }
}

fn listed(element: Option<&ListElement<'_>>) -> Items<MessageValue> {
    let values = element.filter(|element| !element.negated).into_iter().flat_map(|element| &element.values);
    items(values.map(|text| value(text.value.to_string())))
}

fn condition(key: &str, values: impl IntoIterator<Item = String>) -> MessageCondition {
    MessageCondition { key: key.to_owned(), values: items(values.into_iter().map(value)) }
}
