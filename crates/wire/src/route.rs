//! Which operation a request asks for.

use std::borrow::Cow;

use crate::error::ServiceError;
use crate::http::HttpRequest;
use crate::schema::{Kind, Location, Operation, Protocol, Service, Shape};
use crate::{ec2_query, query};

/// How an operation is recognised where the path says it.
pub(crate) struct Route {
    method: &'static str,
    path: &'static [Segment],
    /// Query keys that the request must have, with the value that some must have.
    keys: &'static [(&'static str, Option<&'static str>)],
    /// Query keys that the operation's input demands.
    required: &'static [&'static str],
    copies: bool,
    deprecated: bool,
}

/// A part of a route's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    Literal(&'static str),
    Label(&'static str),
    /// The rest of the path, slashes included.
    Rest(&'static str),
}

impl Route {
    pub(crate) const fn new(method: &'static str, path: &'static [Segment]) -> Self {
        Self { method, path, keys: &[], required: &[], copies: false, deprecated: false }
    }

    pub(crate) const fn keys(mut self, keys: &'static [(&'static str, Option<&'static str>)]) -> Self {
        self.keys = keys;
        self
    }

    pub(crate) const fn requires(mut self, keys: &'static [&'static str]) -> Self {
        self.required = keys;
        self
    }

    /// The operation takes its object from the header `x-amz-copy-source`.
    pub(crate) const fn copies(mut self) -> Self {
        self.copies = true;
        self
    }

    pub(crate) const fn deprecated(mut self) -> Self {
        self.deprecated = true;
        self
    }

    pub(crate) fn method(&self) -> &'static str {
        self.method
    }

    /// The labels of a path that the route matches, still percent-encoded.
    pub(crate) fn labels<'a>(&self, path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        let mut labels = Vec::new();
        self.walk(path, |name, text| labels.push((name, text))).then_some(labels)
    }

    /// Whether a path with so many slashes may match: each segment has one before it, and one may be at the end. Told
    /// before [`matches`](Self::matches), because most routes are of another length.
    fn has_length(&self, slashes: usize) -> bool {
        let rest = matches!(self.path.last(), Some(Segment::Rest(_)));
        rest || (slashes.saturating_sub(1)..=slashes).contains(&self.path.len())
    }

    fn matches(&self, path: &str) -> bool {
        self.walk(path, |_, _| {})
    }

    /// Whether the route matches the path; tells its labels on the way, also of a path that does not match in the end.
    fn walk<'a>(&self, path: &'a str, mut label: impl FnMut(&'static str, &'a str)) -> bool {
        let mut rest = path.strip_prefix('/');
        for segment in self.path {
            let Some(text) = rest else { return false };
            match *segment {
                Segment::Literal(literal) => match text.strip_prefix(literal) {
                    Some("") => rest = None,
                    Some(tail) if tail.starts_with('/') => rest = tail.get(1..),
                    _ => return false,
                },
                Segment::Label(name) => {
                    let (head, tail) =
                        text.split_once('/').map_or((text, None), |(head, tail)| (head, Some(tail)));
                    if head.is_empty() {
                        return false;
                    }
                    label(name, head);
                    rest = tail;
                }
                Segment::Rest(_) if text.is_empty() => return false,
                Segment::Rest(name) => {
                    label(name, text);
                    rest = None;
                }
            }
        }
        // One slash at the end changes nothing; the path `/` alone is all slash.
        path.starts_with('/') && rest.is_none_or(str::is_empty)
    }

    fn has_keys(&self, query: &[(Cow<'_, str>, Cow<'_, str>)]) -> bool {
        let present = |key: &str, value: Option<&str>| {
            query.iter().any(|(name, given)| name == key && value.is_none_or(|value| given == value))
        };
        self.keys.iter().all(|(key, value)| present(key, *value))
    }

    /// Literal segments are worth most: `/event-invoke-config/list` is not the route with a label in that place.
    fn weight(&self) -> usize {
        let literals = self.path.iter().filter(|segment| matches!(segment, Segment::Literal(_))).count();
        literals * 4 + self.keys.len()
    }
}

/// The index of the operation that a request asks for.
pub(crate) fn route(service: &Service, request: &HttpRequest) -> Result<usize, ServiceError> {
    match service.protocol {
        Protocol::Query => query::route(service, request),
        Protocol::Ec2 => ec2_query::route(service, request),
        Protocol::Json | Protocol::QueryCompatibleJson => by_target(service, request),
        Protocol::RestJson => by_path(service, request),
        Protocol::RestXml => by_subresource(service, request),
    }
}

fn by_target(service: &Service, request: &HttpRequest) -> Result<usize, ServiceError> {
    let target = request.header("x-amz-target").and_then(|target| target.split_once('.'));
    let name = target.filter(|(prefix, _)| *prefix == service.target_prefix).map(|(_, name)| name);
    let index = name.and_then(|name| service.operations.iter().position(|operation| operation.name == name));
    index
        .ok_or_else(|| ServiceError { message: None, ..ServiceError::new(400, query::UNKNOWN_OPERATION, "") })
}

fn by_path(service: &Service, request: &HttpRequest) -> Result<usize, ServiceError> {
    let query = parse_query(&request.query);
    let method = request.method.as_str();
    let slashes = request.path.bytes().filter(|byte| *byte == b'/').count();
    let matching = service.operations.iter().enumerate().filter(|(_, operation)| {
        let route = &operation.route;
        route.method == method
            && route.has_length(slashes)
            && route.matches(&request.path)
            && route.has_keys(&query)
    });
    let best = matching.max_by_key(|(_, operation)| operation.route.weight());
    best.map(|(index, _)| index)
        .ok_or_else(|| ServiceError { message: None, ..ServiceError::new(404, query::UNKNOWN_OPERATION, "") })
}

/// S3 tells its operations apart by query keys. A key that belongs to some operation is never ignored: a request for an
/// object's ACL must not be answered with the object.
fn by_subresource(service: &Service, request: &HttpRequest) -> Result<usize, ServiceError> {
    let query = parse_query(&request.query);
    let copies = request.headers.contains_key("x-amz-copy-source");
    let mut best: Option<(usize, (usize, bool, bool))> = None;
    for (index, operation) in service.operations.iter().enumerate() {
        let route = &operation.route;
        let fits = route.method == request.method
            && route.matches(&request.path)
            && route.has_keys(&query)
            && route.required.iter().all(|key| query.iter().any(|(name, _)| name == key))
            && (!route.copies || copies);
        let weight = (route.keys.len() + route.required.len(), route.copies, !route.deprecated);
        if fits && best.is_none_or(|(_, heaviest)| weight > heaviest) {
            best = Some((index, weight));
        }
    }
    let chosen = best.and_then(|(index, _)| Some((index, service.operations.get(index)?)));
    let answers_all = |operation: &Operation| {
        let subresources = query.iter().filter(|(key, _)| is_subresource(service, key));
        subresources.map(|(key, _)| key.as_ref()).all(|key| takes(operation, key))
    };
    chosen.filter(|(_, operation)| answers_all(operation)).map(|(index, _)| index).ok_or_else(|| {
        ServiceError::new(
            405,
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
        )
        .with_member("Method", request.method.as_str())
    })
}

/// Whether a query key is what tells some operation from another.
fn is_subresource(service: &Service, key: &str) -> bool {
    let named = |operation: &Operation| operation.route.keys.iter().any(|(name, _)| *name == key);
    key == "uploadId" || key == "partNumber" || service.operations.iter().any(named)
}

fn takes(operation: &Operation, key: &str) -> bool {
    let route = &operation.route;
    route.keys.iter().any(|(name, _)| *name == key)
        || route.required.contains(&key)
        || operation.built.as_ref().is_some_and(|built| has_query_member(built.input, key))
}

fn has_query_member(shape: &Shape, key: &str) -> bool {
    let Kind::Structure(structure) = &shape.kind else { return false };
    structure.members.iter().any(|member| member.location == Location::Query && member.wire_name == key)
}

/// The keys and values of a query string, decoded.
pub(crate) fn parse_query(query: &str) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    form_urlencoded::parse(query.as_bytes()).collect()
}
