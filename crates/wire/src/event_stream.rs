//! `application/vnd.amazon.eventstream`: each event is a message of its own, with headers, payload and two checksums.
//!
//! A message is: its length, the length of its headers, the CRC-32 of these two; the headers; the payload; the CRC-32 of
//! all before. Numbers are big-endian, lengths are 32 bits wide.

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::StreamExt;

use crate::json;
use crate::schema::{Kind, Shape, Structure};
use crate::stream::{BrokenOff, ByteStream, EventStream};
use crate::value::Value;

/// The content type of an answer whose body is an event stream.
pub(crate) const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";

/// The tag of a header whose value is text.
const STRING_HEADER: u8 = 7;
/// The two lengths and their checksum.
const PRELUDE_BYTES: usize = 12;
const CHECKSUM_BYTES: usize = 4;

/// The body of an answer with these events; `union` is the structure that has a member for each kind of event.
pub(crate) fn body(union: &'static Structure, events: &EventStream<Value>) -> Option<ByteStream> {
    let messages = events.take()?.map(move |event| message(union, &event).ok_or(BrokenOff));
    Some(ByteStream::new(messages))
}

/// One event as a message; none for a value that is no event of the union.
fn message(union: &Structure, event: &Value) -> Option<Bytes> {
    let (member, content) =
        union.members.iter().find_map(|member| Some((member, event.get(member.name)?)))?;
    let (content_type, payload) = payload(member.shape, content)?;
    Some(frame(
        &[(":event-type", member.wire_name), (":content-type", content_type), (":message-type", "event")],
        &payload,
    ))
}

/// An event's payload: the bytes of its payload member, or all its members as JSON.
fn payload(shape: &Shape, content: &Value) -> Option<(&'static str, Bytes)> {
    let Kind::Structure(structure) = &shape.kind else { return None };
    let Some(name) = structure.payload else {
        return Some(("application/json", json::encode(shape, content).into()));
    };
    match content.get(name) {
        Some(Value::Blob(bytes)) => Some(("application/octet-stream", bytes.clone())),
        None => Some(("application/octet-stream", Bytes::new())),
        Some(_) => None,
    }
}

fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Bytes {
    let headers = encoded_headers(headers);
    let length = PRELUDE_BYTES + headers.len() + payload.len() + CHECKSUM_BYTES;
    let mut message = BytesMut::with_capacity(length);
    message.put_u32(length_field(length));
    message.put_u32(length_field(headers.len()));
    message.put_u32(crc32fast::hash(&message));
    message.put_slice(&headers);
    message.put_slice(payload);
    message.put_u32(crc32fast::hash(&message));
    message.freeze()
}

fn encoded_headers(headers: &[(&str, &str)]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(96);
    for (name, value) in headers {
        // The names and values are the model's own, far shorter than their length fields allow.
        encoded.put_u8(u8::try_from(name.len()).unwrap_or(u8::MAX));
        encoded.put_slice(name.as_bytes());
        encoded.put_u8(STRING_HEADER);
        encoded.put_u16(u16::try_from(value.len()).unwrap_or(u16::MAX));
        encoded.put_slice(value.as_bytes());
    }
    encoded
}

/// Nothing in memory here is near 4 GiB.
fn length_field(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_the_one_that_aws_documents() {
        // An empty message, and the same with one header and a payload, computed by botocore's own rules.
        assert_eq!(&frame(&[], b"")[..], b"\0\0\0\x10\0\0\0\0\x05\xc2\x48\xeb\x7d\x98\xc8\xff");
        let message = frame(&[("a", "b")], b"{}");
        assert_eq!(message.len(), 12 + 6 + 2 + 4);
        assert_eq!(&message[..8], b"\0\0\0\x18\0\0\0\x06");
        assert_eq!(&message[12..20], b"\x01a\x07\0\x01b{}");
        let (body, checksum) = message.split_at(20);
        assert_eq!(checksum, crc32fast::hash(body).to_be_bytes());
    }
}
