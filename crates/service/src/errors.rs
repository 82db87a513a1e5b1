//! Errors that all services have in common.

use std::borrow::Cow;

use rolecall_authority::Denied;
use rolecall_store::WriteError;
use rolecall_wire::{Fault, ServiceError, ServiceId};

/// The service's form of a denial (reference iam.md 5.13). S3 says `AccessDenied` in its own words, so it makes its
/// own.
pub fn denied(service: ServiceId, denied: &Denied) -> ServiceError {
    match service {
        ServiceId::Ec2 => {
            let mut message = format!("You are not authorized to perform this operation. {}", denied.message);
            if let Some(encoded) = &denied.encoded_message {
                message.push_str(&format!(". Encoded authorization failure message: {encoded}"));
            }
            error(403, "UnauthorizedOperation", &message)
        }
        ServiceId::Iam | ServiceId::Sts | ServiceId::S3 => error(403, "AccessDenied", &denied.message),
        ServiceId::Sns => {
            error(403, "AuthorizationError", &with_action(denied, &denied.action.replacen("sns:", "SNS:", 1)))
        }
        ServiceId::Sqs => {
            error(403, "AccessDeniedException", &with_action(denied, &denied.action.to_lowercase()))
        }
        ServiceId::Lambda | ServiceId::Xray => {
            let mut error = error(403, "AccessDeniedException", &denied.message);
            error.message_member = Some("Message");
            error
        }
        ServiceId::Logs | ServiceId::Organizations => error(400, "AccessDeniedException", &denied.message),
    }
}

/// The message with the action as the service prints it: SQS in lower case (reference iam.md 5.13), SNS with its prefix in
/// upper case.
fn with_action(denied: &Denied, shown: &str) -> String {
    let Denied { caller, action, resource, reason, .. } = denied;
    let reason = reason.replace(action.as_str(), shown);
    format!("User: {caller} is not authorized to perform: {shown} on resource: {resource} {reason}")
}

/// A failure of this program. The cause goes to the log and not to the caller.
pub fn internal(service: ServiceId, cause: impl std::fmt::Display) -> ServiceError {
    tracing::error!(service = service.name(), %cause, "internal failure");
    let (code, message) = match service {
        ServiceId::Iam | ServiceId::Sts => ("ServiceFailure", "The request processing has failed."),
        ServiceId::Lambda | ServiceId::Organizations => {
            ("ServiceException", "An error occurred and the request cannot be processed.")
        }
        ServiceId::Sns => ("InternalError", "An internal error has occurred."),
        ServiceId::Sqs => ("InternalFailure", "The request processing has failed."),
        ServiceId::Logs => ("ServiceUnavailableException", "The service cannot complete the request."),
        ServiceId::Ec2 => ("InternalError", "An internal error has occurred"),
        ServiceId::Xray => {
            ("InternalFailure", "The request processing has failed because of an internal error.")
        }
        ServiceId::S3 => ("InternalError", "We encountered an internal error. Please try again."),
    };
    ServiceError { fault: Fault::Receiver, ..error(500, code, message) }
}

/// What a transaction's failure means for the caller: the refusal itself, or a failure of this program.
pub fn store_failed(service: ServiceId, failure: WriteError<ServiceError>) -> ServiceError {
    match failure {
        WriteError::Refused(refusal) => refusal,
        WriteError::Store(error) => internal(service, error),
    }
}

fn error(status: u16, code: &'static str, message: &str) -> ServiceError {
    ServiceError {
        status,
        code: Cow::Borrowed(code),
        message: Some(message.to_owned()),
        members: Vec::new(),
        fault: Fault::Sender,
        headers: Vec::new(),
        message_member: None,
    }
}
