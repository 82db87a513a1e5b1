//! Filter expressions: which traces GetTraceSummaries shows.
//!
//! What is read is the part of X-Ray's language that asks about single segments: `ok`, `error`, `fault`, `throttle`,
//! `partial`, `responsetime`, `duration`, the `http` keywords, `user`, `name`, `annotation`, `service(..)` with a filter
//! of its own, comparisons, AND, OR, NOT and parentheses. Any other keyword is refused by its name.

mod evaluate;
mod lexer;
mod parser;

use crate::error::XRayError;
use crate::trace::Trace;

/// A filter expression that was understood; the empty one matches everything.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Filter(Option<Expression>);

#[derive(Debug, Clone, PartialEq)]
enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Not(Box<Expression>),
    /// A keyword that is true or false.
    Flag(Flag),
    Compare(Subject, Operator, Value),
    /// An annotation with this key is there.
    Annotated(String),
    /// A segment of this service is there, for which the filter holds.
    Service(ServicePattern, Option<Box<Expression>>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flag {
    Ok,
    Error,
    Fault,
    Throttle,
    Partial,
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    ResponseTime,
    Duration,
    HttpStatus,
    HttpUrl,
    HttpMethod,
    HttpUserAgent,
    HttpClientIp,
    User,
    Name,
    Annotation(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Contains,
    BeginsWith,
    EndsWith,
}

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Text(String),
    Number(f64),
    Truth(bool),
}

/// `service("name")` or `service(id(name: "name", type: "AWS::Lambda"))`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct ServicePattern {
    name: Option<String>,
    kind: Option<String>,
}

impl Filter {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is not understood, and what is not built, by its name.
    pub(crate) fn parse(text: &str) -> Result<Self, XRayError> {
        parser::parse(text).map(Filter)
    }

    /// Whether the trace is to be shown.
    pub(crate) fn matches(&self, trace: &Trace) -> bool {
        self.0.as_ref().is_none_or(|expression| evaluate::matches(expression, trace))
    }
}
