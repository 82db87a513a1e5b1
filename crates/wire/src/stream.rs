//! Answers that are not whole yet when they begin: a stream of bytes, and a stream of events.
//!
//! Both are only carried here. Whoever sends the answer asks for one piece after the other, so nothing is made faster
//! than it is taken.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream, StreamExt};

use crate::convert::{FromValue, IntoValue, WrongValue};
use crate::value::Value;

/// The stream broke off before its end: the answer must not look complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer broke off before its end")]
pub struct BrokenOff;

/// A body that comes piece by piece.
pub struct ByteStream(BoxStream<'static, Result<Bytes, BrokenOff>>);

impl ByteStream {
    /// A body of these pieces.
    pub fn new(pieces: impl Stream<Item = Result<Bytes, BrokenOff>> + Send + 'static) -> Self {
        ByteStream(pieces.boxed())
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, BrokenOff>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByteStream")
    }
}

/// The events of an answer: a member of an output like any other, but that it can be read only once. A copy is another
/// handle to the same stream, and equal to it.
pub struct EventStream<E>(Arc<Mutex<Option<BoxStream<'static, E>>>>);

impl<E> EventStream<E> {
    /// A stream of these events.
    pub fn new(events: impl Stream<Item = E> + Send + 'static) -> Self {
        EventStream(Arc::new(Mutex::new(Some(events.boxed()))))
    }

    /// Takes the events; none where somebody has taken them before.
    pub fn take(&self) -> Option<BoxStream<'static, E>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<E> Clone for EventStream<E> {
    fn clone(&self) -> Self {
        EventStream(Arc::clone(&self.0))
    }
}

impl<E> PartialEq for EventStream<E> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<E> fmt::Debug for EventStream<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventStream")
    }
}

impl<E: IntoValue + 'static> IntoValue for EventStream<E> {
    fn into_value(self) -> Value {
        match self.take() {
            Some(events) => Value::Events(EventStream::new(events.map(E::into_value))),
            None => Value::Null,
        }
    }
}

/// No service here reads an event stream.
impl<E> FromValue for EventStream<E> {
    fn from_value(_: Value) -> Result<Self, WrongValue> {
        Err(WrongValue { at: "EventStream" })
    }
}
