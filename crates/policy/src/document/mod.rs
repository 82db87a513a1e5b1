//! The shape of a policy document: JSON turned into statements with positions, before anything is known about the
//! meaning of their values. Both the validator and the compiler start here, so they cannot read a document
//! differently (reference iam.md 1.1, 1.8).

mod read;

use std::borrow::Cow;
use std::ops::Range;

use crate::error::Fault;

pub(crate) use read::{read, read_statement};

/// A text and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Text<'a> {
    pub(crate) value: Cow<'a, str>,
    pub(crate) span: Range<usize>,
}

/// Which of the two versions of the language the document is written in; `Missing` means 2008.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Missing,
    V2008,
    V2012,
}

/// A document that has the shape of a policy.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    pub(crate) span: Range<usize>,
    pub(crate) version: Version,
    pub(crate) statements: Vec<RawStatement<'a>>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug)]
pub(crate) struct ListElement<'a> {
    /// Whether it is the `Not` form.
    pub(crate) negated: bool,
    pub(crate) span: Range<usize>,
    pub(crate) values: Vec<Text<'a>>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug)]
pub(crate) struct RawPrincipal<'a> {
    pub(crate) negated: bool,
    pub(crate) span: Range<usize>,
    /// Written as the bare `"*"`.
    pub(crate) scalar: bool,
    /// Has values in a list.
    pub(crate) listed: bool,
    /// The type (`AWS`, `Service`, ...) and one value; the bare `"*"` is `AWS`.
    pub(crate) entries: Vec<(PrincipalType, Text<'a>)>,
}

/// The kinds of identity that a `Principal` element can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PrincipalType {
    Aws,
    Service,
    Federated,
    CanonicalUser,
}

/// One operator with one key.
#[derive(Debug)]
pub(crate) struct RawCondition<'a> {
    pub(crate) operator: Text<'a>,
    pub(crate) key: Text<'a>,
    pub(crate) values: Vec<Text<'a>>,
}

/// One statement.
#[derive(Debug)]
pub(crate) struct RawStatement<'a> {
    pub(crate) span: Range<usize>,
    pub(crate) sid: Option<Text<'a>>,
    pub(crate) effect: Text<'a>,
    pub(crate) principal: Option<RawPrincipal<'a>>,
    pub(crate) actions: Option<ListElement<'a>>,
    pub(crate) resources: Option<ListElement<'a>>,
    pub(crate) conditions: Vec<RawCondition<'a>>,
}

/// Why a text has not the shape of a policy. Trust policies have a message of their own for what is not JSON.
#[derive(Debug)]
pub(crate) enum ShapeFault {
    NotJson(Fault),
    NotPolicy(Fault),
}

impl ShapeFault {
    pub(crate) fn into_fault(self) -> Fault {
        match self {
            ShapeFault::NotJson(fault) | ShapeFault::NotPolicy(fault) => fault,
        }
    }
}
