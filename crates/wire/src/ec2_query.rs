//! EC2's protocol: the query protocol in a dialect of its own.
//!
//! Requests are read by [`query`]; here is what differs: how an unknown action is refused, and the envelope of answers.

use crate::error::ServiceError;
use crate::http::{HttpRequest, HttpResponse};
use crate::model::answer;
use crate::query;
use crate::schema::{Built, Kind, Service};
use crate::value::Value;
use crate::xml::{self, Style, Writer};

/// EC2 says the character set of its answers.
pub(crate) const CONTENT_TYPE: &str = "text/xml;charset=UTF-8";

/// Finds the operation that `Action` and `Version` name.
pub(crate) fn route(service: &Service, request: &HttpRequest) -> Result<usize, ServiceError> {
    let parameters = query::parameters(request)?;
    let Some(action) = query::find(&parameters, "Action") else {
        return Err(ServiceError::new(400, "MissingAction", "The request must contain the parameter Action"));
    };
    let version = query::find(&parameters, "Version").unwrap_or_default();
    if version != service.api_version {
        let message = format!("The requested version ({version}) of service AmazonEC2 does not exist");
        return Err(ServiceError::new(400, "NoSuchVersion", message));
    }
    service.operations.iter().position(|operation| operation.name == action).ok_or_else(|| {
        let message = format!("The action {action} is not valid for this web service.");
        ServiceError::new(400, "InvalidAction", message)
    })
}

/// Writes the answer of an operation. One that has no output says that it succeeded.
pub(crate) fn encode(
    service: &Service,
    operation: &str,
    built: &Built,
    value: &Value,
    request_id: &str,
) -> HttpResponse {
    let mut xml = Writer::document();
    let root = format!("{operation}Response");
    xml.open(&root, Some(service.namespace));
    xml.text("requestId", request_id);
    match (built.has_output, &built.output.kind) {
        (true, Kind::Structure(structure)) => xml::write_members(&mut xml, structure, value, Style::Rest),
        _ => xml.text("return", "true"),
    }
    xml.close(&root);
    answer(built.status, CONTENT_TYPE, xml.into_bytes())
}
