//! The form that a shape has between the bytes of a protocol and its struct.
//!
//! Every protocol reads into it and writes from it, so that each is written once and not once per shape.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

use crate::stream::EventStream;
use crate::timestamp::Timestamp;

/// A value of any shape.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// Nothing: an element of a list that was not given.
    Null,
    /// A boolean.
    Bool(bool),
    /// An `integer` or `long`.
    Integer(i64),
    /// A `float` or `double`.
    Double(f64),
    /// A string.
    String(String),
    /// Bytes.
    Blob(Bytes),
    /// A point in time.
    Timestamp(Timestamp),
    /// A list.
    List(Vec<Value>),
    /// A structure by its members' names in the model, or a map by its keys.
    Map(Vec<(Cow<'static, str>, Value)>),
    /// The events of an answer.
    Events(EventStream<Value>),
}

impl Value {
    /// A member of a structure, or a map's value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }
}

/// Prints kinds and sizes only: a value may be a secret, and only its struct knows.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Bool(_) => f.write_str("Bool"),
            Self::Integer(_) => f.write_str("Integer"),
            Self::Double(_) => f.write_str("Double"),
            Self::String(text) => write!(f, "String({} bytes)", text.len()),
            Self::Blob(bytes) => write!(f, "Blob({} bytes)", bytes.len()),
            Self::Timestamp(_) => f.write_str("Timestamp"),
            Self::List(items) => f.debug_list().entries(items).finish(),
            Self::Map(entries) => write!(f, "Map({} entries)", entries.len()),
            Self::Events(_) => f.write_str("Events"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_content() {
        let value = Value::Map(vec![(Cow::Borrowed("key"), Value::String("secret".to_owned()))]);
        let list = Value::List(vec![value, Value::String("secret".to_owned())]);
        assert_eq!(format!("{list:?}"), "[Map(1 entries), String(6 bytes)]");
    }
}
