//! What X-Ray answers when it refuses: codes, statuses and words in one place.

use rolecall_wire::ServiceError;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum XRayError {
    /// `InvalidRequestException`; the words say what is wrong. AWS's own words are recorded nowhere.
    #[error("{0}")]
    InvalidRequest(String),
    /// `InvalidRequestException` for something that X-Ray has and this server has not.
    #[error("{0} is not supported by this server.")]
    NotBuilt(String),
    /// `InvalidRequestException` for a page token that this operation did not give.
    #[error("Invalid NextToken")]
    InvalidToken,
    /// `AccessDeniedException` for a caller that belongs to no account, so that there are no traces of its own.
    #[error("User: {0} is not authorized to use X-Ray because it belongs to no account")]
    NoAccount(String),
}

impl XRayError {
    /// An `InvalidRequestException`.
    pub(crate) fn invalid(words: impl Into<String>) -> Self {
        XRayError::InvalidRequest(words.into())
    }
}

impl From<XRayError> for ServiceError {
    fn from(error: XRayError) -> Self {
        let (status, code) = match error {
            XRayError::NoAccount(_) => (403, "AccessDeniedException"),
            _ => (400, "InvalidRequestException"),
        };
        ServiceError { message_member: Some("Message"), ..ServiceError::new(status, code, error.to_string()) }
    }
}
