//! What the generated tables are made of: the parts of AWS's models that protocols, routing and validation interpret.

use crate::pattern::Pattern;
use crate::route::Route;
use crate::timestamp::TimestampFormat;

/// What generated tables need.
pub(crate) mod prelude {
    pub(crate) use super::{Exception, Kind, Location, Member, Operation, Protocol, Service, Shape};
    pub(crate) use crate::pattern::Pattern;
    pub(crate) use crate::route::{Route, Segment};
    pub(crate) use crate::timestamp::TimestampFormat;
}

/// How a service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Form parameters in, XML out.
    Query,
    /// EC2's own dialect of it: other names in requests, lists without a level of their own, another envelope.
    Ec2,
    /// JSON 1.1 with the operation in `X-Amz-Target`.
    Json,
    /// JSON 1.0 with the operation in `X-Amz-Target`, by a service that once spoke the query protocol: its error codes
    /// of then stand in a header, and clients go on reading these.
    QueryCompatibleJson,
    /// JSON, with the operation in the path.
    RestJson,
    /// XML, with the operation in the path.
    RestXml,
}

/// A service.
pub(crate) struct Service {
    pub(crate) name: &'static str,
    pub(crate) protocol: Protocol,
    pub(crate) api_version: &'static str,
    pub(crate) namespace: &'static str,
    pub(crate) target_prefix: &'static str,
    /// The error code of a violated constraint.
    pub(crate) validation_code: &'static str,
    /// Whether the text of a violated constraint repeats the value.
    pub(crate) shows_values: bool,
    pub(crate) operations: &'static [Operation],
    pub(crate) exceptions: &'static [Exception],
}

impl Service {
    pub(crate) fn operation_name(&self, index: usize) -> &'static str {
        self.operations.get(index).map_or("", |operation| operation.name)
    }

    pub(crate) fn is_built(&self, index: usize) -> bool {
        self.operations.get(index).is_some_and(|operation| operation.built.is_some())
    }
}

/// An operation, built or not.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) route: Route,
    pub(crate) built: Option<Built>,
}

/// What only a built operation has.
pub(crate) struct Built {
    pub(crate) input: &'static Shape,
    pub(crate) output: &'static Shape,
    /// The HTTP status of success.
    pub(crate) status: u16,
    /// Whether the model gives the operation an output.
    pub(crate) has_output: bool,
}

impl Operation {
    pub(crate) const fn new(name: &'static str, route: Route) -> Self {
        Self { name, route, built: None }
    }

    pub(crate) const fn built(mut self, input: &'static Shape, output: &'static Shape, status: u16) -> Self {
        self.built = Some(Built { input, output, status, has_output: true });
        self
    }

    pub(crate) const fn without_output(mut self) -> Self {
        if let Some(built) = &mut self.built {
            built.has_output = false;
        }
        self
    }
}

/// An exception of the model.
pub(crate) struct Exception {
    pub(crate) code: &'static str,
    /// `message` or `Message`.
    pub(crate) message_member: &'static str,
}

/// A shape with its constraints; shapes that only answers reach have none.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    pub(crate) pattern: Option<&'static Pattern>,
    pub(crate) values: &'static [&'static str],
    pub(crate) sensitive: bool,
}

/// The type of a shape.
pub(crate) enum Kind {
    String,
    Boolean,
    Integer,
    Long,
    Double,
    Blob,
    Timestamp(Option<TimestampFormat>),
    Structure(Structure),
    List(List),
    Map(Map),
}

/// A structure.
pub(crate) struct Structure {
    pub(crate) members: &'static [Member],
    /// The member that is the whole body.
    pub(crate) payload: Option<&'static str>,
    /// The XML element of the structure where it is a document of its own.
    pub(crate) root: &'static str,
    /// Whether the only member is the root element itself.
    pub(crate) unwrapped: bool,
}

/// A list.
pub(crate) struct List {
    pub(crate) element: &'static Shape,
    pub(crate) element_name: &'static str,
    pub(crate) flattened: bool,
    pub(crate) constraint: ElementConstraint,
}

/// How the text of a violated constraint speaks of a list's elements.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ElementConstraint {
    /// `Member must satisfy constraint: [..., Member must not be null]`.
    NotNull,
    /// `Member must satisfy constraint: [...]`.
    Nullable,
    /// The element's constraint as if it were the list's.
    Bare,
}

/// A map; its keys are strings.
pub(crate) struct Map {
    pub(crate) key: &'static Shape,
    pub(crate) value: &'static Shape,
    /// How the query protocol names the two parts of an entry.
    pub(crate) key_name: &'static str,
    pub(crate) value_name: &'static str,
}

/// A member of a structure.
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) shape: &'static Shape,
    pub(crate) required: bool,
    pub(crate) location: Location,
    /// The name in the place where the member is sent.
    pub(crate) wire_name: &'static str,
    /// The name among a request's form parameters, which is EC2's only where it is not the wire name.
    pub(crate) query_name: &'static str,
}

/// Where a member is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    Body,
    Uri,
    Query,
    Header,
    /// Every header that starts with the wire name.
    Headers,
    StatusCode,
}

impl Shape {
    pub(crate) const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, min: None, max: None, pattern: None, values: &[], sensitive: false }
    }

    pub(crate) const fn structure(name: &'static str, members: &'static [Member]) -> Self {
        Self::new(name, Kind::Structure(Structure { members, payload: None, root: name, unwrapped: false }))
    }

    pub(crate) const fn list(name: &'static str, element: &'static Self) -> Self {
        let constraint = ElementConstraint::NotNull;
        Self::new(name, Kind::List(List { element, element_name: "member", flattened: false, constraint }))
    }

    pub(crate) const fn map(name: &'static str, key: &'static Self, value: &'static Self) -> Self {
        Self::new(name, Kind::Map(Map { key, value, key_name: "key", value_name: "value" }))
    }

    pub(crate) const fn entries_named(mut self, key: &'static str, value: &'static str) -> Self {
        if let Kind::Map(map) = &mut self.kind {
            map.key_name = key;
            map.value_name = value;
        }
        self
    }

    pub(crate) const fn min(mut self, min: i64) -> Self {
        self.min = Some(min);
        self
    }

    pub(crate) const fn max(mut self, max: i64) -> Self {
        self.max = Some(max);
        self
    }

    pub(crate) const fn pattern(mut self, pattern: &'static Pattern) -> Self {
        self.pattern = Some(pattern);
        self
    }

    pub(crate) const fn values(mut self, values: &'static [&'static str]) -> Self {
        self.values = values;
        self
    }

    pub(crate) const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    pub(crate) const fn payload(mut self, member: &'static str) -> Self {
        if let Kind::Structure(structure) = &mut self.kind {
            structure.payload = Some(member);
        }
        self
    }

    pub(crate) const fn root(mut self, element: &'static str) -> Self {
        if let Kind::Structure(structure) = &mut self.kind {
            structure.root = element;
        }
        self
    }

    pub(crate) const fn unwrapped(mut self) -> Self {
        if let Kind::Structure(structure) = &mut self.kind {
            structure.unwrapped = true;
        }
        self
    }

    pub(crate) const fn element_named(mut self, name: &'static str) -> Self {
        if let Kind::List(list) = &mut self.kind {
            list.element_name = name;
        }
        self
    }

    pub(crate) const fn flattened(mut self) -> Self {
        if let Kind::List(list) = &mut self.kind {
            list.flattened = true;
        }
        self
    }

    pub(crate) const fn nullable_elements(mut self) -> Self {
        if let Kind::List(list) = &mut self.kind {
            list.constraint = ElementConstraint::Nullable;
        }
        self
    }

    pub(crate) const fn bare_elements(mut self) -> Self {
        if let Kind::List(list) = &mut self.kind {
            list.constraint = ElementConstraint::Bare;
        }
        self
    }
}

impl Member {
    pub(crate) const fn new(name: &'static str, shape: &'static Shape) -> Self {
        Self { name, shape, required: false, location: Location::Body, wire_name: name, query_name: name }
    }

    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(crate) const fn named(mut self, wire_name: &'static str) -> Self {
        self.wire_name = wire_name;
        self.query_name = wire_name;
        self
    }

    /// Names the member in form parameters, where that is another name.
    pub(crate) const fn queried(mut self, query_name: &'static str) -> Self {
        self.query_name = query_name;
        self
    }

    pub(crate) const fn at(mut self, location: Location, wire_name: &'static str) -> Self {
        self.location = location;
        self.wire_name = wire_name;
        self
    }
}
