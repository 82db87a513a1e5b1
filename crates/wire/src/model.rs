//! The glue between a service's generated enums and the protocols.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::error::ServiceError;
use crate::generated::ServiceId;
use crate::http::{HttpRequest, HttpResponse};
use crate::schema::{Built, Protocol, Service};
use crate::value::Value;
use crate::{ec2_query, json, query, rest, validate};

/// What the generated glue needs.
pub(crate) mod prelude {
    pub(crate) use super::{Model, decode, encode};
    pub(crate) use crate::convert::{FromValue, IntoValue, WrongValue};
    pub(crate) use crate::error::ServiceError;
    pub(crate) use crate::http::{HttpRequest, HttpResponse};
    pub(crate) use crate::route::route;
    pub(crate) use crate::value::Value;
}

/// A service's protocol and shapes.
pub trait Model {
    /// Every operation of the service.
    type Operation;
    /// The inputs of the built operations.
    type Input;
    /// The outputs of the built operations.
    type Output;
    /// The service.
    const SERVICE: ServiceId;

    /// Finds the operation of a request.
    ///
    /// # Errors
    /// The protocol's own error for an operation that the service does not know.
    fn route(request: &HttpRequest) -> Result<Self::Operation, ServiceError>;

    /// Reads and validates the input of an operation.
    ///
    /// # Errors
    /// A request that is not well-formed or breaks a constraint, and 501 for an operation that is not built.
    fn decode(operation: Self::Operation, request: &HttpRequest) -> Result<Self::Input, ServiceError>;

    /// Writes the answer of an operation.
    fn encode(output: Self::Output, request_id: &str) -> HttpResponse;
}

/// Reads and validates the input of the operation at an index.
pub(crate) fn decode(service: &Service, index: usize, request: &HttpRequest) -> Result<Value, ServiceError> {
    let operation = service.operations.get(index).ok_or_else(ServiceError::internal)?;
    let Some(built) = &operation.built else { return Err(not_built(service, operation.name)) };
    let value = match service.protocol {
        Protocol::Query | Protocol::Ec2 => query::decode(service, built.input, request)?,
        Protocol::Json | Protocol::QueryCompatibleJson => json::decode(built.input, &request.body)?,
        Protocol::RestJson | Protocol::RestXml => rest::decode(service, operation, built, request)?,
    };
    validate::validate(service, built.input, &value)?;
    Ok(value)
}

fn not_built(service: &Service, operation: &str) -> ServiceError {
    let code = match service.protocol {
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml => "NotImplemented",
        Protocol::Json | Protocol::QueryCompatibleJson | Protocol::RestJson => "NotImplementedException",
    };
    ServiceError::new(501, code, format!("Rolecall does not have {}:{operation} yet", service.name))
}

/// Writes the answer of the operation at an index.
pub(crate) fn encode(service: &Service, index: usize, value: Value, request_id: &str) -> HttpResponse {
    let Some((operation, built)) = service.operations.get(index).and_then(|o| Some((o, o.built.as_ref()?)))
    else {
        return internal(service, request_id);
    };
    let answer = match service.protocol {
        Protocol::Query => Ok(query::encode(service, operation.name, built, value, request_id)),
        Protocol::Ec2 => Ok(ec2_query::encode(service, operation.name, built, &value, request_id)),
        Protocol::Json => Ok(json_answer(built, &value, json::VERSION_1_1)),
        Protocol::QueryCompatibleJson => Ok(json_answer(built, &value, json::VERSION_1_0)),
        Protocol::RestJson | Protocol::RestXml => rest::encode(service, built, value),
    };
    match answer {
        Ok(mut answer) => {
            add_request_id(service, &mut answer.headers, request_id);
            answer
        }
        Err(Unsendable) => internal(service, request_id),
    }
}

/// An output that no HTTP answer can carry, for example a line break in a header.
pub(crate) struct Unsendable;

fn internal(service: &Service, request_id: &str) -> HttpResponse {
    crate::error_form::encode(service, &ServiceError::internal(), request_id, None)
}

fn json_answer(built: &Built, value: &Value, content_type: &'static str) -> HttpResponse {
    let body = if built.has_output { json::encode(built.output, value) } else { Vec::new() };
    answer(built.status, content_type, body)
}

/// An answer with a body of a type.
pub(crate) fn answer(status: u16, content_type: &'static str, body: Vec<u8>) -> HttpResponse {
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    HttpResponse { status, headers, body: body.into() }
}

/// Every answer names its request, in the headers of its service.
pub(crate) fn add_request_id(service: &Service, headers: &mut HeaderMap, request_id: &str) {
    let names: &[&'static str] = match service.protocol {
        Protocol::RestXml => &["x-amz-request-id", "x-amz-id-2"],
        _ => &["x-amzn-requestid"],
    };
    if let Ok(value) = HeaderValue::from_str(request_id) {
        for name in names {
            headers.insert(HeaderName::from_static(name), value.clone());
        }
    }
}
