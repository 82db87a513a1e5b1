//! The crate's surface: requests in, typed inputs out, and the way back, for every service.

use crate::error::ServiceError;
use crate::error_form;
use crate::generated::{self, AnyInput, AnyOperation, AnyOutput, ServiceId};
use crate::http::{HttpRequest, HttpResponse};

/// Finds the operation that a request to a service asks for, whether it is built or not.
///
/// # Errors
/// The protocol's own error for an operation that the service does not know.
pub fn route(service: ServiceId, request: &HttpRequest) -> Result<AnyOperation, ServiceError> {
    generated::route(service, request)
}

/// Reads and validates the input of an operation.
///
/// # Errors
/// A request that is not well-formed or breaks a constraint of the model, and status 501 for an operation that is not
/// built.
pub fn decode(operation: AnyOperation, request: &HttpRequest) -> Result<AnyInput, ServiceError> {
    generated::decode(operation, request)
}

/// Writes the answer of an operation.
#[must_use]
pub fn encode(output: AnyOutput, request_id: &str) -> HttpResponse {
    generated::encode(output, request_id)
}

/// Writes an error. Without an operation it is an error of finding the operation, which query services put into
/// another XML namespace.
#[must_use]
pub fn encode_error(
    service: ServiceId,
    error: &ServiceError,
    request_id: &str,
    operation: Option<AnyOperation>,
) -> HttpResponse {
    error_form::encode(generated::schema(service), error, request_id, operation)
}
