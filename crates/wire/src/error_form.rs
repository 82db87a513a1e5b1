//! Errors in the form that each protocol gives them (reference iam.md 6.4, lambda.md 8).

use http::{HeaderName, HeaderValue, StatusCode};

use crate::error::{Fault, ServiceError};
use crate::generated::AnyOperation;
use crate::http::HttpResponse;
use crate::json;
use crate::model::{add_request_id, answer};
use crate::schema::{Protocol, Service};
use crate::xml::Writer;

/// The namespace of errors that are found before the operation is known.
const DISPATCH_NAMESPACE: &str = "http://webservices.amazon.com/AWSFault/2005-15-09";

/// Writes an error.
pub(crate) fn encode(
    service: &Service,
    error: &ServiceError,
    request_id: &str,
    operation: Option<AnyOperation>,
) -> HttpResponse {
    let mut answer = match service.protocol {
        Protocol::Query => query(service, error, request_id, operation.is_some()),
        Protocol::Ec2 => ec2(error, request_id),
        Protocol::Json => json_body(service, error, json::VERSION_1_1, Some(error.code.as_ref())),
        Protocol::QueryCompatibleJson => query_compatible(service, error),
        Protocol::RestJson => json_body(service, error, "application/json", None),
        Protocol::RestXml => s3(error, request_id),
    };
    let is_head = operation.is_some_and(|operation| method(service, operation) == "HEAD");
    if error.code.is_empty() || error.status == 304 || is_head {
        answer.body = Default::default();
        answer.headers.remove(http::header::CONTENT_TYPE);
    }
    answer.status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &error.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(*name), HeaderValue::try_from(value)) {
            answer.headers.insert(name, value);
        }
    }
    add_request_id(service, &mut answer.headers, request_id);
    answer
}

fn method(service: &Service, operation: AnyOperation) -> &'static str {
    let name = operation.operation_name();
    service
        .operations
        .iter()
        .find(|candidate| candidate.name == name)
        .map_or("", |found| found.route.method())
}

fn query(service: &Service, error: &ServiceError, request_id: &str, found: bool) -> HttpResponse {
    let mut xml = Writer::indented();
    if error.code == crate::query::UNKNOWN_OPERATION {
        xml.empty(crate::query::UNKNOWN_OPERATION);
        return answer(error.status, "text/xml", xml.into_bytes());
    }
    xml.open("ErrorResponse", Some(if found { service.namespace } else { DISPATCH_NAMESPACE }));
    xml.open("Error", None);
    xml.text("Type", if error.fault == Fault::Sender { "Sender" } else { "Receiver" });
    xml.text("Code", &error.code);
    message_and_members(&mut xml, error);
    xml.close("Error");
    xml.text("RequestId", request_id);
    xml.close("ErrorResponse");
    answer(error.status, "text/xml", xml.into_bytes())
}

fn ec2(error: &ServiceError, request_id: &str) -> HttpResponse {
    let mut xml = Writer::document();
    xml.open("Response", None);
    xml.open("Errors", None);
    xml.open("Error", None);
    xml.text("Code", &error.code);
    message_and_members(&mut xml, error);
    xml.close("Error");
    xml.close("Errors");
    xml.text("RequestID", request_id);
    xml.close("Response");
    answer(error.status, crate::ec2_query::CONTENT_TYPE, xml.into_bytes())
}

fn s3(error: &ServiceError, request_id: &str) -> HttpResponse {
    let mut xml = Writer::document();
    xml.open("Error", None);
    xml.text("Code", &error.code);
    message_and_members(&mut xml, error);
    xml.text("RequestId", request_id);
    xml.text("HostId", request_id);
    xml.close("Error");
    answer(error.status, "application/xml", xml.into_bytes())
}

fn message_and_members(xml: &mut Writer, error: &ServiceError) {
    if let Some(message) = &error.message {
        xml.text("Message", message);
    }
    for (name, value) in &error.members {
        xml.text(name, value);
    }
}

fn json_body(
    service: &Service,
    error: &ServiceError,
    content_type: &'static str,
    type_name: Option<&str>,
) -> HttpResponse {
    let known = service.exceptions.iter().find(|exception| exception.code == error.code);
    let by_model = known.map(|exception| exception.message_member);
    let message_member = error.message_member.or(by_model).unwrap_or("message");
    let kind = type_name.map(|name| ("__type", Some(name)));
    let members = error.members.iter().map(|(name, value)| (*name, Some(value.as_str())));
    let has_message = error.message.is_some() || error.message_member.is_some();
    let message = has_message.then_some((message_member, error.message.as_deref()));
    let body = json::object(kind.into_iter().chain(members).chain(message));
    let mut answer = answer(error.status, content_type, body);
    if let Ok(code) = HeaderValue::try_from(error.code.as_ref()) {
        answer.headers.insert(HeaderName::from_static("x-amzn-errortype"), code);
    }
    answer
}

/// The header that says the error in the words of the query protocol: `CODE;Sender`.
const QUERY_ERROR: &str = "x-amzn-query-error";

/// The type's name is whole, and the query protocol's code stands in a header: that of the service where it gives one,
/// else the code as the query protocol spells it.
fn query_compatible(service: &Service, error: &ServiceError) -> HttpResponse {
    let is_modelled = service.exceptions.iter().any(|exception| exception.code == error.code);
    let type_name = if is_modelled {
        format!("com.amazonaws.{}#{}", service.name, error.code)
    } else {
        format!("com.amazon.coral.service#{}", error.code)
    };
    let mut answer = json_body(service, error, json::VERSION_1_0, Some(&type_name));
    let code = match error.code.as_ref() {
        "UnrecognizedClientException" => "InvalidClientTokenId",
        code => code.strip_suffix("Exception").unwrap_or(code),
    };
    let fault = if error.fault == Fault::Sender { "Sender" } else { "Receiver" };
    if let Ok(value) = HeaderValue::try_from(format!("{code};{fault}")) {
        answer.headers.insert(HeaderName::from_static(QUERY_ERROR), value);
    }
    answer
}
