//! The `Resource` and `NotResource` elements: ARNs compared component by component, so that a `*` in one component
//! cannot swallow the next (reference iam.md 1.7).

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::document::{ListElement, Version};
use crate::hash::{LONGEST, Role};
use crate::pattern::{QUESTION_BYTE, STAR_BYTE, Shape, encode, glob, literal};
use crate::template::{Operand, Piece, has_variables, pieces};
use crate::{Context, PolicyKind};

/// Which resources a statement is about.
#[derive(Debug)]
pub(crate) struct Resources {
    negated: bool,
    patterns: Box<[ResourcePattern]>,
}

#[derive(Debug)]
enum ResourcePattern {
    /// `*`.
    Any,
    /// Only wildcards: compared with the whole text, also with the `*` of an action without resource.
    Wildcards(Box<[u8]>),
    /// A whole ARN without wildcards.
    Exact(Box<str>),
    /// A whole ARN whose only wildcard is a `*` at its end, which is not kept.
    Start(Box<str>),
    /// A whole ARN with other wildcards.
    Arn(ArnPattern),
    /// An ARN with variables after the fifth colon.
    Variable(Box<VariablePattern>),
    /// Can match nothing: an ARN that is too short for this kind of policy, or a variable before the fifth colon.
    Never,
}

#[derive(Debug)]
struct ArnPattern {
    bytes: Box<[u8]>,
    /// Where the fifth colon is.
    colon: u32,
    /// Of the sixth component.
    shape: Shape,
}

#[derive(Debug)]
struct VariablePattern {
    /// Five components with the colons between them.
    head: Box<[u8]>,
    resource: Operand,
}

/// The resource of a request, split once for all statements.
#[derive(Debug)]
pub(crate) struct ResourceParts<'a> {
    text: &'a str,
    /// Split when that is first needed: most patterns are compared as a whole.
    components: OnceCell<Option<[&'a str; 6]>>,
}

impl<'a> ResourceParts<'a> {
    pub(crate) fn split(text: &'a str) -> Self {
        ResourceParts { text, components: OnceCell::new() }
    }

    /// The whole resource.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    fn components(&self) -> Option<&[&'a str; 6]> {
        self.components.get_or_init(|| split_arn(self.text)).as_ref()
    }

    /// The account that stands in an ARN; it may be empty.
    pub(crate) fn account(&self) -> Option<&'a str> {
        let [.., account, _] = self.components()?;
        Some(account)
    }

    /// The sixth component, which only ARNs have.
    pub(crate) fn tail(&self) -> Option<&'a str> {
        let [.., last] = self.components()?;
        Some(last)
    }
}

/// The six components; `None` for a text that is no ARN.
pub(crate) fn split_arn(text: &str) -> Option<[&str; 6]> {
    let mut rest = text.strip_prefix("arn:")?;
    let mut components = ["arn", "", "", "", "", ""];
    for slot in components.iter_mut().skip(1).take(4) {
        let colon = rest.bytes().position(|byte| byte == b':')?;
        let (component, after) = rest.split_at_checked(colon)?;
        *slot = component;
        rest = after.get(1..)?;
    }
    components[5] = rest;
    Some(components)
}

/// What all resources that a pattern is about have in common, for an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Common<'a> {
    /// There are no such resources.
    NoResource,
    /// This, as what the role says.
    Text(Role, Cow<'a, [u8]>),
    /// Nothing.
    Nothing,
}

impl Resources {
    pub(crate) fn compile(kind: PolicyKind, version: Version, element: &ListElement<'_>) -> Self {
        let compile = |text: &str| ResourcePattern::compile(kind, version, text);
        let patterns = element.values.iter().map(|text| compile(&text.value)).collect();
        Resources { negated: element.negated, patterns }
    }

    /// Whether the statement is about the resource. `deny` says that the statement denies: a `NotResource` value that
    /// can match nothing then leaves the resource denied, and not allowed where the statement allows.
    pub(crate) fn matches(&self, resource: &ResourceParts<'_>, context: &Context, deny: bool) -> bool {
        if !self.negated {
            return self.patterns.iter().any(|pattern| pattern.matches(resource, context) == Some(true));
        }
        // A variable without value takes the whole statement out (reference iam.md 3.4), and so must be looked for in
        // every value before any value can decide.
        self.patterns.iter().all(|pattern| match pattern {
            ResourcePattern::Never => deny,
            ResourcePattern::Variable(arn) => {
                arn.resource.resolves(context) && pattern.matches(resource, context) == Some(false)
            }
            _ => pattern.matches(resource, context) == Some(false),
        })
    }

    /// Whether the pattern with this number is about the resource.
    pub(crate) fn pattern_matches(
        &self,
        number: usize,
        resource: &ResourceParts<'_>,
        context: &Context,
    ) -> bool {
        self.patterns.get(number).is_some_and(|pattern| pattern.matches(resource, context) == Some(true))
    }

    /// What the resources of each pattern have in common; `None` when the statement is about the others.
    pub(crate) fn commons(&self) -> Option<impl Iterator<Item = Common<'_>>> {
        (!self.negated).then(|| self.patterns.iter().map(ResourcePattern::common))
    }
}

impl ResourcePattern {
    fn compile(kind: PolicyKind, version: Version, text: &str) -> Self {
        if text == "*" {
            return ResourcePattern::Any;
        }
        if version != Version::V2012 || !has_variables(text) {
            return Self::simple(text).unwrap_or_else(|| {
                let mut bytes = Vec::with_capacity(text.len());
                encode(text, true, &mut bytes);
                Self::without_variables(kind, bytes)
            });
        }
        match pieces(text, version, true).as_slice() {
            [Piece::Pattern(bytes)] => Self::without_variables(kind, bytes.to_vec()),
            pieces => Self::with_variables(pieces),
        }
    }

    fn without_variables(kind: PolicyKind, mut bytes: Vec<u8>) -> Self {
        if !bytes.is_empty() && bytes.iter().all(|byte| *byte >= QUESTION_BYTE) {
            return ResourcePattern::Wildcards(bytes.into());
        }
        if fifth_colon(&bytes).is_none() {
            if !short_arn_is_open(kind, &bytes) {
                return ResourcePattern::Never;
            }
            for _ in bytes.split(|byte| *byte == b':').count()..6 {
                bytes.extend([b':', STAR_BYTE]);
            }
        }
        let bytes = bytes.into_boxed_slice();
        let Some((at, colon)) = fifth_colon(&bytes).and_then(|at| Some((at, u32::try_from(at).ok()?))) else {
            return ResourcePattern::Never;
        };
        let shape = Shape::of(bytes.get(at + 1..).unwrap_or_default());
        ResourcePattern::Arn(ArnPattern { bytes, colon, shape })
    }

    /// A variable before the fifth colon makes a pattern that matches nothing.
    fn with_variables(pieces: &[Piece]) -> Self {
        let Some((Piece::Pattern(first), others)) = pieces.split_first() else {
            return ResourcePattern::Never;
        };
        let Some(colon) = fifth_colon(first) else { return ResourcePattern::Never };
        let start = Piece::Pattern(first.get(colon + 1..).unwrap_or_default().into());
        let resource = Operand::from_pieces([start].into_iter().chain(others.iter().cloned()).collect());
        let head = first.get(..colon).unwrap_or_default().into();
        ResourcePattern::Variable(Box::new(VariablePattern { head, resource }))
    }

    /// An ARN in which nothing comes after the first wildcard.
    fn simple(text: &str) -> Option<Self> {
        let start = text.strip_suffix('*').unwrap_or(text);
        if start.bytes().any(|byte| matches!(byte, b'*' | b'?')) || split_arn(start).is_none() {
            return None;
        }
        Some(match start.len() == text.len() {
            true => ResourcePattern::Exact(start.into()),
            false => ResourcePattern::Start(start.into()),
        })
    }

    /// `None` when a variable has no value.
    fn matches(&self, resource: &ResourceParts<'_>, context: &Context) -> Option<bool> {
        match self {
            ResourcePattern::Any => Some(true),
            ResourcePattern::Wildcards(bytes) => Some(glob(bytes, resource.text.as_bytes())),
            ResourcePattern::Exact(text) => Some(**text == *resource.text),
            ResourcePattern::Start(text) => Some(resource.text.starts_with(&**text)),
            ResourcePattern::Never => Some(false),
            ResourcePattern::Arn(arn) => Some(arn.matches(resource)),
            ResourcePattern::Variable(arn) => arn.matches(resource, context),
        }
    }

    fn common(&self) -> Common<'_> {
        match self {
            ResourcePattern::Never => Common::NoResource,
            ResourcePattern::Any | ResourcePattern::Wildcards(_) => Common::Nothing,
            ResourcePattern::Exact(text) => {
                shortened(Role::Resource, Role::ResourceStart, text.as_bytes().into())
            }
            ResourcePattern::Start(text) => {
                shortened(Role::ResourceStart, Role::ResourceStart, text.as_bytes().into())
            }
            ResourcePattern::Arn(arn) => {
                let (head, tail) = arn.parts();
                common(head, literal(tail), arn.shape == Shape::Exact)
            }
            ResourcePattern::Variable(arn) => common(&arn.head, arn.resource.literal(), false),
        }
    }
}

/// A text that is too long to be told apart whole is told apart by its start.
fn shortened(role: Role, start: Role, text: Cow<'_, [u8]>) -> Common<'_> {
    match text {
        text if text.is_empty() => Common::Nothing,
        text if text.len() <= LONGEST => Common::Text(role, text),
        text => Common::Text(start, text.get(..LONGEST).unwrap_or_default().to_vec().into()),
    }
}

impl ArnPattern {
    /// The five components before the fifth colon, and the one after it.
    fn parts(&self) -> (&[u8], &[u8]) {
        let colon = self.colon as usize;
        let (head, tail) = (self.bytes.get(..colon), self.bytes.get(colon + 1..));
        (head.unwrap_or_default(), tail.unwrap_or_default())
    }

    fn matches(&self, resource: &ResourceParts<'_>) -> bool {
        let Some([start @ .., last]) = resource.components() else { return false };
        let (head, tail) = self.parts();
        head_matches(head, start) && self.shape.matches(tail, last.as_bytes())
    }
}

impl VariablePattern {
    fn matches(&self, resource: &ResourceParts<'_>, context: &Context) -> Option<bool> {
        let Some([start @ .., last]) = resource.components() else { return Some(false) };
        if head_matches(&self.head, start) { self.resource.matches(last, context) } else { Some(false) }
    }
}

/// The start of the whole ARN where that is known as far as the sixth component, else the sixth component. `is_exact`
/// says that the tail is known to its end.
fn common<'a>(head: &'a [u8], tail: &'a [u8], is_exact: bool) -> Common<'a> {
    let known_head = literal(head);
    if known_head.len() == head.len() {
        let whole = [head, b":", tail].concat();
        return shortened(Role::ResourceStart, Role::ResourceStart, whole.into());
    }
    match is_exact {
        true => shortened(Role::Tail, Role::TailStart, tail.into()),
        false if tail.is_empty() => shortened(Role::ResourceStart, Role::ResourceStart, known_head.into()),
        false => shortened(Role::TailStart, Role::TailStart, tail.into()),
    }
}

fn head_matches(head: &[u8], components: &[&str]) -> bool {
    let mut pairs = head.split(|byte| *byte == b':').zip(components);
    pairs.all(|(pattern, component)| component_matches(pattern, component))
}

fn component_matches(pattern: &[u8], component: &str) -> bool {
    pattern == [STAR_BYTE] || pattern == component.as_bytes() || glob(pattern, component.as_bytes())
}

fn fifth_colon(bytes: &[u8]) -> Option<usize> {
    let mut colons = bytes.iter().enumerate().filter(|(_, byte)| **byte == b':');
    colons.nth(4).map(|(at, _)| at)
}

/// Whether the missing components of a short ARN stand for anything (reference iam.md 1.7 step 6).
fn short_arn_is_open(kind: PolicyKind, head: &[u8]) -> bool {
    match kind {
        PolicyKind::Identity | PolicyKind::Session => true,
        PolicyKind::Resource | PolicyKind::Endpoint | PolicyKind::Trust => {
            head.iter().any(|byte| matches!(*byte, STAR_BYTE | QUESTION_BYTE))
        }
        PolicyKind::ServiceControl => head.last() == Some(&STAR_BYTE),
        PolicyKind::ResourceControl => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Text;

    fn matches(kind: PolicyKind, negated: bool, deny: bool, values: &[&str], resource: &str) -> bool {
        let mut context = Context::new();
        context.set("aws:username", "ana");
        context.set("aws:PrincipalAccount", "1");
        let values = values.iter().map(|value| Text { value: (*value).into(), span: 0..0 }).collect();
        let element = ListElement { negated, span: 0..0, values };
        let resources = Resources::compile(kind, Version::V2012, &element);
        resources.matches(&ResourceParts::split(resource), &context, deny)
    }

    #[test]
    fn arns_are_compared_component_by_component() {
        let cases = [
            ("*", "arn:aws:s3:::b", true),
            ("*", "*", true),
            ("**", "*", true),
            ("arn:*", "*", false),
            ("arn:aws:s3:::b", "*", false),
            ("arn:aws:s3:::b*", "arn:aws:s3:::b:suffix/x", true),
            ("arn:aws:s3:::b/folder/*/object", "arn:aws:s3:::b/folder/a:b/object", true),
            ("arn:aws:s3:*:b", "arn:aws:s3:::b", false),
            ("arn:aws:lambda:*:function:f", "arn:aws:lambda:us-east-1:1:function:f", false),
            ("arn:aws:lambda:*:*:function:f", "arn:aws:lambda:us-east-1:1:function:f", true),
            ("arn:aws:lambda:*:*:function:f", "arn:aws:lambda:us-east-1:1:function:f:live", false),
            ("arn:aws:lambda:*:*:function:F", "arn:aws:lambda:us-east-1:1:function:f", false),
            ("arn:aws:lambda:*:*:function:${aws:username}-*", "arn:aws:lambda:r:1:function:ana-x", true),
            ("arn:aws:lambda:*:*:function:${aws:none}*", "arn:aws:lambda:r:1:function:ana-x", false),
            ("arn:aws:lambda:*:${aws:PrincipalAccount}:function:*", "arn:aws:lambda:r:1:function:x", false),
            ("arn:aws:s3", "arn:aws:s3:::b", true),
        ];
        for (pattern, resource, expected) in cases {
            assert_eq!(
                matches(PolicyKind::Identity, false, false, &[pattern], resource),
                expected,
                "{pattern}"
            );
        }
    }

    #[test]
    fn short_arns_are_read_by_the_kind_of_policy() {
        let resource = "arn:aws:s3:::b";
        let cases = [
            (PolicyKind::Session, "arn:aws:s3", true),
            (PolicyKind::Resource, "arn:aws:s3", false),
            (PolicyKind::Resource, "arn:aws:s*", true),
            (PolicyKind::ServiceControl, "arn:aws:s3", false),
            (PolicyKind::ServiceControl, "arn:a*:s3", false),
            (PolicyKind::ServiceControl, "arn:aws:s3*", true),
            (PolicyKind::ResourceControl, "arn:aws:s3*", false),
        ];
        for (kind, pattern, expected) in cases {
            assert_eq!(matches(kind, false, false, &[pattern], resource), expected, "{kind:?} {pattern}");
        }
    }

    #[test]
    fn not_resource_is_the_rest_unless_a_variable_has_no_value() {
        let resource = "arn:aws:s3:::b";
        let cases: [(&[&str], bool, bool); 6] = [
            (&["arn:aws:s3:::other"], false, true),
            (&["arn:aws:s3:::other"], true, true),
            (&["arn:aws:s3:::other", "arn:aws:s3:::b"], true, false),
            (&["arn:aws:s3:::other", "arn:aws:s3:::${aws:none}"], true, false),
            (&["arn:aws:lambda:::${aws:none}"], true, false),
            (&["arn:aws:s3:::${aws:username}"], false, true),
        ];
        for (values, deny, expected) in cases {
            assert_eq!(matches(PolicyKind::Identity, true, deny, values, resource), expected, "{values:?}");
        }
        assert!(matches(PolicyKind::Identity, true, true, &["arn:aws:s3:::b"], "*"));
    }
}
