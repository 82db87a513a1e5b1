//! Decisions as data: policies, a request and what must come out. Our own suite, people's own policy tests and
//! collections from elsewhere share this form, and `rolecall policy test` runs it.
//!
//! A policy of a case is called by the field that it stands in and its place there: `identityPolicies[0]`,
//! `resourcePolicy`, `permissionBoundaries[0]`, `sessionPolicy[0]`, `scps.root[0]`, `rcps.root[0]`,
//! `endpointPolicies[0]`; a statement by the policy and its `Sid` or place: `identityPolicies[0]#Own`. An empty list
//! is the same as an absent field.
//!
//! ```
//! use rolecall_policy::cases;
//!
//! let text = r#"{
//!     "id": "ana invokes what is hers",
//!     "principal": "arn:aws:iam::111122223333:user/ana",
//!     "action": "lambda:InvokeFunction",
//!     "resource": "arn:aws:lambda:us-east-1:111122223333:function:ana-orders",
//!     "identityPolicies": [{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "lambda:*",
//!         "Resource": "arn:aws:lambda:*:*:function:${aws:username}-*"}]}],
//!     "expected": {"decision": "allowed"}
//! }"#;
//! for case in cases::read_json("functions.json", text)? {
//!     // Which actions have no resource tells a catalog; here there is none.
//!     let outcome = case.run(&|_| false)?;
//!     assert!(outcome.differences.is_empty(), "{}: {:?}", case.id, outcome.differences);
//! }
//! # Ok::<(), rolecall_policy::cases::CaseError>(())
//! ```

mod run;

use std::collections::{BTreeMap, HashSet};

use rolecall_arn::AccountId;
use serde::Deserialize;
use serde_json::Value;

use crate::{ContextValue, Effect, LayerKind};

pub use run::{Outcome, caller};

/// One decision with its expected outcome.
#[derive(Debug, Clone)]
pub struct Case {
    /// The name of the case, unique in its file.
    pub id: String,
    fields: Fields,
}

/// The text is not in the form of a case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("case {id}: {reason}")]
pub struct CaseError {
    /// The case, or the file and position when it has no name.
    pub id: String,
    /// What is wrong.
    pub reason: String,
}

/// Fields that say where a case comes from and change nothing.
const IGNORED: &[&str] = &["source", "suite", "tags", "votes", "asserted", "contested"];

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Fields {
    id: Option<String>,
    principal: PrincipalField,
    action: String,
    resource: String,
    resource_account: Option<AccountId>,
    #[serde(default)]
    context: BTreeMap<String, ContextValue>,
    wildcard_only_action: Option<bool>,
    #[serde(default)]
    identity_policies: Vec<Value>,
    resource_policy: Option<Value>,
    #[serde(default)]
    permission_boundaries: Vec<Value>,
    session_policy: Option<Value>,
    #[serde(default)]
    scps: Vec<LevelField>,
    #[serde(default)]
    rcps: Vec<LevelField>,
    #[serde(default)]
    endpoint_policies: Vec<Value>,
    expected: Expected,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum PrincipalField {
    Text(String),
    Typed {
        #[serde(rename = "type")]
        kind: String,
    },
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct LevelField {
    id: String,
    policies: Vec<Value>,
}

/// What a case expects.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Expected {
    decision: ExpectedDecision,
    denied_by: Option<DeniedBy>,
    statements: Option<Vec<String>>,
    message: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum ExpectedDecision {
    Allowed,
    ImplicitDeny,
    ExplicitDeny,
    Denied,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum DeniedBy {
    Rcp,
    Scp,
    Endpoint,
    Resource,
    Identity,
    Boundary,
    Session,
}

/// The case format's word for an effect: `allowed`, `implicitDeny` or `explicitDeny`.
pub fn decision_word(effect: Effect) -> &'static str {
    match effect {
        Effect::Allowed => "allowed",
        Effect::ImplicitlyDenied => "implicitDeny",
        Effect::ExplicitlyDenied => "explicitDeny",
    }
}

/// The case format's word for a layer: `rcp`, `scp`, `endpoint`, `resource`, `identity`, `boundary` or `session`.
pub fn layer_word(layer: LayerKind) -> &'static str {
    match DeniedBy::of(layer) {
        DeniedBy::Rcp => "rcp",
        DeniedBy::Scp => "scp",
        DeniedBy::Endpoint => "endpoint",
        DeniedBy::Resource => "resource",
        DeniedBy::Identity => "identity",
        DeniedBy::Boundary => "boundary",
        DeniedBy::Session => "session",
    }
}

impl ExpectedDecision {
    fn covers(self, effect: Effect) -> bool {
        match self {
            ExpectedDecision::Allowed => effect == Effect::Allowed,
            ExpectedDecision::ImplicitDeny => effect == Effect::ImplicitlyDenied,
            ExpectedDecision::ExplicitDeny => effect == Effect::ExplicitlyDenied,
            ExpectedDecision::Denied => effect != Effect::Allowed,
        }
    }
}

impl DeniedBy {
    /// The trust policy of a role is the role's resource policy.
    fn of(layer: LayerKind) -> Self {
        match layer {
            LayerKind::ResourceControl => DeniedBy::Rcp,
            LayerKind::ServiceControl => DeniedBy::Scp,
            LayerKind::Endpoint => DeniedBy::Endpoint,
            LayerKind::Resource | LayerKind::Trust => DeniedBy::Resource,
            LayerKind::Identity => DeniedBy::Identity,
            LayerKind::Boundary => DeniedBy::Boundary,
            LayerKind::Session => DeniedBy::Session,
        }
    }
}

/// Reads the cases of a `.json` file: a list or one case. `name` names cases that have no `id`.
///
/// # Errors
/// When the text is not JSON, a case is malformed, or two have the same `id`.
pub fn read_json(name: &str, text: &str) -> Result<Vec<Case>, CaseError> {
    let value: Value = serde_json::from_str(text).map_err(|error| refused(name, &error))?;
    from_value(name, value)
}

/// Reads the cases of a `.jsonl` file, one a line.
///
/// # Errors
/// When a line is not JSON, its case is malformed, or two have the same `id`.
pub fn read_json_lines(name: &str, text: &str) -> Result<Vec<Case>, CaseError> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let cases: Result<Vec<Case>, CaseError> = lines
        .map(|(at, line)| {
            let id = format!("{name}:{}", at + 1);
            let value = serde_json::from_str(line).map_err(|error| refused(&id, &error))?;
            Case::from_value(id, value)
        })
        .collect();
    cases.and_then(with_unique_ids)
}

/// A case that another of its file has the name of could not be told from it in a report.
fn with_unique_ids(cases: Vec<Case>) -> Result<Vec<Case>, CaseError> {
    let mut seen = HashSet::new();
    match cases.iter().find(|case| !seen.insert(case.id.as_str())) {
        None => Ok(cases),
        Some(again) => {
            let reason = "another case of the file has the same id".to_owned();
            Err(CaseError { id: again.id.clone(), reason })
        }
    }
}

/// Reads cases that another format (YAML) was turned into: a list or one case.
///
/// # Errors
/// When a case is malformed, or two have the same `id`.
pub fn from_value(name: &str, value: Value) -> Result<Vec<Case>, CaseError> {
    match value {
        Value::Array(values) => {
            let numbered = values.into_iter().enumerate();
            let cases: Result<Vec<Case>, CaseError> =
                numbered.map(|(at, value)| Case::from_value(format!("{name}:{}", at + 1), value)).collect();
            cases.and_then(with_unique_ids)
        }
        value => Ok(vec![Case::from_value(name.to_owned(), value)?]),
    }
}

impl Case {
    fn from_value(id: String, mut value: Value) -> Result<Case, CaseError> {
        if let Value::Object(members) = &mut value {
            members.retain(|name, _| !name.starts_with("x-") && !IGNORED.contains(&name.as_str()));
        }
        let fields: Fields = serde_json::from_value(value).map_err(|error| refused(&id, &error))?;
        Ok(Case { id: fields.id.clone().unwrap_or(id), fields })
    }

    /// The IAM action that the case asks about.
    pub fn action(&self) -> &str {
        &self.fields.action
    }
}

fn refused(id: &str, error: &serde_json::Error) -> CaseError {
    CaseError { id: id.to_owned(), reason: error.to_string() }
}
