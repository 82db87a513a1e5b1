//! Lambda's refusals: AWS's code, status and words together, in one place.
//!
//! The words are AWS's own (reference lambda.md 8) wherever they are known; where Rolecall refuses what AWS would do,
//! the message says that it is Rolecall that does not have it.

use rolecall_wire::{ServiceError, ServiceId};

/// Why a call to Lambda is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LambdaError {
    /// A parameter that cannot be as it is.
    #[error("{0}")]
    InvalidParameter(String),
    /// The same, in the form without `Type` that the concurrency operations answer (reference lambda.md 7.7-2), and those
    /// on aliases where `$LATEST` shares one (recorded, reference lambda.md 8.5).
    #[error("{0}")]
    InvalidWithoutType(String),
    /// A value outside the limits of this server, in the words of the model's validation.
    #[error("{0}")]
    Validation(String),
    /// What the call names does not exist.
    #[error("{0}")]
    NotFound(String),
    /// The state of the resource forbids the call.
    #[error("{0}")]
    Conflict(String),
    /// The resource is being made, changed or deleted.
    #[error("{0}")]
    InUse(String),
    /// The given revision id is not the latest.
    #[error(
        "The Revision Id provided does not match the latest Revision Id. Call the {0} API to retrieve the latest Revision Id"
    )]
    StaleRevision(&'static str),
    /// The same where a policy is replaced as a whole (reference lambda.md 2.5-6).
    #[error(
        "The value of RevisionId provided doesn't match the policy's latest revision ID. Use the GetResourcePolicy API action to retrieve the current revision ID and try again."
    )]
    StaleDocument,
    /// The policy would become longer than 20,480 bytes.
    #[error("The final policy size ({0}) is bigger than the limit (20480).")]
    PolicyTooLong(usize),
    /// A body or file beyond a limit.
    #[error("{0}")]
    TooLarge(String),
    /// The event of an invocation is not JSON.
    #[error("{0}")]
    InvalidContent(String),
    /// Refused without a word: a function in another account cannot be created (reference lambda.md 1.2-3).
    #[error("access denied")]
    SilentlyDenied,
    /// Refused for want of a right that no policy of ours decided, with AWS's words.
    #[error("{0}")]
    AccessDenied(String),
    /// The version or alias has no provisioned concurrency.
    #[error("No Provisioned Concurrency Config found for this function")]
    NoProvisionedConcurrency,
    /// The function was invoked once too often in a loop of its own making (reference lambda.md 3.7).
    #[error(
        "Lambda has detected your function being invoked in a recursive loop with other Amazon Web Services resources and stopped your function's invocation."
    )]
    RecursiveInvocation,
    /// The function has or shall have a code signing configuration that is not there.
    #[error("{0}")]
    CodeSigningConfigNotFound(String),
    /// The code signing configuration that an operation is about is not there. The body has no `Type` (recorded).
    #[error("{0}")]
    NoCodeSigningConfig(String),
    /// The function's code signing configuration does not let the code in.
    #[error("{0}")]
    CodeVerificationFailed(String),
    /// More invocations at once than may be; the value is AWS's `Reason`.
    #[error("Rate Exceeded.")]
    Throttled(&'static str),
    /// The account's code would exceed its storage.
    #[error("Code storage limit exceeded.")]
    CodeStorageExceeded,
    /// The function could not be run although nothing is wrong with the call.
    #[error("{0}")]
    CannotRun(String),
}

impl LambdaError {
    /// The refusal of a feature that AWS has and Rolecall does not have yet.
    pub fn not_built(feature: &str) -> Self {
        Self::InvalidParameter(format!("Rolecall does not have {feature} yet."))
    }

    /// AWS's code and status.
    fn code(&self) -> (u16, &'static str) {
        match self {
            Self::InvalidParameter(_) | Self::InvalidWithoutType(_) => {
                (400, "InvalidParameterValueException")
            }
            Self::Validation(_) => (400, "ValidationException"),
            Self::NotFound(_) | Self::NoCodeSigningConfig(_) => (404, "ResourceNotFoundException"),
            Self::Conflict(_) => (409, "ResourceConflictException"),
            Self::InUse(_) => (400, "ResourceInUseException"),
            Self::StaleRevision(_) | Self::StaleDocument => (412, "PreconditionFailedException"),
            Self::PolicyTooLong(_) => (400, "PolicyLengthExceededException"),
            Self::TooLarge(_) => (413, "RequestEntityTooLargeException"),
            Self::InvalidContent(_) => (400, "InvalidRequestContentException"),
            Self::SilentlyDenied | Self::AccessDenied(_) => (403, "AccessDeniedException"),
            Self::NoProvisionedConcurrency => (404, "ProvisionedConcurrencyConfigNotFoundException"),
            Self::RecursiveInvocation => (400, "RecursiveInvocationException"),
            Self::CodeSigningConfigNotFound(_) => (404, "CodeSigningConfigNotFoundException"),
            Self::CodeVerificationFailed(_) => (400, "CodeVerificationFailedException"),
            Self::Throttled(_) => (429, "TooManyRequestsException"),
            Self::CodeStorageExceeded => (400, "CodeStorageExceededException"),
            Self::CannotRun(_) => (500, "ServiceException"),
        }
    }

    /// Whether the body has the member `Type` (reference lambda.md 8).
    fn has_type(&self) -> bool {
        !matches!(
            self,
            Self::InvalidWithoutType(_)
                | Self::NoCodeSigningConfig(_)
                | Self::Validation(_)
                | Self::TooLarge(_)
                | Self::SilentlyDenied
                | Self::AccessDenied(_)
        )
    }

    /// The name of the body's message member (reference lambda.md 8).
    fn message_member(&self) -> &'static str {
        match self {
            Self::NotFound(_)
            | Self::InUse(_)
            | Self::NoCodeSigningConfig(_)
            | Self::CodeSigningConfigNotFound(_)
            | Self::CodeVerificationFailed(_)
            | Self::AccessDenied(_)
            | Self::SilentlyDenied
            | Self::RecursiveInvocation
            | Self::CannotRun(_) => "Message",
            _ => "message",
        }
    }
}

impl From<LambdaError> for ServiceError {
    fn from(error: LambdaError) -> Self {
        let (status, code) = error.code();
        let mut answer = ServiceError::new(status, code, error.to_string());
        if let LambdaError::Throttled(reason) = &error {
            answer = answer.with_member("Reason", *reason);
        }
        if error.has_type() {
            answer = answer.with_member("Type", if status < 500 { "User" } else { "Service" });
        }
        if error == LambdaError::SilentlyDenied {
            answer.message = None;
        }
        answer.message_member = Some(error.message_member());
        answer
    }
}

/// The service of this crate, which common errors are rendered for.
pub(crate) const SERVICE: ServiceId = ServiceId::Lambda;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_have_the_members_that_were_recorded() {
        let conflict: ServiceError = LambdaError::Conflict("c".to_owned()).into();
        assert_eq!((conflict.status, conflict.members), (409, vec![("Type", "User".to_owned())]));
        let throttled: ServiceError = LambdaError::Throttled("ConcurrentInvocationLimitExceeded").into();
        let members: Vec<_> = throttled.members.iter().map(|(name, _)| *name).collect();
        assert_eq!((throttled.status, members), (429, vec!["Reason", "Type"]));
        assert_eq!(throttled.message.as_deref(), Some("Rate Exceeded."));
        let concurrency: ServiceError = LambdaError::InvalidWithoutType("c".to_owned()).into();
        assert!(concurrency.members.is_empty());
    }

    #[test]
    fn a_function_of_another_account_is_refused_without_a_word() {
        let silent: ServiceError = LambdaError::SilentlyDenied.into();
        assert_eq!((silent.status, silent.message), (403, None));
    }
}
