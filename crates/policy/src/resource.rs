//! The `Resource` and `NotResource` elements: ARNs compared component by component, so that a `*` in one component
//! cannot swallow the next (reference iam.md 1.7).

use crate::document::{ListElement, Version};
use crate::pattern::{Pattern, QUESTION, STAR, Unit};
use crate::template::{Operand, Piece, pieces};
use crate::{Context, PolicyKind};

const COLON: Unit = 0x3a;

/// Which resources a statement is about.
#[derive(Debug)]
pub(crate) struct Resources {
    negated: bool,
    patterns: Box<[ResourcePattern]>,
}

#[derive(Debug)]
enum ResourcePattern {
    /// Only wildcards: compared with the whole text, also with the `*` of an action without resource.
    Wildcards(Pattern),
    Arn(Box<ArnPattern>),
    /// Can match nothing: an ARN that is too short for this kind of policy, or a variable before the fifth colon.
    Never,
}

#[derive(Debug)]
struct ArnPattern {
    components: [Pattern; 5],
    resource: Operand,
}

/// The resource of a request, split once for all statements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ResourceParts<'a> {
    text: &'a str,
    components: Option<[&'a str; 6]>,
}

impl<'a> ResourceParts<'a> {
    pub(crate) fn split(text: &'a str) -> Self {
        ResourceParts { text, components: split_arn(text) }
    }
}

/// The six components; `None` for a text that is no ARN.
pub(crate) fn split_arn(text: &str) -> Option<[&str; 6]> {
    let mut rest = text.splitn(6, ':');
    let components = [rest.next()?, rest.next()?, rest.next()?, rest.next()?, rest.next()?, rest.next()?];
    (components[0] == "arn").then_some(components)
}

impl Resources {
    pub(crate) fn compile(kind: PolicyKind, version: Version, element: &ListElement) -> Self {
        let compile = |text: &str| ResourcePattern::compile(kind, pieces(text, version, true));
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
            ResourcePattern::Arn(arn) => {
                arn.resource.resolves(context) && pattern.matches(resource, context) == Some(false)
            }
            ResourcePattern::Wildcards(_) => pattern.matches(resource, context) == Some(false),
        })
    }
}

impl ResourcePattern {
    fn compile(kind: PolicyKind, pieces: Vec<Piece>) -> Self {
        if let [Piece::Units(units)] = pieces.as_slice()
            && !units.is_empty()
            && units.iter().all(|unit| *unit >= STAR)
        {
            return ResourcePattern::Wildcards(Pattern::from_units(units));
        }
        let Some(SplitPattern { mut components, resource }) = split_pieces(pieces) else {
            return ResourcePattern::Never;
        };
        let resource = match resource {
            Some(pieces) => Operand::from_pieces(pieces),
            None if short_arn_is_open(kind, &components) => Operand::Fixed(Pattern::Any),
            None => return ResourcePattern::Never,
        };
        components.resize(5, vec![STAR]);
        let mut patterns = components.iter().map(|units| Pattern::from_units(units));
        let mut next = || patterns.next().unwrap_or(Pattern::Any);
        let components = [next(), next(), next(), next(), next()];
        ResourcePattern::Arn(Box::new(ArnPattern { components, resource }))
    }

    /// `None` when a variable has no value.
    fn matches(&self, resource: &ResourceParts<'_>, context: &Context) -> Option<bool> {
        match self {
            ResourcePattern::Wildcards(pattern) => Some(pattern.matches(resource.text)),
            ResourcePattern::Never => Some(false),
            ResourcePattern::Arn(arn) => arn.matches(resource, context),
        }
    }
}

impl ArnPattern {
    fn matches(&self, resource: &ResourceParts<'_>, context: &Context) -> Option<bool> {
        let Some([start @ .., last]) = &resource.components else { return Some(false) };
        if !self.components.iter().zip(start).all(|(pattern, component)| pattern.matches(component)) {
            return Some(false);
        }
        self.resource.matches(last, context)
    }
}

/// A pattern cut into components.
struct SplitPattern {
    /// Up to five.
    components: Vec<Vec<Unit>>,
    /// The sixth, if there is one.
    resource: Option<Vec<Piece>>,
}

/// Splits at the first five colons that stand in the text itself. `None` when a variable stands before the fifth.
fn split_pieces(pieces: Vec<Piece>) -> Option<SplitPattern> {
    let mut components: Vec<Vec<Unit>> = Vec::new();
    let mut current: Vec<Unit> = Vec::new();
    let mut pieces = pieces.into_iter();
    while let Some(piece) = pieces.next() {
        let Piece::Units(units) = piece else { return None };
        for (at, unit) in units.iter().enumerate() {
            if *unit != COLON {
                current.push(*unit);
                continue;
            }
            components.push(std::mem::take(&mut current));
            if components.len() == 5 {
                let rest = units.get(at + 1..).unwrap_or_default();
                let mut resource = vec![Piece::Units(rest.into())];
                resource.extend(pieces);
                return Some(SplitPattern { components, resource: Some(resource) });
            }
        }
    }
    components.push(current);
    Some(SplitPattern { components, resource: None })
}

/// Whether the missing components of a short ARN stand for anything (reference iam.md 1.7 step 6).
fn short_arn_is_open(kind: PolicyKind, components: &[Vec<Unit>]) -> bool {
    match kind {
        PolicyKind::Identity | PolicyKind::Session => true,
        PolicyKind::Resource | PolicyKind::Endpoint | PolicyKind::Trust => {
            components.iter().flatten().any(|unit| matches!(*unit, STAR | QUESTION))
        }
        PolicyKind::ServiceControl => components.last().and_then(|units| units.last()) == Some(&STAR),
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
        let values = values.iter().map(|value| Text { value: (*value).to_owned(), span: 0..0 }).collect();
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
