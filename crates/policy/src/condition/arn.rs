//! ARNs as condition values: six components compared one by one, with wildcards in each (reference iam.md 2.5).

use crate::Context;
use crate::document::Version;
use crate::pattern::{Unit, glob, units};
use crate::template::{Piece, pieces, resolve};

const COLON: Unit = 0x3a;

/// An ARN of a policy.
#[derive(Debug)]
pub(crate) enum ArnOperand {
    /// Split when it was compiled; `None` when it is no ARN.
    Fixed(Option<Components>),
    /// Has variables: can only be split when they are filled, because a variable may hold a whole ARN.
    Variable(Box<[Piece]>),
}

/// Six components.
#[derive(Debug)]
pub(crate) struct Components([Box<[Unit]>; 6]);

/// What one ARN of a policy says about one of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArnMatch {
    Yes,
    No,
    /// The policy's value is no ARN, so nothing can be said: a Deny applies and an Allow does not.
    Broken,
}

impl ArnOperand {
    pub(crate) fn parse(text: &str, version: Version) -> Self {
        let pieces = pieces(text, version, true);
        match pieces.as_slice() {
            [Piece::Units(units)] => ArnOperand::Fixed(Components::split(units)),
            _ => ArnOperand::Variable(pieces.into()),
        }
    }

    /// Compares with the split ARN of a request. A variable without value matches nothing.
    pub(crate) fn compare(&self, request: &[&str; 6], context: &Context) -> ArnMatch {
        match self {
            ArnOperand::Fixed(components) => compare(components.as_ref(), request),
            ArnOperand::Variable(pieces) => match resolve(pieces, context) {
                None => ArnMatch::No,
                Some(units) => compare(Components::split(&units).as_ref(), request),
            },
        }
    }
}

/// Whether a text can be stored as the value of an ARN operator; variables make it unknowable, so they pass.
pub(crate) fn is_storable(text: &str) -> bool {
    text.contains("${") || Components::split(&units(text, true)).is_some()
}

impl Components {
    fn split(units: &[Unit]) -> Option<Self> {
        let mut parts = units.splitn(6, |unit| *unit == COLON).map(Into::into);
        let mut next = || parts.next();
        let components: [Box<[Unit]>; 6] = [next()?, next()?, next()?, next()?, next()?, next()?];
        let first = components.first()?;
        glob(first, "arn").then_some(Components(components))
    }
}

fn compare(policy: Option<&Components>, request: &[&str; 6]) -> ArnMatch {
    match policy {
        None => ArnMatch::Broken,
        Some(Components(policy)) if policy.iter().zip(request).all(|(units, text)| glob(units, text)) => {
            ArnMatch::Yes
        }
        Some(_) => ArnMatch::No,
    }
}
