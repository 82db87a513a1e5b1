//! Whether a resource of a policy can ever be one that an action is authorised on. Both are patterns: the policy's has
//! wildcards, the catalog's has open parts like `${FunctionName}`; the question is whether any text matches both.

use std::borrow::Cow;

use crate::pattern::{QUESTION, STAR, Unit, units};

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// This unit.
    Is(Unit),
    /// Any one unit.
    One,
    /// Any run of units.
    Run,
    /// Any one unit that is neither a colon nor a slash.
    NameOne,
    /// Any run of such units.
    NameRun,
}

/// Whether a text matches both.
pub(super) fn can_match(resource: &str, form: &str) -> bool {
    if is_everything(resource) {
        return true;
    }
    let name_parts = names_end_at_separators(form);
    let resource = without_variables(resource);
    let mut written = resource.splitn(6, ':');
    let mut known = form.splitn(6, ':');
    (0..6).all(|_| match (written.next(), known.next()) {
        (Some(written), Some(known)) => meet(&policy_steps(written), &form_steps(known, name_parts)),
        // A short ARN: what is missing stands for anything.
        (None, _) => true,
        (Some(_), None) => false,
    })
}

/// The resource with a `*` for each variable, which may hold anything, also a colon in its name.
pub(super) fn without_variables(resource: &str) -> Cow<'_, str> {
    if !resource.contains("${") {
        return Cow::Borrowed(resource);
    }
    let mut masked = String::new();
    let mut rest = resource;
    while let Some((before, after)) = rest.split_once("${").and_then(|(before, inside)| {
        let (_, after) = inside.split_once('}')?;
        Some((before, after))
    }) {
        masked.push_str(before);
        masked.push('*');
        rest = after;
    }
    masked.push_str(rest);
    Cow::Owned(masked)
}

/// Whether a resource is only wildcards, and so also matches actions without a resource.
pub(super) fn is_everything(resource: &str) -> bool {
    !resource.is_empty() && resource.chars().all(|letter| letter == '*')
}

/// In Lambda's ARNs no name has a colon or a slash. Elsewhere paths, object keys and log groups may have both.
fn names_end_at_separators(form: &str) -> bool {
    form.split(':').nth(2) == Some("lambda")
}

fn policy_steps(text: &str) -> Vec<Step> {
    let step = |unit: Unit| match unit {
        STAR => Step::Run,
        QUESTION => Step::One,
        unit => Step::Is(unit),
    };
    units(text, true).into_iter().map(step).collect()
}

/// An open part has at least one unit. A bucket's name has no slash, which tells buckets from objects.
fn form_steps(text: &str, name_parts: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("${") {
        let (name, after) = inside.split_once('}').unwrap_or((inside, ""));
        steps.extend(before.encode_utf16().map(|unit| Step::Is(Unit::from(unit))));
        if name_parts || name == "BucketName" {
            steps.extend([Step::NameOne, Step::NameRun]);
        } else {
            steps.extend([Step::One, Step::Run]);
        }
        rest = after;
    }
    steps.extend(rest.encode_utf16().map(|unit| Step::Is(Unit::from(unit))));
    steps
}

/// Walks both patterns at once over every text that can match both. The state is how far each has come, so the work is
/// at most the product of the two lengths.
fn meet(a: &[Step], b: &[Step]) -> bool {
    let width = b.len() + 1;
    let mut seen = vec![false; (a.len() + 1) * width];
    let mut waiting = vec![(0, 0)];
    while let Some((at_a, at_b)) = waiting.pop() {
        if at_a == a.len() && at_b == b.len() {
            return true;
        }
        match seen.get_mut(at_a * width + at_b) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        let (step_a, step_b) = (a.get(at_a), b.get(at_b));
        if step_a.is_some_and(|step| step.may_be_empty()) {
            waiting.push((at_a + 1, at_b));
        }
        if step_b.is_some_and(|step| step.may_be_empty()) {
            waiting.push((at_a, at_b + 1));
        }
        if let (Some(step_a), Some(step_b)) = (step_a, step_b)
            && step_a.shares_unit(*step_b)
        {
            let next = |step: &Step, at: usize| if step.may_be_empty() { at } else { at + 1 };
            waiting.push((next(step_a, at_a), next(step_b, at_b)));
        }
    }
    false
}

impl Step {
    fn may_be_empty(self) -> bool {
        matches!(self, Step::Run | Step::NameRun)
    }

    /// Whether there is a unit that both can take next.
    fn shares_unit(self, other: Step) -> bool {
        let is_separator = |unit: Unit| unit == u32::from(b':') || unit == u32::from(b'/');
        match (self, other) {
            (Step::Is(a), Step::Is(b)) => a == b,
            (Step::Is(unit), Step::NameOne | Step::NameRun)
            | (Step::NameOne | Step::NameRun, Step::Is(unit)) => !is_separator(unit),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_meets_the_forms_that_some_arn_of_it_has() {
        const FUNCTION: &str = "arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}";
        const ALIAS: &str = "arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}:${Alias}";
        const LAYER: &str = "arn:${Partition}:lambda:${Region}:${Account}:layer:${LayerName}:${LayerVersion}";
        const BUCKET: &str = "arn:${Partition}:s3:::${BucketName}";
        const OBJECT: &str = "arn:${Partition}:s3:::${BucketName}/${ObjectName}";
        let cases = [
            ("*", FUNCTION, true),
            ("arn:aws:lambda:*:*:function:f", FUNCTION, true),
            ("arn:aws:lambda:*:*:function:f:live", FUNCTION, false),
            ("arn:aws:lambda:*:*:function:f:live", ALIAS, true),
            ("arn:aws:lambda:*:*:function:f", ALIAS, false),
            ("arn:aws:lambda:*:*:function:f*", ALIAS, true),
            ("arn:aws:lambda:*:*:function:f:*", FUNCTION, false),
            ("arn:aws:lambda:*:*:*", LAYER, true),
            ("arn:aws:lambda:*:*:layer:util", LAYER, false),
            ("arn:aws:lambda:*:*:layer:util:3", LAYER, true),
            ("arn:aws:lambda:*:*:function:${aws:username}-*", FUNCTION, true),
            ("arn:aws:lambda:*:${aws:PrincipalAccount}:function:f", FUNCTION, true),
            ("arn:aws:lambda", FUNCTION, true),
            ("arn:aws:s3:::b", FUNCTION, false),
            ("arn:aws:s3:::b", OBJECT, false),
            ("arn:aws:s3:::b/*", OBJECT, true),
            ("arn:aws:s3:::b/*", BUCKET, false),
            ("arn:aws:s3:::b*", BUCKET, true),
            ("arn:aws:s3:eu-west-1::b", BUCKET, false),
            ("arn:aws:lambda:*:*:function:?", FUNCTION, true),
            ("arn:aws:lambda:*:*:function:", FUNCTION, false),
        ];
        for (resource, form, expected) in cases {
            assert_eq!(can_match(resource, form), expected, "{resource} {form}");
        }
    }
}
