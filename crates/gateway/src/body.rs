//! The body of an answer as the HTTP server asks for it: whole answers cost no allocation, streams come as they come.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::StreamExt;
use http_body_util::Full;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use rolecall_wire::{Body, BrokenOff, ByteStream};

/// A body to send.
pub(crate) enum AnswerBody {
    Whole(Full<Bytes>),
    Stream(ByteStream),
}

impl From<Body> for AnswerBody {
    fn from(body: Body) -> Self {
        match body {
            Body::Whole(bytes) => AnswerBody::Whole(Full::new(bytes)),
            Body::Stream(stream) => AnswerBody::Stream(stream),
        }
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match self.get_mut() {
            AnswerBody::Whole(bytes) => {
                let frame = Pin::new(bytes).poll_frame(context);
                frame.map_err(|never: Infallible| match never {})
            }
            AnswerBody::Stream(stream) => stream.poll_next_unpin(context).map_ok(Frame::data),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            AnswerBody::Whole(bytes) => bytes.is_end_stream(),
            AnswerBody::Stream(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            AnswerBody::Whole(bytes) => bytes.size_hint(),
            AnswerBody::Stream(_) => SizeHint::default(),
        }
    }
}
