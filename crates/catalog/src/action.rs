//! The actions that policies speak of, as the Service Authorization Reference describes them: which kinds of
//! resource each acts on, and which condition keys it understands.

use std::cmp::Ordering;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::dataset::records;

/// An action of a service.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    /// The action in its canonical spelling, like `lambda:InvokeFunction`.
    pub action: String,
    /// `List`, `Read`, `Write`, `Permissions management, Write` or `Tagging, Write`.
    pub access_level: String,
    /// The kinds of resource that a policy can name for it. None: only `*` matches.
    pub resource_types: Vec<ResourceType>,
    /// The condition keys of the action itself; each kind of resource has more.
    pub condition_keys: Vec<String>,
}

/// A kind of resource that an action acts on.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceType {
    /// The name, like `function`.
    pub name: String,
    /// Whether every request names one.
    pub required: bool,
    /// The ARN's form, like `arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}`.
    pub arn: String,
    /// The condition keys that requests have because of this kind of resource.
    pub condition_keys: Vec<String>,
}

impl Action {
    /// Whether the action has no resource of its own, so that a statement with any resource but `*` never matches.
    pub fn wildcard_only(&self) -> bool {
        self.resource_types.is_empty()
    }

    /// The service's prefix, like `lambda`.
    pub fn service(&self) -> &str {
        self.action.split_once(':').map_or(self.action.as_str(), |(service, _)| service)
    }
}

/// Actions for which AWS publishes no resource although it authorises them on one: the action, the kind of resource
/// and its ARN. For the layer see reference lambda.md 9-3; the two others are what policies in use name and what AWS's
/// own examples show.
const AUTHORISED_ON: &[(&str, &str, &str)] = &[
    ("lambda:ListLayerVersions", "layer", "arn:${Partition}:lambda:${Region}:${Account}:layer:${LayerName}"),
    (
        "logs:DescribeLogGroups",
        "log-group",
        "arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}",
    ),
    ("s3:ListAllMyBuckets", "bucket", "arn:${Partition}:s3:::${BucketName}"),
];

/// Sorted without regard to case.
static ACTIONS: LazyLock<Vec<Action>> = LazyLock::new(|| {
    let mut actions: Vec<Action> = records(include_str!("../data/actions.json"));
    actions.iter_mut().for_each(add_unpublished_resource);
    actions.sort_by(|a, b| compare(&a.action, &b.action));
    actions
});

fn add_unpublished_resource(action: &mut Action) {
    let of_action = AUTHORISED_ON.iter().filter(|(name, ..)| *name == action.action);
    action.resource_types.extend(of_action.map(|(_, name, arn)| ResourceType {
        name: (*name).to_owned(),
        required: true,
        arn: (*arn).to_owned(),
        condition_keys: Vec::new(),
    }));
}

/// All actions that are known, sorted without regard to case. The services are events, iam, lambda, logs,
/// organizations, s3, sns, sqs, sts and xray.
pub fn actions() -> &'static [Action] {
    &ACTIONS
}

/// The action of this name, like `lambda:InvokeFunction`; case does not matter, as in policies.
pub fn action(service_action: &str) -> Option<&'static Action> {
    let at = ACTIONS.binary_search_by(|action| compare(&action.action, service_action)).ok()?;
    ACTIONS.get(at)
}

fn compare(a: &str, b: &str) -> Ordering {
    a.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(b.bytes().map(|byte| byte.to_ascii_lowercase()))
}
