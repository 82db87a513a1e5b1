//! Lambda's API operations and what a caller has to be allowed for each. An operation is not an action: `Invoke` asks
//! for `lambda:InvokeFunction`, and `CreateFunction` asks for up to five actions.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::dataset::records;

/// An operation of Lambda's API.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LambdaOperation {
    /// The operation's name, like `Invoke`.
    pub operation: String,
    /// The action that it asks for, like `lambda:InvokeFunction`.
    pub action: String,
    /// The action's access level; none where AWS has not documented the action.
    pub access_level: Option<String>,
    /// Which ARN the action is checked on.
    pub resource_rule: ResourceRule,
    /// The kinds of resource that this ARN can be of.
    pub resource_types: Vec<String>,
    /// The condition keys that the request can have.
    pub condition_keys: Vec<String>,
    /// What else is asked for.
    pub additional_actions: Vec<AdditionalAction>,
    /// Whether a function's resource-based policy may speak of the action.
    pub usable_in_function_resource_policy: bool,
    /// Whether a layer version's policy may speak of the action.
    pub usable_in_layer_policy: bool,
}

/// A further action that an operation asks for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdditionalAction {
    /// The action, like `iam:PassRole`.
    pub action: String,
    /// What it is checked on, in words.
    pub resource: String,
    /// When it is asked for, in words.
    pub when: String,
    /// The value of `iam:PassedToService`, for `iam:PassRole`.
    pub passed_to_service: Option<String>,
    /// Whether a denial fails the operation. If not, it only leaves something out of the answer.
    pub fatal: bool,
}

/// Which ARN an operation's action is checked on. `NAME`, `QUALIFIER` and so on stand for the request's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ResourceRule {
    /// No resource: only `*` matches.
    Star,
    /// `function:NAME`, or `function:NAME:QUALIFIER` when the request has a qualifier; never the version that an
    /// alias leads to.
    FunctionAsRequested,
    /// `function:NAME`, whatever the qualifier.
    FunctionUnqualified,
    /// `function:NAME` of the function to be made, which has no tags yet.
    FunctionNew,
    /// `function:NAME`, or the alias if the request has a qualifier.
    FunctionOrAlias,
    /// `function:NAME:QUALIFIER`.
    VersionOrAlias,
    /// `event-source-mapping:UUID`.
    EventSourceMapping,
    /// `layer:NAME`.
    Layer,
    /// `layer:NAME:VERSION`.
    LayerVersion,
    /// `code-signing-config:ID`.
    CodeSigningConfig,
    /// Both the code signing configuration and the unqualified function.
    CodeSigningConfigAndFunction,
    /// `capacity-provider:NAME`.
    CapacityProvider,
    /// `function:NAME:VERSION/durable-execution/EXECUTION/ID`, where the version is never an alias.
    DurableExecution,
    /// The durable execution that the callback id belongs to.
    DurableExecutionOfCallback,
    /// The ARN in the request's `Resource` parameter.
    TaggedArn,
    /// The ARN in the request's `ResourceArn` parameter.
    PolicyResourceArn,
}

/// Sorted by name.
static OPERATIONS: LazyLock<Vec<LambdaOperation>> = LazyLock::new(|| {
    let mut operations: Vec<LambdaOperation> = records(include_str!("../data/lambda-actions.json"));
    operations.sort_unstable_by(|a, b| a.operation.cmp(&b.operation));
    operations
});

/// All operations of Lambda's API, sorted by name.
pub fn lambda_operations() -> &'static [LambdaOperation] {
    &OPERATIONS
}

/// The operation with exactly this name, like `CreateFunction`.
pub fn lambda_operation(name: &str) -> Option<&'static LambdaOperation> {
    let at = OPERATIONS.binary_search_by(|operation| operation.operation.as_str().cmp(name)).ok()?;
    OPERATIONS.get(at)
}
