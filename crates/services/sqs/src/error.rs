//! What SQS answers when it refuses: codes, statuses and words in one place.
//!
//! Each refusal has two codes: the exception of the JSON protocol, and the code of the query protocol, which stands in a
//! header and is what clients go on reading. The words are those that AWS was seen to answer.

use rolecall_store::WriteError;
use rolecall_wire::{ServiceError, ServiceId};

/// The header with the query protocol's code.
const QUERY_ERROR: &str = "x-amzn-query-error";

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SqsError {
    /// No such queue, or none that the caller may know of.
    #[error("The specified queue does not exist.")]
    NoQueue,
    /// CreateQueue for a name that is taken by a queue with another value of the attribute.
    #[error("A queue already exists with the same name and a different value for attribute {0}")]
    QueueExists(&'static str),
    /// PurgeQueue twice in a minute.
    #[error("Only one PurgeQueue operation on {0} is allowed every 60 seconds.")]
    PurgeInProgress(String),
    /// An attribute that no queue has, or that none has in this server.
    #[error("{0}")]
    AttributeName(String),
    /// A value that an attribute does not take.
    #[error("Invalid value for the parameter {0}.")]
    AttributeValue(String),
    /// A value that a parameter does not take, in whole words.
    #[error("{0}")]
    Parameter(String),
    /// A parameter that must be there.
    #[error("The request must contain the parameter {0}.")]
    Missing(&'static str),
    /// Characters that no message may have.
    #[error(
        "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | \
         #x10000 to #x10FFFF"
    )]
    Characters,
    /// What is no receipt handle of this queue.
    #[error("The input receipt handle \"{0}\" is not a valid receipt handle.")]
    ReceiptHandle(String),
    /// ChangeMessageVisibility for a message that is visible.
    #[error(
        "Value {0} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change."
    )]
    NotInFlight(String),
    /// A batch without entries.
    #[error("There should be at least one {0} in the request.")]
    EmptyBatch(&'static str),
    /// A batch with more than ten entries.
    #[error("Maximum number of entries per request are 10. You have sent {0}.")]
    TooManyEntries(usize),
    /// Two entries with one id.
    #[error("Id {0} repeated.")]
    RepeatedId(String),
    /// An id that is none.
    #[error(
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 \
         letters long."
    )]
    EntryId,
    /// A batch whose messages are too long together.
    #[error("Batch requests cannot be longer than {limit} bytes. You have sent {sent} bytes.")]
    BatchTooLong {
        /// The most in bytes.
        limit: usize,
        /// What was sent.
        sent: usize,
    },
    /// Something that SQS has and this server has not.
    #[error("{0} is not supported by this server.")]
    NotBuilt(String),
    /// What only the queue's own account may do, or a caller without an account.
    #[error("{0}")]
    NotOwner(String),
}

impl SqsError {
    /// `Value V for parameter P is invalid. Reason: R`
    pub(crate) fn value(value: impl std::fmt::Display, parameter: &str, reason: &str) -> Self {
        SqsError::Parameter(format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}"))
    }

    /// The exception's name and the query protocol's code.
    fn codes(&self) -> (&'static str, &'static str) {
        match self {
            SqsError::NoQueue => ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"),
            SqsError::QueueExists(_) => ("QueueNameExists", "QueueAlreadyExists"),
            SqsError::PurgeInProgress(_) => {
                ("PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress")
            }
            SqsError::AttributeName(_) => ("InvalidAttributeName", "InvalidAttributeName"),
            SqsError::AttributeValue(_) => ("InvalidAttributeValue", "InvalidAttributeValue"),
            SqsError::Parameter(_) | SqsError::NotInFlight(_) => {
                ("InvalidParameterValueException", "InvalidParameterValue")
            }
            SqsError::Missing(_) => ("MissingRequiredParameterException", "MissingParameter"),
            SqsError::Characters => ("InvalidMessageContents", "InvalidMessageContents"),
            SqsError::ReceiptHandle(_) => ("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid"),
            SqsError::EmptyBatch(_) => ("EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"),
            SqsError::TooManyEntries(_) => {
                ("TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest")
            }
            SqsError::RepeatedId(_) => {
                ("BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct")
            }
            SqsError::EntryId => ("InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId"),
            SqsError::BatchTooLong { .. } => {
                ("BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong")
            }
            SqsError::NotBuilt(_) => ("UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation"),
            SqsError::NotOwner(_) => ("AccessDeniedException", "AccessDenied"),
        }
    }

    /// The code by which an entry of a batch is refused: the query protocol's.
    pub(crate) fn entry_code(&self) -> &'static str {
        self.codes().1
    }

    fn status(&self) -> u16 {
        match self {
            SqsError::PurgeInProgress(_) | SqsError::NotOwner(_) => 403,
            _ => 400,
        }
    }
}

impl From<SqsError> for ServiceError {
    fn from(error: SqsError) -> Self {
        let (exception, query) = error.codes();
        ServiceError::new(error.status(), exception, error.to_string())
            .with_header(QUERY_ERROR, format!("{query};Sender"))
    }
}

/// What a transaction's failure means for the caller.
pub(crate) fn write_failed(failure: WriteError<SqsError>) -> ServiceError {
    match failure {
        WriteError::Refused(refusal) => refusal.into(),
        WriteError::Store(error) => rolecall_service::internal(ServiceId::Sqs, error),
    }
}
