//! ARNs as condition values: six components compared one by one, with wildcards in each (reference iam.md 2.5).

use crate::Context;
use crate::document::Version;
use crate::pattern::{encode, glob};
use crate::template::{Piece, pieces, resolve};

/// An ARN of a policy.
#[derive(Debug)]
pub(crate) enum ArnOperand {
    /// No variables; `None` when it is no ARN.
    Fixed(Option<Box<[u8]>>),
    /// Has variables: can only be split when they are filled, because a variable may hold a whole ARN.
    Variable(Box<[Piece]>),
}

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
            [Piece::Pattern(bytes)] => ArnOperand::Fixed(is_arn(bytes).then(|| bytes.clone())),
            _ => ArnOperand::Variable(pieces.into()),
        }
    }

    /// Compares with the split ARN of a request. A variable without value matches nothing.
    pub(crate) fn compare(&self, request: &[&str; 6], context: &Context) -> ArnMatch {
        match self {
            ArnOperand::Fixed(None) => ArnMatch::Broken,
            ArnOperand::Fixed(Some(bytes)) => compare(bytes, request),
            ArnOperand::Variable(pieces) => match resolve(pieces, context) {
                None => ArnMatch::No,
                Some(filled) if is_arn(&filled) => compare(&filled, request),
                Some(_) => ArnMatch::Broken,
            },
        }
    }
}

/// Whether a text can be stored as the value of an ARN operator; variables make it unknowable, so they pass.
pub(crate) fn is_storable(text: &str) -> bool {
    let mut bytes = Vec::with_capacity(text.len());
    encode(text, true, &mut bytes);
    text.contains("${") || is_arn(&bytes)
}

fn components(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.splitn(6, |byte| *byte == b':')
}

/// Whether there are six components, of which the first can stand for `arn`.
fn is_arn(bytes: &[u8]) -> bool {
    components(bytes).count() == 6 && components(bytes).next().is_some_and(|first| glob(first, b"arn"))
}

fn compare(bytes: &[u8], request: &[&str; 6]) -> ArnMatch {
    let matches =
        |(pattern, text): (&[u8], &&str)| pattern == text.as_bytes() || glob(pattern, text.as_bytes());
    if components(bytes).zip(request).all(matches) { ArnMatch::Yes } else { ArnMatch::No }
}
