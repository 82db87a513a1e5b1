//! JSON documents by the tables: the body of JSON 1.1 and REST-JSON services.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use crate::error::ServiceError;
use crate::schema::{Kind, Location, Member, Shape};
use crate::timestamp::{Timestamp, TimestampFormat};
use crate::value::Value;

/// The content types of the protocols JSON 1.0 and 1.1.
pub(crate) const VERSION_1_0: &str = "application/x-amz-json-1.0";
pub(crate) const VERSION_1_1: &str = "application/x-amz-json-1.1";

/// Reads a body; no body is an empty object.
pub(crate) fn decode(shape: &Shape, body: &[u8]) -> Result<Value, ServiceError> {
    if body.is_empty() {
        return Ok(Value::Map(Vec::new()));
    }
    let json: Json =
        serde_json::from_slice(body).map_err(|_| malformed("The request body is not valid JSON."))?;
    match json {
        Json::Null => Ok(Value::Map(Vec::new())),
        json => read(shape, json),
    }
}

/// The error of a body that does not have the form of its shape.
pub(crate) fn malformed(message: impl Into<String>) -> ServiceError {
    ServiceError::new(400, "SerializationException", message)
}

fn read(shape: &Shape, json: Json) -> Result<Value, ServiceError> {
    match (&shape.kind, json) {
        (_, Json::Null) => Ok(Value::Null),
        (Kind::Structure(structure), Json::Object(object)) => read_structure(structure.members, object),
        (Kind::List(list), Json::Array(items)) => {
            let items = items.into_iter().map(|item| read(list.element, item));
            items.collect::<Result<_, _>>().map(Value::List)
        }
        (Kind::Map(map), Json::Object(object)) => {
            let entries = object.into_iter().map(|(key, item)| Ok((Cow::Owned(key), read(map.value, item)?)));
            entries.collect::<Result<_, _>>().map(Value::Map)
        }
        (Kind::Structure(_) | Kind::Map(_), _) => Err(malformed("Expected a structure or map.")),
        (Kind::List(_), _) => Err(malformed("Expected a list.")),
        (_, Json::Object(_)) => Err(malformed("Start of structure or map found where not expected.")),
        (_, Json::Array(_)) => Err(malformed("Start of list found where not expected.")),
        (_, json) => read_scalar(shape, json),
    }
}

fn read_structure(
    members: &[Member],
    mut object: serde_json::Map<String, Json>,
) -> Result<Value, ServiceError> {
    let mut entries = Vec::new();
    for member in members.iter().filter(|member| member.location == Location::Body) {
        match object.get_mut(member.wire_name).map(Json::take) {
            None | Some(Json::Null) => {}
            Some(json) => entries.push((Cow::Borrowed(member.name), read(member.shape, json)?)),
        }
    }
    Ok(Value::Map(entries))
}

fn read_scalar(shape: &Shape, json: Json) -> Result<Value, ServiceError> {
    let found = json_kind(&json);
    let value = match (&shape.kind, json) {
        (Kind::String, Json::String(text)) => Some(Value::String(text)),
        (Kind::Boolean, Json::Bool(flag)) => Some(Value::Bool(flag)),
        (Kind::Integer, Json::Number(number)) => {
            number.as_i64().filter(|number| i32::try_from(*number).is_ok()).map(Value::Integer)
        }
        (Kind::Long, Json::Number(number)) => number.as_i64().map(Value::Integer),
        (Kind::Double, Json::Number(number)) => number.as_f64().map(Value::Double),
        (Kind::Blob, Json::String(text)) => STANDARD.decode(text).ok().map(|bytes| Value::Blob(bytes.into())),
        (Kind::Timestamp(format), json) => read_timestamp(&json, *format).map(Value::Timestamp),
        _ => None,
    };
    value.ok_or_else(|| malformed(format!("{found} can not be converted to {}", kind(shape))))
}

fn read_timestamp(json: &Json, format: Option<TimestampFormat>) -> Option<Timestamp> {
    match (json, format.unwrap_or(TimestampFormat::Unix)) {
        (Json::Number(number), TimestampFormat::Unix) => {
            number.as_f64().and_then(Timestamp::from_unix_seconds)
        }
        (Json::String(text), _) => Timestamp::parse(text),
        _ => None,
    }
}

fn json_kind(json: &Json) -> &'static str {
    match json {
        Json::String(_) => "STRING_VALUE",
        Json::Number(_) => "NUMBER_VALUE",
        Json::Bool(true) => "TRUE_VALUE",
        Json::Bool(false) => "FALSE_VALUE",
        _ => "VALUE",
    }
}

fn kind(shape: &Shape) -> &'static str {
    match shape.kind {
        Kind::String => "String",
        Kind::Boolean => "Boolean",
        Kind::Integer => "Integer",
        Kind::Long => "Long",
        Kind::Double => "Double",
        Kind::Blob => "Blob",
        Kind::Timestamp(_) => "Timestamp",
        Kind::Structure(_) => "Structure",
        Kind::List(_) => "List",
        Kind::Map(_) => "Map",
    }
}

/// How much room an answer gets at first, in bytes; most answers have enough of it.
const USUAL_BYTES: usize = 2048;

/// Writes a structure's body members.
pub(crate) fn encode(shape: &Shape, value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(USUAL_BYTES);
    write(shape, value, &mut out);
    out
}

/// An object of strings, in the order given; what is none is null.
pub(crate) fn object<'a>(members: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> Vec<u8> {
    let mut out = Vec::new();
    braced(&mut out, members, |out, value| match value {
        Some(text) => write_string(text, out),
        None => out.extend_from_slice(b"null"),
    });
    out
}

fn write(shape: &Shape, value: &Value, out: &mut Vec<u8>) {
    match (&shape.kind, value) {
        (Kind::Structure(structure), Value::Map(entries)) => {
            let mut rest = structure.members;
            let present = entries.iter().filter_map(|(name, value)| {
                let member = take_member(structure.members, &mut rest, name)?;
                (member.location == Location::Body).then_some((member.wire_name, (member, value)))
            });
            braced(out, present, |out, (member, value)| write(member.shape, value, out));
        }
        (Kind::Map(map), Value::Map(entries)) => {
            let entries = entries.iter().map(|(key, value)| (key.as_ref(), value));
            braced(out, entries, |out, value| write(map.value, value, out));
        }
        (Kind::List(list), Value::List(items)) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(list.element, item, out);
            }
            out.push(b']');
        }
        (Kind::Timestamp(format), Value::Timestamp(time)) => write_timestamp(*time, *format, out),
        (_, value) => write_scalar(value, out),
    }
}

/// The member of the name. Structs and tables have their members in one order, so it is among those that are left; a
/// value in another order is looked up among all.
fn take_member(all: &'static [Member], rest: &mut &'static [Member], name: &str) -> Option<&'static Member> {
    let Some(at) = rest.iter().position(|member| member.name == name) else {
        return all.iter().find(|member| member.name == name);
    };
    let member = rest.get(at);
    *rest = rest.get(at + 1..).unwrap_or_default();
    member
}

fn braced<'a, T>(
    out: &mut Vec<u8>,
    members: impl Iterator<Item = (&'a str, T)>,
    write: impl Fn(&mut Vec<u8>, T),
) {
    out.push(b'{');
    for (index, (name, value)) in members.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_string(name, out);
        out.push(b':');
        write(out, value);
    }
    out.push(b'}');
}

fn write_scalar(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Bool(flag) => write_json(flag, out),
        Value::Integer(number) => write_json(number, out),
        Value::Double(number) => write_json(number, out),
        Value::String(text) => write_string(text, out),
        Value::Blob(bytes) => write_string(&STANDARD.encode(bytes), out),
        Value::Timestamp(time) => write_timestamp(*time, None, out),
        Value::Null | Value::List(_) | Value::Map(_) | Value::Events(_) => out.extend_from_slice(b"null"),
    }
}

fn write_timestamp(time: Timestamp, format: Option<TimestampFormat>, out: &mut Vec<u8>) {
    match format.unwrap_or(TimestampFormat::Unix) {
        TimestampFormat::Iso8601 => write_string(&time.to_iso8601(), out),
        TimestampFormat::Rfc822 => write_string(&time.to_rfc822(), out),
        TimestampFormat::Unix if time.0 % 1000 == 0 => {
            write_json(&(time.0 / 1000), out);
        }
        TimestampFormat::Unix => out.extend_from_slice(time.to_unix_seconds().to_string().as_bytes()),
    }
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    // Most texts have nothing to escape.
    if has_escapes(text.as_bytes()) {
        return write_json(text, out);
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// Whether a JSON string needs an escape for one of the bytes. Sixteen are looked at in one step.
fn has_escapes(bytes: &[u8]) -> bool {
    let escapes = |byte: u8| u8::from(byte < b' ') | u8::from(byte == b'"') | u8::from(byte == b'\\');
    let any = |bytes: &[u8]| bytes.iter().fold(0, |found, byte| found | escapes(*byte)) != 0;
    let (pieces, rest) = bytes.as_chunks::<16>();
    pieces.iter().any(|piece| any(piece)) || any(rest)
}

/// Writes a string, number or boolean. Neither these nor memory refuse to be written, so there is no error to tell.
fn write_json<T: serde::Serialize + ?Sized>(scalar: &T, out: &mut Vec<u8>) {
    let _ = serde_json::to_writer(out, scalar);
}
