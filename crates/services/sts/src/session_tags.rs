//! The tags of a role session: those of the request, and those that a calling session hands on
//! (reference iam.md 5.8).

use rolecall_authority::{Caller, SessionHolder};
use rolecall_store::records::Tag;
use rolecall_wire::sts as wire;

use crate::error::StsError;

/// The tags that a new session will have.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionTags {
    /// Those that the request brings.
    pub(crate) requested: Vec<Tag>,
    /// Those that the calling session hands on.
    pub(crate) inherited: Vec<Tag>,
    /// The keys that the new session hands on in its turn, as the request has them.
    pub(crate) transitive_keys: Vec<String>,
}

impl SessionTags {
    /// Takes in the tags of the request and of the calling session.
    pub(crate) fn take(
        requested: Vec<wire::Tag>,
        transitive_keys: Vec<String>,
        caller: &Caller,
    ) -> Result<Self, StsError> {
        let requested: Vec<Tag> =
            requested.into_iter().map(|tag| Tag { key: tag.key, value: tag.value }).collect();
        let inherited = inherited(caller);
        for (place, tag) in requested.iter().enumerate() {
            if has_key(requested.get(..place).unwrap_or_default(), &tag.key) {
                return Err(StsError::DuplicateTags);
            }
            if has_key(&inherited, &tag.key) {
                return Err(StsError::InheritedTag);
            }
        }
        if transitive_keys.iter().any(|key| !has_key(&requested, key)) {
            return Err(StsError::TransitiveKeyWithoutTag);
        }
        Ok(SessionTags { requested, inherited, transitive_keys })
    }

    /// Whether the new session has any, for which `sts:TagSession` must be allowed.
    pub(crate) fn is_empty(&self) -> bool {
        self.requested.is_empty() && self.inherited.is_empty()
    }

    /// Whether an inherited tag has the key: it then shows in the place of the role's own tag.
    pub(crate) fn inherits(&self, key: &str) -> bool {
        has_key(&self.inherited, key)
    }

    /// All tags of the new session, and the keys that it hands on: what was handed on to it goes further.
    pub(crate) fn into_parts(self) -> (Vec<Tag>, Vec<String>) {
        let mut transitive_keys = self.transitive_keys;
        transitive_keys.extend(self.inherited.iter().map(|tag| tag.key.clone()));
        let mut tags = self.requested;
        tags.extend(self.inherited);
        (tags, transitive_keys)
    }
}

fn inherited(caller: &Caller) -> Vec<Tag> {
    let Some(session) = &caller.session else { return Vec::new() };
    let SessionHolder::Role { tags, transitive_tag_keys, .. } = &session.holder else { return Vec::new() };
    let is_transitive = |tag: &&Tag| transitive_tag_keys.iter().any(|key| same(key, &tag.key));
    tags.iter().filter(is_transitive).cloned().collect()
}

fn has_key(tags: &[Tag], key: &str) -> bool {
    tags.iter().any(|tag| same(&tag.key, key))
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}
