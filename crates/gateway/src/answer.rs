//! Answers that the gateway itself gives, and the headers that every answer has.

use http::{HeaderValue, Response, StatusCode};
use rolecall_authority::DecisionId;
use rolecall_wire::{AnyOperation, Fault, HttpResponse, ServiceError, ServiceId};

use crate::body::AnswerBody;
use crate::intake::IntakeError;

/// The header that carries the ids of the decisions whose explanations were kept.
pub(crate) const DECISION_HEADER: &str = "x-rolecall-decision";

/// The answer as the server sends it.
pub(crate) fn into_http(answer: HttpResponse, decisions: &[DecisionId]) -> Response<AnswerBody> {
    let mut response = Response::new(answer.body.into());
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    if !decisions.is_empty() {
        let ids: Vec<&str> = decisions.iter().map(DecisionId::as_str).collect();
        if let Ok(value) = HeaderValue::from_str(&ids.join(",")) {
            response.headers_mut().insert(DECISION_HEADER, value);
        }
    }
    response
}

/// A JSON answer of Rolecall's own.
pub(crate) fn json(status: StatusCode, body: &serde_json::Value) -> HttpResponse {
    let mut answer = HttpResponse { status, headers: http::HeaderMap::new(), body: body.to_string().into() };
    answer.headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// What a body that could not be read means to the service's client.
pub(crate) fn intake_refusal(
    service: ServiceId,
    error: &IntakeError,
    operation: Option<AnyOperation>,
) -> ServiceError {
    let (status, code) = match (error, service) {
        (IntakeError::TooLarge { .. }, ServiceId::S3) => (400, "EntityTooLarge"),
        (IntakeError::TooLarge { .. }, ServiceId::Lambda) => (413, "RequestEntityTooLargeException"),
        // An empty answer (reference iam.md 6.4), which is what an error without a code is.
        (IntakeError::TooLarge { .. }, ServiceId::Iam | ServiceId::Sts) => (413, ""),
        (
            IntakeError::TooLarge { .. },
            ServiceId::Ec2
            | ServiceId::Logs
            | ServiceId::Organizations
            | ServiceId::Sns
            | ServiceId::Sqs
            | ServiceId::Xray,
        ) => (413, "RequestEntityTooLarge"),
        (IntakeError::NoRoom(_), ServiceId::S3) => (503, "SlowDown"),
        (IntakeError::NoRoom(_), ServiceId::Lambda) => (500, "ServiceException"),
        (IntakeError::NoRoom(_), _) => (503, "ServiceUnavailable"),
        (IntakeError::TooSlow | IntakeError::Broken(_), _) => (400, "RequestTimeout"),
    };
    let message = match (error, operation) {
        (IntakeError::TooLarge { limit }, Some(operation)) if service == ServiceId::Lambda => format!(
            "Request must be smaller than {} bytes for the {} operation",
            limit + 1,
            operation.operation_name()
        ),
        _ => error.to_string(),
    };
    ServiceError {
        status,
        code: code.into(),
        message: Some(message),
        members: Vec::new(),
        fault: if status < 500 { Fault::Sender } else { Fault::Receiver },
        headers: Vec::new(),
        message_member: None,
    }
}

/// The answer to a request for a service that Rolecall does not have. Both spellings of an error are given, because
/// nothing tells which protocol the service speaks.
pub(crate) fn unknown_service(name: &str) -> HttpResponse {
    let message = format!(
        "Rolecall does not have the service '{name}'. It has {}.",
        ServiceId::ALL.map(ServiceId::signing_name).join(", ")
    );
    let body = serde_json::json!({"__type": "UnknownService", "code": "UnknownService", "message": message});
    let mut answer = json(StatusCode::NOT_IMPLEMENTED, &body);
    answer.headers.insert("x-amzn-errortype", HeaderValue::from_static("UnknownService"));
    answer
}
