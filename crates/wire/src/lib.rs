//! AWS's protocols, and the request and response shapes generated from AWS's models.
//!
//! Bytes in, typed input out, and back: [`route`] finds the operation of a request, [`decode`] reads and validates its
//! input, [`encode`] and [`encode_error`] write the answer. The shapes, routes and constraints are data generated from
//! AWS's models (`cargo xtask codegen`); the protocols are written once and interpret that data. There is no I/O here,
//! no clock and no async: an answer that comes piece by piece is carried, and whoever sends it asks for the pieces.

mod any;
mod convert;
mod ec2_query;
mod error;
mod error_form;
mod event_stream;
#[expect(
    clippy::large_enum_variant,
    reason = "an input or output is moved a few times per request, never stored"
)]
mod generated;
mod http;
mod json;
mod model;
mod pattern;
mod query;
mod rest;
mod route;
mod schema;
mod sensitive;
mod stream;
mod timestamp;
mod validate;
mod value;
mod xml;

pub use any::{decode, encode, encode_error, route};
pub use convert::{FromValue, IntoValue, WrongValue};
pub use error::{Fault, ServiceError};
pub use generated::{
    AnyInput, AnyOperation, AnyOutput, ServiceId, ec2, iam, lambda, logs, organizations, s3, sns, sqs, sts,
    xray,
};
pub use http::{Body, HttpRequest, HttpResponse};
pub use model::Model;
pub use sensitive::Sensitive;
pub use stream::{BrokenOff, ByteStream, EventStream};
pub use timestamp::Timestamp;
pub use value::Value;
