//! The records, one module for each service. They say what is remembered, not how a service shows it.
//!
//! Times are epoch milliseconds. Policy documents are kept as they were written: what a caller reads back, and what a
//! position in an explanation points into, is the caller's own text.

pub mod iam;
pub mod lambda;
pub mod logs;
pub mod organizations;
pub mod s3;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::blobs::BlobId;
use crate::state::State;

/// A tag, in the order in which the caller gave them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// The key.
    pub key: String,
    /// The value, which may be empty.
    pub value: String,
}

/// Sets the tags, each in place of an older one with the same key by `same`.
pub fn merge_tags(
    tags: &mut Vec<Tag>,
    new: impl IntoIterator<Item = Tag>,
    same: impl Fn(&str, &str) -> bool,
) {
    for tag in new {
        match tags.iter_mut().find(|old| same(&old.key, &tag.key)) {
            Some(old) => *old = tag,
            None => tags.push(tag),
        }
    }
}

impl State {
    /// Every blob that some record names.
    pub(crate) fn named_blobs(&self) -> BTreeSet<BlobId> {
        let versions = self.function_versions.iter().map(|(_, version)| version.code.blob.clone());
        let layers = self.layer_versions.iter().map(|(_, version)| version.code.blob.clone());
        let payloads = self.async_invocations.iter().map(|(_, invocation)| invocation.payload.clone());
        let objects = self.objects.iter().map(|(_, object)| object.blob.clone());
        versions.chain(layers).chain(payloads).chain(objects).collect()
    }
}
