//! Tags of users, roles and policies. Keys of users and roles differ by more than case; keys of policies do not need to
//! (reference iam.md 7.2).

use rolecall_store::records::{Tag, merge_tags};
use rolecall_wire::iam as wire;

use crate::error::IamError;
use crate::page::{Page, page};
use crate::quota;

/// When two tag keys are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyCase {
    /// Of users and roles: whatever the case.
    Ignored,
    /// Of policies.
    Significant,
}

impl KeyCase {
    fn same(self, one: &str, other: &str) -> bool {
        match self {
            KeyCase::Ignored => one.to_lowercase() == other.to_lowercase(),
            KeyCase::Significant => one == other,
        }
    }
}

/// Takes in the tags of a request.
pub(crate) fn taken(tags: Vec<wire::Tag>, case: KeyCase) -> Result<Vec<Tag>, IamError> {
    let mut taken: Vec<Tag> = Vec::with_capacity(tags.len());
    for tag in tags {
        if tag.key.to_lowercase().starts_with("aws:") {
            return Err(IamError::ReservedTag(tag.key));
        }
        if taken.iter().any(|before| case.same(&before.key, &tag.key)) {
            return Err(match case {
                KeyCase::Ignored => IamError::DuplicateTagsIgnoringCase,
                KeyCase::Significant => IamError::DuplicateTags,
            });
        }
        taken.push(Tag { key: tag.key, value: tag.value });
    }
    if taken.len() > quota::TAGS { Err(IamError::TooManyTags) } else { Ok(taken) }
}

/// Sets tags beside and in the place of those that are there.
pub(crate) fn added(mut tags: Vec<Tag>, new: Vec<Tag>, case: KeyCase) -> Result<Vec<Tag>, IamError> {
    merge_tags(&mut tags, new, |one, other| case.same(one, other));
    if tags.len() > quota::TAGS { Err(IamError::TooManyTags) } else { Ok(tags) }
}

/// Takes tags away; keys that are not there do not matter.
pub(crate) fn without(mut tags: Vec<Tag>, keys: &[String], case: KeyCase) -> Vec<Tag> {
    tags.retain(|tag| !keys.iter().any(|key| case.same(key, &tag.key)));
    tags
}

/// Pairs of keys and values, as a check takes them.
pub(crate) fn pairs(tags: &[Tag]) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()))
}

/// The tags in the description of what has them, absent where there are none.
pub(crate) fn shown(tags: &[Tag]) -> Option<Vec<wire::Tag>> {
    (!tags.is_empty()).then(|| tags.iter().map(show).collect())
}

/// A page of the tags in the order of their keys.
pub(crate) fn listed(
    tags: &[Tag],
    marker: Option<&str>,
    max_items: Option<i32>,
) -> Result<Page<wire::Tag>, IamError> {
    let mut tags: Vec<&Tag> = tags.iter().collect();
    tags.sort_by(|one, other| one.key.cmp(&other.key));
    // A key can be too long for a marker; its place in this short list is not.
    let placed = tags.into_iter().enumerate().map(|(place, tag)| (format!("{place:02}"), show(tag)));
    page(placed, marker, max_items)
}

fn show(tag: &Tag) -> wire::Tag {
    wire::Tag { key: tag.key.clone(), value: tag.value.clone() }
}
