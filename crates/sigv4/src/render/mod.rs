//! What the caller reads when authentication fails: AWS's status, code and words, which differ by family of service
//! (reference iam.md 6.3). No answer holds the signature that would have been right.

mod general;
mod s3;

use crate::failure::AuthFailure;

/// How a service spells its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorFamily {
    /// Query protocol: IAM, STS.
    Query,
    /// REST-JSON: Lambda.
    RestJson,
    /// JSON 1.0 and 1.1: CloudWatch Logs, Organizations. As `RestJson`, but the status is always 400.
    Json,
    /// S3.
    S3,
}

/// An error for the caller, for the service's protocol to write down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The HTTP status.
    pub status: u16,
    /// AWS's error code.
    pub code: &'static str,
    /// AWS's message.
    pub message: String,
    /// Further members of the error, in order; only S3 has any.
    pub members: Vec<(&'static str, String)>,
}

impl AuthFailure {
    /// This failure as a service of `family` tells it to its caller.
    pub fn render(&self, family: ErrorFamily) -> Rendered {
        match family {
            ErrorFamily::S3 => s3::render(self),
            ErrorFamily::Query | ErrorFamily::RestJson | ErrorFamily::Json => general::render(self, family),
        }
    }
}
