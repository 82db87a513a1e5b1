//! IAM's errors: AWS's code, status and words, declared together (reference iam.md 7.2).

use rolecall_wire::ServiceError;

use crate::entity::EntityKind;

/// Why IAM refuses a call that was allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IamError {
    /// A user, group or role does not exist.
    #[error("The {kind} with name {name} cannot be found.")]
    NoEntity { kind: EntityKind, name: String },
    /// A user, group or role has no inline policy of the name.
    #[error("The {kind} policy with name {name} cannot be found.")]
    NoInlinePolicy { kind: EntityKind, name: String },
    /// The access key is not the user's, or does not exist.
    #[error("The Access Key with id {0} cannot be found.")]
    NoAccessKey(String),
    /// The managed policy does not exist, or is not attached.
    #[error("Policy {0} was not found.")]
    NoPolicy(String),
    /// The managed policy to attach does not exist.
    #[error("Policy {0} does not exist or is not attachable.")]
    NotAttachable(String),
    /// The version of the managed policy does not exist.
    #[error("Policy {arn} version {version} does not exist or is not attachable.")]
    NoPolicyVersion { arn: String, version: String },
    /// The permissions boundary is not a managed policy that exists.
    #[error("Scope ARN: {0} does not exist or is not attachable.")]
    NoBoundary(String),
    /// The user is not in the group.
    #[error("User {user} is not in group {group}.")]
    NotInGroup { user: String, group: String },
    /// The account has not this alias.
    #[error("The account alias {0} cannot be found.")]
    NoAlias(String),
    /// A user, group or role has the name already.
    #[error("{} with name {name} already exists.", kind.capitalized())]
    EntityExists { kind: EntityKind, name: String },
    /// A managed policy has the name already.
    #[error("A policy called {0} already exists. Duplicate names are not allowed.")]
    PolicyExists(String),
    /// An account has the alias already.
    #[error("The account alias {0} already exists.")]
    AliasExists(String),
    /// There are as many of something as there may be.
    #[error("Cannot exceed quota for {name}: {limit}")]
    Quota { name: &'static str, limit: usize },
    /// The inline policies together are too long.
    #[error("Maximum policy size of {limit} bytes exceeded for {kind} {name}")]
    InlineSize { kind: EntityKind, name: String, limit: usize },
    /// The managed policy has as many versions as it may have.
    #[error(
        "A managed policy can have up to {} versions. Before you create a new version, you must delete an existing \
         version.",
        crate::quota::VERSIONS_PER_POLICY
    )]
    TooManyVersions,
    /// There would be more tags than there may be.
    #[error("The number of tags has reached the maximum limit.")]
    TooManyTags,
    /// Something still depends on what is to be deleted.
    #[error("Cannot delete entity, must {0} first.")]
    InUse(&'static str),
    /// The version is in force.
    #[error("Cannot delete the default version of a policy.")]
    DefaultVersion,
    /// The managed policy is attached or a permissions boundary.
    #[error("Cannot delete a policy attached to entities.")]
    PolicyAttached,
    /// The managed policy has further versions.
    #[error(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. \
         The default version is deleted with the policy."
    )]
    PolicyHasVersions,
    /// The document is refused, in the words of the policy language's validation.
    #[error("{0}")]
    MalformedDocument(String),
    /// The text is not the ARN of a managed policy.
    #[error("ARN {0} is not valid.")]
    InvalidArn(String),
    /// The path does not begin and end with a slash.
    #[error(
        "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric \
         characters and/or / characters."
    )]
    InvalidPath,
    /// The path is for roles that AWS itself makes.
    #[error("The path {0} is reserved for roles that AWS makes.")]
    ReservedPath(String),
    /// A tag key is given twice, for a user or role.
    #[error("Duplicate tag keys found. Please note that Tag keys are case insensitive.")]
    DuplicateTagsIgnoringCase,
    /// A tag key is given twice, for anything else.
    #[error("Duplicate tag keys found.")]
    DuplicateTags,
    /// The tag key is AWS's own.
    #[error("The tag key {0} begins with aws:, which is reserved for AWS.")]
    ReservedTag(String),
    /// An access key is made active or inactive; nothing else can be asked for.
    #[error("The status of an access key can be set to Active or Inactive only.")]
    KeyStatus,
    /// The policy is for service-linked roles.
    #[error("Cannot attach a Service Role Policy to a Customer Role.")]
    ServiceRolePolicy,
    /// The policy is AWS's.
    #[error("Cannot {0} outside your own account.")]
    Foreign(&'static str),
    /// The user is not named and the caller is none.
    #[error("Must specify userName when calling with non-User credentials")]
    NoUserName,
    /// A simulation that cannot be asked for.
    #[error("{0}")]
    SimulationInput(String),
    /// The marker was not made by this operation.
    #[error("Invalid Marker.")]
    InvalidMarker,
    /// Nobody who has an account calls.
    #[error("Request is missing Authentication Token")]
    NoAccount,
}

impl IamError {
    /// A resource's policy is to be simulated, and nobody whom it could name. The words are ours.
    pub(crate) fn no_simulated_caller() -> Self {
        let text = "CallerArn must be the ARN of a user where a ResourcePolicy is given.";
        IamError::SimulationInput(text.to_owned())
    }

    fn status_and_code(&self) -> (u16, &'static str) {
        match self {
            IamError::NoEntity { .. }
            | IamError::NoInlinePolicy { .. }
            | IamError::NoAccessKey(_)
            | IamError::NoPolicy(_)
            | IamError::NotAttachable(_)
            | IamError::NoPolicyVersion { .. }
            | IamError::NoBoundary(_)
            | IamError::NotInGroup { .. }
            | IamError::NoAlias(_) => (404, "NoSuchEntity"),
            IamError::EntityExists { .. } | IamError::PolicyExists(_) | IamError::AliasExists(_) => {
                (409, "EntityAlreadyExists")
            }
            IamError::Quota { .. }
            | IamError::InlineSize { .. }
            | IamError::TooManyVersions
            | IamError::TooManyTags => (409, "LimitExceeded"),
            IamError::InUse(_)
            | IamError::DefaultVersion
            | IamError::PolicyAttached
            | IamError::PolicyHasVersions => (409, "DeleteConflict"),
            IamError::MalformedDocument(_) => (400, "MalformedPolicyDocument"),
            IamError::InvalidArn(_)
            | IamError::ReservedPath(_)
            | IamError::DuplicateTagsIgnoringCase
            | IamError::DuplicateTags
            | IamError::ReservedTag(_)
            | IamError::KeyStatus
            | IamError::SimulationInput(_) => (400, "InvalidInput"),
            IamError::InvalidPath | IamError::NoUserName | IamError::InvalidMarker => {
                (400, "ValidationError")
            }
            IamError::ServiceRolePolicy => (400, "PolicyNotAttachable"),
            IamError::Foreign(_) => (403, "AccessDenied"),
            IamError::NoAccount => (403, "MissingAuthenticationToken"),
        }
    }
}

impl From<IamError> for ServiceError {
    fn from(error: IamError) -> Self {
        let (status, code) = error.status_and_code();
        ServiceError::new(status, code, error.to_string())
    }
}
