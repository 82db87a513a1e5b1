//! What CloudWatch Logs answers when it refuses: codes, statuses and words in one place.

use rolecall_store::WriteError;
use rolecall_wire::{ServiceError, ServiceId};

/// A refusal. All have the HTTP status 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LogsError {
    /// `ResourceAlreadyExistsException` for a group.
    #[error("The specified log group already exists")]
    GroupExists,
    /// `ResourceAlreadyExistsException` for a stream.
    #[error("The specified log stream already exists")]
    StreamExists,
    /// `ResourceNotFoundException` for a group.
    #[error("The specified log group does not exist.")]
    NoGroup,
    /// `ResourceNotFoundException` for a stream.
    #[error("The specified log stream does not exist.")]
    NoStream,
    /// `ResourceNotFoundException` for what a tagging operation names.
    #[error("The specified resource does not exist.")]
    NoResource,
    /// `InvalidParameterException`; the words say which parameter.
    #[error("{0}")]
    InvalidParameter(String),
    /// `InvalidParameterException` for a page token that this operation did not give.
    #[error("The specified nextToken is invalid.")]
    InvalidToken,
    /// `TooManyTagsException`.
    #[error("The maximum number of tags of a resource is 50.")]
    TooManyTags,
    /// `AccessDeniedException` for a caller that belongs to no account: log groups have no policy that could admit it.
    #[error("User: {0} is not authorized to use log groups because no resource-based policy allows it")]
    NoAccount(String),
}

impl LogsError {
    /// An `InvalidParameterException`.
    pub(crate) fn invalid(words: impl Into<String>) -> Self {
        LogsError::InvalidParameter(words.into())
    }

    /// An `InvalidParameterException` for something that CloudWatch Logs has and this server has not.
    pub(crate) fn not_built(what: &str) -> Self {
        LogsError::InvalidParameter(format!("{what} is not supported by this server."))
    }

    fn code(&self) -> &'static str {
        match self {
            LogsError::GroupExists | LogsError::StreamExists => "ResourceAlreadyExistsException",
            LogsError::NoGroup | LogsError::NoStream | LogsError::NoResource => "ResourceNotFoundException",
            LogsError::InvalidParameter(_) | LogsError::InvalidToken => "InvalidParameterException",
            LogsError::TooManyTags => "TooManyTagsException",
            LogsError::NoAccount(_) => "AccessDeniedException",
        }
    }
}

impl From<LogsError> for ServiceError {
    fn from(error: LogsError) -> Self {
        ServiceError::new(400, error.code(), error.to_string())
    }
}

/// What a transaction's failure means for the caller.
pub(crate) fn write_failed(failure: WriteError<LogsError>) -> ServiceError {
    match failure {
        WriteError::Refused(refusal) => refusal.into(),
        WriteError::Store(error) => rolecall_service::internal(ServiceId::Logs, error),
    }
}
