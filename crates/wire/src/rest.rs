//! The bindings of the REST protocols: which member is sent in the path, the query string, a header or the body.

use std::borrow::Cow;

use http::{HeaderName, HeaderValue, StatusCode};
use percent_encoding::percent_decode_str;

use crate::error::ServiceError;
use crate::event_stream;
use crate::http::{Body, HttpRequest, HttpResponse};
use crate::json;
use crate::model::{Unsendable, answer};
use crate::route::parse_query;
use crate::schema::{Built, Kind, Location, Member, Operation, Protocol, Service, Structure};
use crate::timestamp::TimestampFormat;
use crate::value::Value;
use crate::xml::{self, Malformed, Style, Writer};

type Entries = Vec<(Cow<'static, str>, Value)>;
type Pairs<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// Reads the input of an operation.
pub(crate) fn decode(
    service: &Service,
    operation: &Operation,
    built: &Built,
    request: &HttpRequest,
) -> Result<Value, ServiceError> {
    let Kind::Structure(structure) = &built.input.kind else { return Err(ServiceError::internal()) };
    let labels = operation.route.labels(&request.path).unwrap_or_default();
    let query = parse_query(&request.query);
    let mut entries = Vec::new();
    for member in structure.members {
        let value = match member.location {
            Location::Uri => label(service, member, &labels)?,
            Location::Query => query_member(service, member, &query)?,
            Location::Header => header(service, member, request)?,
            Location::Headers => prefixed_headers(member, request),
            Location::Body | Location::StatusCode => None,
        };
        entries.extend(value.map(|value| (Cow::Borrowed(member.name), value)));
    }
    entries.extend(body(service, built, structure, request)?);
    Ok(Value::Map(entries))
}

fn label(service: &Service, member: &Member, labels: &[(&str, &str)]) -> Result<Option<Value>, ServiceError> {
    let Some((_, text)) = labels.iter().find(|(name, _)| *name == member.wire_name) else { return Ok(None) };
    let text = percent_decode_str(text).decode_utf8().map_err(|_| unreadable(service, member))?;
    scalar(service, member, &text).map(Some)
}

fn query_member(
    service: &Service,
    member: &Member,
    query: &Pairs<'_>,
) -> Result<Option<Value>, ServiceError> {
    let mut values = query.iter().filter(|(name, _)| name == member.wire_name).map(|(_, value)| value);
    match &member.shape.kind {
        Kind::List(list) => {
            let items =
                values.map(|text| xml::scalar(list.element, text).ok_or_else(|| unreadable(service, member)));
            let items = items.collect::<Result<Vec<_>, _>>()?;
            Ok((!items.is_empty()).then_some(Value::List(items)))
        }
        _ => values.next().map(|text| scalar(service, member, text)).transpose(),
    }
}

fn header(service: &Service, member: &Member, request: &HttpRequest) -> Result<Option<Value>, ServiceError> {
    let Some(text) = request.header(member.wire_name) else { return Ok(None) };
    match &member.shape.kind {
        Kind::List(list) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            let items =
                items.map(|item| xml::scalar(list.element, item).ok_or_else(|| unreadable(service, member)));
            Ok(Some(Value::List(items.collect::<Result<_, _>>()?)))
        }
        _ => scalar(service, member, text).map(Some),
    }
}

/// The headers whose names start with the member's, under the rest of their names.
fn prefixed_headers(member: &Member, request: &HttpRequest) -> Option<Value> {
    let matching = request.headers.iter().filter_map(|(name, value)| {
        let key = name.as_str().strip_prefix(member.wire_name)?;
        let value = std::str::from_utf8(value.as_bytes()).ok()?;
        Some((Cow::Owned(key.to_owned()), Value::String(value.to_owned())))
    });
    let entries: Entries = matching.collect();
    (!entries.is_empty()).then_some(Value::Map(entries))
}

fn scalar(service: &Service, member: &Member, text: &str) -> Result<Value, ServiceError> {
    xml::scalar(member.shape, text).ok_or_else(|| unreadable(service, member))
}

fn unreadable(service: &Service, member: &Member) -> ServiceError {
    let message = format!("The value of {} is not of its type.", member.wire_name);
    match service.protocol {
        Protocol::RestXml => ServiceError::new(400, "InvalidArgument", message),
        _ => json::malformed(message),
    }
}

/// The members that the body holds: one as a whole, or each that has no other place.
fn body(
    service: &Service,
    built: &Built,
    structure: &Structure,
    request: &HttpRequest,
) -> Result<Entries, ServiceError> {
    let Some(payload) = structure.payload else {
        let has_members = structure.members.iter().any(|member| member.location == Location::Body);
        if !has_members {
            return Ok(Vec::new());
        }
        return match json::decode(built.input, &request.body)? {
            Value::Map(entries) => Ok(entries),
            _ => Err(ServiceError::internal()),
        };
    };
    let member =
        structure.members.iter().find(|member| member.name == payload).ok_or_else(ServiceError::internal)?;
    let value = payload_value(service, member, request)?;
    Ok(value.map(|value| (Cow::Borrowed(member.name), value)).into_iter().collect())
}

fn payload_value(
    service: &Service,
    member: &Member,
    request: &HttpRequest,
) -> Result<Option<Value>, ServiceError> {
    let body = &request.body;
    match (&member.shape.kind, service.protocol) {
        (Kind::Blob, _) => Ok((!body.is_empty()).then(|| Value::Blob(body.clone()))),
        (Kind::String, _) if body.is_empty() => Ok(None),
        (Kind::String, _) => {
            let text = String::from_utf8(body.to_vec()).map_err(|_| unreadable(service, member))?;
            Ok(Some(Value::String(text)))
        }
        _ if body.is_empty() => Ok(None),
        (_, Protocol::RestXml) => {
            let read = xml::parse(body).and_then(|root| xml::read(member.shape, root));
            read.map(Some).map_err(|Malformed| malformed_xml())
        }
        _ => json::decode(member.shape, body).map(Some),
    }
}

/// S3's error of a document that it cannot use.
pub(crate) fn malformed_xml() -> ServiceError {
    let message = "The XML you provided was not well-formed or did not validate against our published schema";
    ServiceError::new(400, "MalformedXML", message)
}

/// Writes the answer of an operation.
pub(crate) fn encode(service: &Service, built: &Built, value: Value) -> Result<HttpResponse, Unsendable> {
    let Kind::Structure(structure) = &built.output.kind else { return Err(Unsendable) };
    let mut answer = output_body(service, built, structure, &value);
    for member in structure.members {
        let Some(value) = value.get(member.name) else { continue };
        match member.location {
            Location::Header => put_header(&mut answer, member.wire_name, &header_text(member, value))?,
            Location::Headers => put_headers(&mut answer, member.wire_name, value)?,
            Location::StatusCode => put_status(&mut answer, value)?,
            Location::Body | Location::Uri | Location::Query => {}
        }
    }
    if matches!(answer.body, Body::Stream(_)) {
        remap_content_type(&mut answer);
    }
    // A model states one status for an operation; S3's GetObject answers a part with another.
    if answer.status == StatusCode::OK && answer.headers.contains_key(http::header::CONTENT_RANGE) {
        answer.status = StatusCode::PARTIAL_CONTENT;
    }
    if answer.status == StatusCode::NO_CONTENT {
        answer.body = Default::default();
        answer.headers.remove(http::header::CONTENT_TYPE);
    }
    Ok(answer)
}

fn output_body(service: &Service, built: &Built, structure: &Structure, value: &Value) -> HttpResponse {
    let has_body = structure.members.iter().any(|member| member.location == Location::Body);
    let is_xml = service.protocol == Protocol::RestXml;
    let payload =
        structure.payload.and_then(|name| structure.members.iter().find(|member| member.name == name));
    match payload {
        Some(member) => payload_body(service, built, member, value.get(member.name)),
        None if is_xml && has_body => {
            answer(built.status, "application/xml", document(service, structure, value))
        }
        None if is_xml => empty(built.status),
        None if built.has_output => {
            answer(built.status, "application/json", json::encode(built.output, value))
        }
        None => empty(built.status),
    }
}

fn payload_body(service: &Service, built: &Built, member: &Member, value: Option<&Value>) -> HttpResponse {
    let is_xml = service.protocol == Protocol::RestXml;
    let bytes_type = if is_xml { "binary/octet-stream" } else { "application/json" };
    let json_type = "application/json";
    match value {
        Some(Value::Blob(bytes)) => {
            let mut answer = answer(built.status, bytes_type, Vec::new());
            answer.body = bytes.clone().into();
            answer
        }
        Some(Value::Events(events)) => {
            let mut answer = answer(built.status, event_stream::CONTENT_TYPE, Vec::new());
            if let Kind::Structure(union) = &member.shape.kind
                && let Some(body) = event_stream::body(union, events)
            {
                answer.body = Body::Stream(body);
            }
            answer
        }
        Some(Value::String(text)) => answer(built.status, json_type, text.clone().into_bytes()),
        Some(value) if is_xml => match &member.shape.kind {
            Kind::Structure(structure) => {
                let root = if member.wire_name == member.name { structure.root } else { member.wire_name };
                answer(built.status, "application/xml", xml_document(service, root, structure, value))
            }
            _ => empty(built.status),
        },
        Some(value) => answer(built.status, json_type, json::encode(member.shape, value)),
        None => answer(built.status, bytes_type, Vec::new()),
    }
}

/// The content type of a streamed answer is that of event streams, and the one that the function gave its content has a
/// header of its own (reference lambda.md 7.5).
fn remap_content_type(answer: &mut HttpResponse) {
    let event_stream = HeaderValue::from_static(event_stream::CONTENT_TYPE);
    let given = answer.headers.insert(http::header::CONTENT_TYPE, event_stream.clone());
    if let Some(given) = given.filter(|given| *given != event_stream) {
        answer.headers.insert(HeaderName::from_static("x-amzn-remapped-content-type"), given);
    }
}

fn empty(status: u16) -> HttpResponse {
    let mut answer = answer(status, "", Vec::new());
    answer.headers.clear();
    answer
}

fn document(service: &Service, structure: &Structure, value: &Value) -> Vec<u8> {
    if !structure.unwrapped {
        return xml_document(service, structure.root, structure, value);
    }
    let mut xml = Writer::document();
    if let Some(member) = structure.members.first() {
        let text = value.get(member.name).map(xml::text).unwrap_or_default();
        xml.text_in(member.wire_name, Some(service.namespace), &text);
    }
    xml.into_bytes()
}

fn xml_document(service: &Service, root: &str, structure: &Structure, value: &Value) -> Vec<u8> {
    let mut xml = Writer::document();
    xml.open(root, Some(service.namespace));
    xml::write_members(&mut xml, structure, value, Style::Rest);
    xml.close(root);
    xml.into_bytes()
}

fn header_text(member: &Member, value: &Value) -> String {
    match (&member.shape.kind, value) {
        (Kind::Timestamp(Some(TimestampFormat::Iso8601)), Value::Timestamp(time)) => time.to_iso8601(),
        (Kind::Timestamp(Some(TimestampFormat::Unix)), Value::Timestamp(time)) => {
            time.to_unix_seconds().to_string()
        }
        (_, Value::Timestamp(time)) => time.to_rfc822(),
        (_, Value::List(items)) => items.iter().map(xml::text).collect::<Vec<_>>().join(","),
        (_, value) => xml::text(value).into_owned(),
    }
}

fn put_headers(answer: &mut HttpResponse, prefix: &str, value: &Value) -> Result<(), Unsendable> {
    let Value::Map(entries) = value else { return Err(Unsendable) };
    entries
        .iter()
        .try_for_each(|(key, value)| put_header(answer, &format!("{prefix}{key}"), &xml::text(value)))
}

fn put_header(answer: &mut HttpResponse, name: &str, text: &str) -> Result<(), Unsendable> {
    let name = HeaderName::try_from(name).map_err(|_| Unsendable)?;
    let value = HeaderValue::from_bytes(text.as_bytes()).map_err(|_| Unsendable)?;
    answer.headers.insert(name, value);
    Ok(())
}

fn put_status(answer: &mut HttpResponse, value: &Value) -> Result<(), Unsendable> {
    let Value::Integer(status) = value else { return Err(Unsendable) };
    let status = u16::try_from(*status).map_err(|_| Unsendable)?;
    answer.status = StatusCode::from_u16(status).map_err(|_| Unsendable)?;
    Ok(())
}
