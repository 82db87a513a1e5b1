//! What SNS answers when it refuses: codes, statuses and words in one place.

use rolecall_store::WriteError;
use rolecall_wire::{ServiceError, ServiceId};

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SnsError {
    /// No such topic.
    #[error("Topic does not exist")]
    NoTopic,
    /// No such subscription.
    #[error("Subscription does not exist")]
    NoSubscription,
    /// No such resource, of the tagging operations.
    #[error("Resource does not exist")]
    NoResource,
    /// `InvalidParameter`: which, and why.
    #[error("Invalid parameter: {0}")]
    Parameter(String),
    /// Values of a batch, a tag or a message attribute that are not taken, in whole words.
    #[error("{0}")]
    Value(String),
    /// A batch without entries.
    #[error("The batch request doesn't contain any entries.")]
    EmptyBatch,
    /// A batch with more than ten entries.
    #[error("The batch request contains more entries than permissible.")]
    TooManyEntries,
    /// Two entries with one id.
    #[error("Two or more batch entries in the request have the same Id.")]
    RepeatedId,
    /// An id that is none.
    #[error("The Id of a batch entry in a batch request doesn't abide by the specification.")]
    EntryId,
    /// A batch whose messages are too long together.
    #[error("The length of all the batch messages put together is more than the limit.")]
    BatchTooLong,
    /// More than fifty tags.
    #[error("Could not complete request: tag quota of per resource exceeded")]
    TooManyTags,
    /// Something that SNS has and this server has not.
    #[error("Invalid parameter: {0} is not supported by this server.")]
    NotBuilt(String),
    /// What only the topic's own account may do, or a caller without an account.
    #[error("{0}")]
    NotOwner(String),
}

impl SnsError {
    /// `Invalid parameter: WORDS`
    pub(crate) fn parameter(words: impl Into<String>) -> Self {
        SnsError::Parameter(words.into())
    }

    /// As Subscribe says what is wrong with one of its attributes.
    pub(crate) fn of_attributes(self) -> Self {
        match self {
            SnsError::Parameter(words) => SnsError::Parameter(format!("Attributes Reason: {words}")),
            other => other,
        }
    }

    fn code(&self) -> (u16, &'static str) {
        match self {
            SnsError::NoTopic | SnsError::NoSubscription => (404, "NotFound"),
            SnsError::NoResource => (404, "ResourceNotFound"),
            SnsError::Parameter(_) | SnsError::NotBuilt(_) => (400, "InvalidParameter"),
            SnsError::Value(_) => (400, "ParameterValueInvalid"),
            SnsError::EmptyBatch => (400, "EmptyBatchRequest"),
            SnsError::TooManyEntries => (400, "TooManyEntriesInBatchRequest"),
            SnsError::RepeatedId => (400, "BatchEntryIdsNotDistinct"),
            SnsError::EntryId => (400, "InvalidBatchEntryId"),
            SnsError::BatchTooLong => (400, "BatchRequestTooLong"),
            SnsError::TooManyTags => (400, "TagLimitExceeded"),
            SnsError::NotOwner(_) => (403, "AuthorizationError"),
        }
    }
}

impl From<SnsError> for ServiceError {
    fn from(error: SnsError) -> Self {
        let (status, code) = error.code();
        ServiceError::new(status, code, error.to_string())
    }
}

/// What a transaction's failure means for the caller.
pub(crate) fn write_failed(failure: WriteError<SnsError>) -> ServiceError {
    match failure {
        WriteError::Refused(refusal) => refusal.into(),
        WriteError::Store(error) => rolecall_service::internal(ServiceId::Sns, error),
    }
}
