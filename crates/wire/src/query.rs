//! The query protocol of IAM, STS and SNS: form parameters in, XML out (reference iam.md 6.4).

use std::borrow::Cow;

use percent_encoding::percent_decode;

use crate::error::ServiceError;
use crate::http::{HttpRequest, HttpResponse};
use crate::model::answer;
use crate::route::parse_query;
use crate::schema::{Built, Kind, List, Map, Member, Protocol, Service, Shape, Structure};
use crate::timestamp::Timestamp;
use crate::value::Value;
use crate::xml::{self, Style, Writer};

/// What every protocol answers for an operation that it does not know.
pub(crate) const UNKNOWN_OPERATION: &str = "UnknownOperationException";
/// Larger bodies are refused unread.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;
/// Longer query strings are refused unread.
const MAX_QUERY_BYTES: usize = 15_900;
/// How far an index of a list may lie beyond the elements before it.
const MAX_GAP: usize = 10;
/// Where a request without an action is sent.
const HOME_PAGE: &str = "https://aws.amazon.com/iam";

type Parameters<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// Finds the operation that `Action` and `Version` name.
pub(crate) fn route(service: &Service, request: &HttpRequest) -> Result<usize, ServiceError> {
    if request.path != "/" && !request.path.is_empty() {
        return Err(ServiceError { message: None, ..ServiceError::new(404, UNKNOWN_OPERATION, "") });
    }
    let parameters = parameters(request)?;
    let Some(action) = find(&parameters, "Action") else {
        return Err(ServiceError::bare(302).with_header("location", HOME_PAGE));
    };
    let version = find(&parameters, "Version").unwrap_or("NO_VERSION_SPECIFIED");
    let index = service.operations.iter().position(|operation| operation.name == action);
    index.filter(|_| version == service.api_version).ok_or_else(|| {
        let message = format!("Could not find operation {action} for version {version}");
        ServiceError::new(400, "InvalidAction", message)
    })
}

/// The parameters of the query string and of a form body, in this order.
pub(crate) fn parameters(request: &HttpRequest) -> Result<Parameters<'_>, ServiceError> {
    if request.body.len() > MAX_BODY_BYTES {
        return Err(ServiceError::bare(413));
    }
    if request.query.len() >= MAX_QUERY_BYTES {
        return Err(ServiceError::bare(400));
    }
    let content_type =
        request.header("content-type").and_then(|value| value.split(';').next()).unwrap_or_default();
    let is_form = content_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded");
    let mut parameters = parse_query(&request.query);
    if request.method == http::Method::POST && !is_form {
        parameters.clear();
    } else if request.method == http::Method::POST {
        parameters.extend(form_urlencoded::parse(&request.body));
    }
    // The form parser replaces what is not UTF-8; nothing may be decided on such a replacement.
    let texts = [request.query.as_bytes(), &request.body];
    match texts.into_iter().all(|text| percent_decode(text).decode_utf8().is_ok()) {
        true => Ok(parameters),
        false => Err(malformed("The request is not valid UTF-8.")),
    }
}

pub(crate) fn find<'a>(parameters: &'a Parameters<'_>, name: &str) -> Option<&'a str> {
    parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_ref())
}

fn malformed(message: impl Into<String>) -> ServiceError {
    ServiceError::new(400, "MalformedInput", message)
}

/// Reads the input of an operation.
pub(crate) fn decode(service: &Service, shape: &Shape, request: &HttpRequest) -> Result<Value, ServiceError> {
    let Kind::Structure(structure) = &shape.kind else { return Err(ServiceError::internal()) };
    let reader = Reader { parameters: &parameters(request)?, ec2: service.protocol == Protocol::Ec2 };
    Ok(reader.structure(structure, "")?.unwrap_or_else(|| Value::Map(Vec::new())))
}

/// Reads shapes from form parameters.
struct Reader<'a> {
    parameters: &'a Parameters<'a>,
    /// EC2's dialect: names of its own, and every list without a level of its own.
    ec2: bool,
}

impl Reader<'_> {
    /// Reads what has a name, or a name that starts with it and a dot; nothing if there is none such.
    fn read(&self, shape: &Shape, name: &str) -> Result<Option<Value>, ServiceError> {
        match &shape.kind {
            Kind::Structure(structure) => self.structure(structure, &format!("{name}.")),
            Kind::List(list) => self.list(list, name),
            Kind::Map(map) => self.map(map, name),
            _ => find(self.parameters, name).map(|text| scalar(shape, name, text)).transpose(),
        }
    }

    fn structure(&self, structure: &Structure, prefix: &str) -> Result<Option<Value>, ServiceError> {
        let mut entries = Vec::new();
        for Member { name, shape, query_name, .. } in structure.members {
            if let Some(value) = self.read(shape, &format!("{prefix}{query_name}"))? {
                entries.push((Cow::Borrowed(*name), value));
            }
        }
        let named = !prefix.is_empty() && self.parameters.iter().any(|(key, _)| key.starts_with(prefix));
        Ok((!entries.is_empty() || named).then_some(Value::Map(entries)))
    }

    fn list(&self, list: &List, name: &str) -> Result<Option<Value>, ServiceError> {
        let is_flat = self.ec2 || list.flattened;
        let prefix = if is_flat { format!("{name}.") } else { format!("{name}.{}.", list.element_name) };
        let Some(count) = last_index(self.parameters, &prefix)? else {
            // This is how an empty list is sent.
            return Ok(find(self.parameters, name).map(|_| Value::List(Vec::new())));
        };
        let mut items = Vec::with_capacity(count.len());
        for position in count {
            let value = match position {
                Some(index) => self.read(list.element, &format!("{prefix}{index}"))?,
                None => None,
            };
            items.push(value.unwrap_or(Value::Null));
        }
        Ok(Some(Value::List(items)))
    }

    fn map(&self, map: &Map, name: &str) -> Result<Option<Value>, ServiceError> {
        let prefix = format!("{name}.entry.");
        let Some(positions) = last_index(self.parameters, &prefix)? else {
            return Ok(find(self.parameters, name).map(|_| Value::Map(Vec::new())));
        };
        let mut entries = Vec::with_capacity(positions.len());
        for index in positions.into_iter().flatten() {
            let key = find(self.parameters, &format!("{prefix}{index}.{}", map.key_name));
            let key = key.ok_or_else(|| malformed(format!("The entry {index} of {name} has no key.")))?;
            let value = self.read(map.value, &format!("{prefix}{index}.{}", map.value_name))?;
            entries.push((Cow::Owned(key.to_owned()), value.unwrap_or(Value::Null)));
        }
        Ok(Some(Value::Map(entries)))
    }
}

/// The positions of a list from the first on, each as it was written; nothing where a position was left out.
fn last_index(
    parameters: &Parameters<'_>,
    prefix: &str,
) -> Result<Option<Vec<Option<String>>>, ServiceError> {
    let mut given: Vec<(usize, &str)> = Vec::new();
    for (key, _) in parameters {
        if let Some(rest) = key.strip_prefix(prefix) {
            let written = rest.split('.').next().unwrap_or(rest);
            let index =
                index(written).ok_or_else(|| malformed(format!("{key} is not an element of a list.")))?;
            given.push((index, written));
        }
    }
    given.sort_unstable();
    let mut positions: Vec<Option<String>> = Vec::new();
    for (index, written) in given {
        if index > positions.len() + MAX_GAP {
            return Err(malformed(format!("{prefix}{written} is too far beyond the end of the list.")));
        }
        if index > positions.len() {
            positions.resize(index - 1, None);
            positions.push(Some(written.to_owned()));
        }
    }
    Ok((!positions.is_empty()).then_some(positions))
}

/// An index counts from one; leading zeros do not matter.
fn index(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|index| digits && *index > 0)
}

fn scalar(shape: &Shape, name: &str, text: &str) -> Result<Value, ServiceError> {
    let value = match &shape.kind {
        Kind::Boolean => match text {
            "true" | "1" => Some(Value::Bool(true)),
            "false" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        Kind::Integer => text.parse::<i32>().ok().map(|number| Value::Integer(number.into())),
        Kind::Long => text.parse().ok().map(Value::Integer),
        Kind::Timestamp(_) => Timestamp::parse(text).map(Value::Timestamp),
        _ => xml::scalar(shape, text),
    };
    value.ok_or_else(|| malformed(format!("The value of {name} is not of its type.")))
}

/// Writes the answer of an operation.
pub(crate) fn encode(
    service: &Service,
    operation: &str,
    built: &Built,
    value: Value,
    request_id: &str,
) -> HttpResponse {
    let mut xml = Writer::indented();
    let root = format!("{operation}Response");
    xml.open(&root, Some(service.namespace));
    if let (true, Kind::Structure(structure)) = (built.has_output, &built.output.kind) {
        let result = format!("{operation}Result");
        xml.open(&result, None);
        xml::write_members(&mut xml, structure, &value, Style::Query);
        xml.close(&result);
    }
    xml.open("ResponseMetadata", None);
    xml.text("RequestId", request_id);
    xml.close("ResponseMetadata");
    xml.close(&root);
    answer(built.status, "text/xml", xml.into_bytes())
}
