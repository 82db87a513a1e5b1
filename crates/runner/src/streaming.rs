//! Responses that leave the function piece by piece, for callers that want them so.
//!
//! The channel is short: a runtime that writes faster than the caller reads is made to wait, so no response is ever
//! held whole. A caller that goes away does not stop the function, as on AWS: what it still writes is dropped.

use std::fmt;

use bytes::Bytes;
use tokio::sync::mpsc;

/// How many parts may wait for the caller.
const WAITING: usize = 4;

/// A part of a streamed response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResponsePart {
    /// The runtime has begun to respond. Always the first part, and sent once.
    Begun {
        /// What the runtime says that the response is.
        content_type: Option<String>,
    },
    /// Some bytes of the response.
    Chunk(Bytes),
}

/// Where the runner puts the parts of a response.
#[derive(Clone)]
pub struct ResponseSink(mpsc::Sender<ResponsePart>);

impl ResponseSink {
    /// Hands a part over, when there is room for it. Nothing comes of it where nobody listens any more.
    pub async fn send(&self, part: ResponsePart) {
        drop(self.0.send(part).await);
    }
}

impl fmt::Debug for ResponseSink {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ResponseSink")
    }
}

/// A way for a streamed response: the end that goes with the [`crate::Invocation`], and the caller's.
#[must_use]
pub fn response_channel() -> (ResponseSink, mpsc::Receiver<ResponsePart>) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (ResponseSink(sender), receiver)
}
