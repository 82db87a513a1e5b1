//! STS's errors: AWS's code, status and words, declared together (reference iam.md 5.6 to 5.8).

use rolecall_wire::ServiceError;

/// Why STS refuses a call, other than by a policy's decision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StsError {
    /// Root users assume no roles.
    #[error("Roles may not be assumed by root accounts.")]
    RootCaller,
    /// GetSessionToken and GetFederationToken are for long-term credentials.
    #[error("Cannot call {0} with session credentials")]
    SessionCaller(&'static str),
    /// Nobody who has an account calls.
    #[error("Request is missing Authentication Token")]
    NoAccount,
    /// A multi-factor code is given, and there are no multi-factor devices.
    #[error(
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is \
         valid and associated with this user."
    )]
    NoMfaDevice,
    /// The role's ARN is none.
    #[error("{0} is invalid")]
    InvalidRoleArn(String),
    /// The role's sessions do not last so long.
    #[error("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")]
    DurationAboveRole,
    /// A session of a role that a session of a role makes lasts an hour at most.
    #[error(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
    )]
    DurationAboveChain,
    /// A source identity is set once.
    #[error("The source identity is already set for this assume role session")]
    SourceIdentitySet,
    /// A session policy is too long.
    #[error(
        "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less \
         than or equal to 2048"
    )]
    PolicyTooLong,
    /// Too many managed policies are named as session policies.
    #[error(
        "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length \
         less than or equal to 10"
    )]
    TooManyPolicyArns,
    /// A managed policy named as a session policy does not exist.
    #[error("Policy {0} does not exist or is not attachable.")]
    NoPolicy(String),
    /// Trusted context assertions are not built.
    #[error("ProvidedContexts is not built: this server has no providers of trusted context.")]
    NoContextProvider,
    /// A transitive key without its tag.
    #[error("The specified transitive tag key must be included in the requested tags.")]
    TransitiveKeyWithoutTag,
    /// A tag key is given twice.
    #[error("Duplicate tag keys found. Please note that Tag keys are case insensitive.")]
    DuplicateTags,
    /// A tag would change one that the calling session hands on.
    #[error(
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from \
         the calling session."
    )]
    InheritedTag,
    /// A message that this server did not encode for the caller's account.
    #[error("Message is not valid")]
    InvalidMessage,
    /// The session policy is refused, in the words of the policy language's validation.
    #[error("{0}")]
    MalformedPolicy(String),
    /// Policies and tags together are too much for a token.
    #[error("Packed size of session {what} consumes {percent}% of allotted space.")]
    PackedTooLarge {
        /// `tags` or `policy`.
        what: &'static str,
        /// How much of the space.
        percent: usize,
    },
}

impl StsError {
    fn status_and_code(&self) -> (u16, &'static str) {
        match self {
            StsError::RootCaller | StsError::SessionCaller(_) | StsError::NoMfaDevice => {
                (403, "AccessDenied")
            }
            StsError::NoAccount => (403, "MissingAuthenticationToken"),
            StsError::InvalidRoleArn(_)
            | StsError::DurationAboveRole
            | StsError::DurationAboveChain
            | StsError::SourceIdentitySet
            | StsError::PolicyTooLong
            | StsError::TooManyPolicyArns
            | StsError::NoPolicy(_)
            | StsError::NoContextProvider => (400, "ValidationError"),
            StsError::TransitiveKeyWithoutTag | StsError::DuplicateTags | StsError::InheritedTag => {
                (400, "InvalidParameterValue")
            }
            StsError::InvalidMessage => (400, "InvalidAuthorizationMessageException"),
            StsError::MalformedPolicy(_) => (400, "MalformedPolicyDocument"),
            StsError::PackedTooLarge { .. } => (400, "PackedPolicyTooLarge"),
        }
    }
}

impl From<StsError> for ServiceError {
    fn from(error: StsError) -> Self {
        let (status, code) = error.status_and_code();
        ServiceError::new(status, code, error.to_string())
    }
}
