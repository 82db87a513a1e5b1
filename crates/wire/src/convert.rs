//! Between the intermediate value and Rust's types; the generated structs build their conversions from these.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;

use crate::sensitive::Sensitive;
use crate::timestamp::Timestamp;
use crate::value::Value;

/// What generated shapes need.
pub(crate) mod prelude {
    pub(crate) use std::collections::BTreeMap;

    pub(crate) use bytes::Bytes;

    pub(crate) use super::{Fields, FromValue, IntoValue, WrongValue};
    pub(crate) use crate::sensitive::Sensitive;
    pub(crate) use crate::stream::EventStream;
    pub(crate) use crate::timestamp::Timestamp;
    pub(crate) use crate::value::Value;
}

/// A value that is not of its shape. Protocols and validation see to it that this does not happen to what callers send.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{at}` is not of its shape")]
pub struct WrongValue {
    /// The structure or member.
    pub at: &'static str,
}

/// Types that are read from a value.
pub trait FromValue: Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// When the value is not of the type's shape.
    fn from_value(value: Value) -> Result<Self, WrongValue>;
}

/// Types that become a value.
pub trait IntoValue {
    /// The value.
    fn into_value(self) -> Value;
}

/// A structure on its way to or from a value.
pub(crate) struct Fields {
    name: &'static str,
    entries: Vec<(Cow<'static, str>, Value)>,
}

impl Fields {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { name: "", entries: Vec::with_capacity(capacity) }
    }

    pub(crate) fn read(value: Value, name: &'static str) -> Result<Self, WrongValue> {
        match value {
            Value::Map(entries) => Ok(Self { name, entries }),
            _ => Err(WrongValue { at: name }),
        }
    }

    pub(crate) fn required<T: FromValue>(&mut self, name: &'static str) -> Result<T, WrongValue> {
        self.optional(name)?.ok_or(WrongValue { at: self.name })
    }

    pub(crate) fn optional<T: FromValue>(&mut self, name: &'static str) -> Result<Option<T>, WrongValue> {
        let Some(index) = self.entries.iter().position(|(key, _)| key == name) else { return Ok(None) };
        match self.entries.swap_remove(index).1 {
            Value::Null => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }

    pub(crate) fn put(&mut self, name: &'static str, value: impl IntoValue) {
        self.entries.push((Cow::Borrowed(name), value.into_value()));
    }

    pub(crate) fn put_some(&mut self, name: &'static str, value: Option<impl IntoValue>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    pub(crate) fn into_value(self) -> Value {
        Value::Map(self.entries)
    }
}

macro_rules! scalar {
    ($($kind:ident $rust:ty),* $(,)?) => {$(
        impl FromValue for $rust {
            fn from_value(value: Value) -> Result<Self, WrongValue> {
                match value {
                    Value::$kind(inner) => Ok(inner),
                    _ => Err(WrongValue { at: stringify!($kind) }),
                }
            }
        }

        impl IntoValue for $rust {
            fn into_value(self) -> Value {
                Value::$kind(self)
            }
        }
    )*};
}

scalar!(Bool bool, Integer i64, Double f64, String String, Blob Bytes, Timestamp Timestamp);

impl FromValue for i32 {
    fn from_value(value: Value) -> Result<Self, WrongValue> {
        Self::try_from(i64::from_value(value)?).map_err(|_| WrongValue { at: "Integer" })
    }
}

impl IntoValue for i32 {
    fn into_value(self) -> Value {
        Value::Integer(i64::from(self))
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    fn from_value(value: Value) -> Result<Self, WrongValue> {
        match value {
            Value::List(items) => items.into_iter().map(T::from_value).collect(),
            _ => Err(WrongValue { at: "List" }),
        }
    }
}

impl<T: IntoValue> IntoValue for Vec<T> {
    fn into_value(self) -> Value {
        Value::List(self.into_iter().map(T::into_value).collect())
    }
}

impl<T: FromValue> FromValue for BTreeMap<String, T> {
    fn from_value(value: Value) -> Result<Self, WrongValue> {
        match value {
            Value::Map(entries) => entries
                .into_iter()
                .map(|(key, value)| Ok((key.into_owned(), T::from_value(value)?)))
                .collect(),
            _ => Err(WrongValue { at: "Map" }),
        }
    }
}

impl<T: IntoValue> IntoValue for BTreeMap<String, T> {
    fn into_value(self) -> Value {
        Value::Map(self.into_iter().map(|(key, value)| (Cow::Owned(key), value.into_value())).collect())
    }
}

impl<T: FromValue> FromValue for Sensitive<T> {
    fn from_value(value: Value) -> Result<Self, WrongValue> {
        T::from_value(value).map(Self::new)
    }
}

impl<T: IntoValue> IntoValue for Sensitive<T> {
    fn into_value(self) -> Value {
        self.into_inner().into_value()
    }
}
