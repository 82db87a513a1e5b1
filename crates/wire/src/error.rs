//! An error of a service, before the protocol gives it its form.

use std::borrow::Cow;
use std::fmt;

use crate::convert::WrongValue;

/// Whose fault an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The caller's.
    Sender,
    /// Ours.
    Receiver,
}

/// An error as AWS knows it: a code, a status and the caller's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceError {
    /// The HTTP status.
    pub status: u16,
    /// AWS's code, for example `ResourceNotFoundException`. An error without a code is answered without a body.
    pub code: Cow<'static, str>,
    /// The caller's words; without them the member is left out, or null where `message_member` names it.
    pub message: Option<String>,
    /// Further members of the body, for example `Type`, `Reason`, or S3's `Resource`.
    pub members: Vec<(&'static str, String)>,
    /// Whose fault it is.
    pub fault: Fault,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// `message` or `Message` in a JSON body; without it the model's exception decides.
    pub message_member: Option<&'static str>,
}

impl ServiceError {
    /// An error with a message; the fault follows from the status.
    pub fn new(status: u16, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let fault = if status >= 500 { Fault::Receiver } else { Fault::Sender };
        let (members, headers) = (Vec::new(), Vec::new());
        Self {
            status,
            code: code.into(),
            message: Some(message.into()),
            members,
            fault,
            headers,
            message_member: None,
        }
    }

    /// The same error with a further member.
    #[must_use]
    pub fn with_member(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.members.push((name, value.into()));
        self
    }

    /// The same error with a further header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// An answer that is only a status.
    pub(crate) fn bare(status: u16) -> Self {
        Self { message: None, ..Self::new(status, "", "") }
    }

    /// What can only happen when the generated tables and the code that reads them disagree.
    pub(crate) fn internal() -> Self {
        Self::new(500, "InternalFailure", "The request processing has failed because of an internal error.")
    }
}

impl From<WrongValue> for ServiceError {
    fn from(_: WrongValue) -> Self {
        Self::internal()
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.code)?;
        self.message.as_ref().map_or(Ok(()), |message| write!(f, ": {message}"))
    }
}

impl std::error::Error for ServiceError {}
