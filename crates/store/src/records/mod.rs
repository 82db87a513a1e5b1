//! The records, one module for each service. They say what is remembered, not how a service shows it.
//!
//! Times are epoch milliseconds. Policy documents are kept as they were written: what a caller reads back, and what a
//! position in an explanation points into, is the caller's own text.

pub mod capacity;
pub mod ec2;
pub mod event_source;
pub mod function_config;
pub mod function_url;
pub mod iam;
pub mod lambda;
pub mod logs;
pub mod organizations;
pub mod s3;
pub mod signing;
pub mod sns;
pub mod sqs;

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
        // A layer version may be deleted while functions still use its content.
        let versions = self.function_versions.iter().flat_map(|(_, version)| {
            let layers = version.layers.iter().map(|layer| layer.code.blob.clone());
            layers.chain(version.code.iter().map(|code| code.blob.clone()))
        });
        let layers = self.layer_versions.iter().map(|(_, version)| version.code.blob.clone());
        let payloads = self.async_invocations.iter().map(|(_, invocation)| invocation.payload.clone());
        let objects = self.objects.iter().map(|(_, object)| object.blob.clone());
        versions.chain(layers).chain(payloads).chain(objects).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_content_of_a_layer_is_named_by_the_functions_that_use_it() {
        let version = json!({
            "version": 0, "description": "", "runtime": null, "role": "r", "handler": null,
            "code": {"blob": "code", "size": 1}, "timeout_s": 3, "memory_mb": 128, "ephemeral_storage_mb": 512,
            "architectures": [], "environment": null, "layers": [{"arn": "l", "code": {"blob": "layer", "size": 1}}],
            "dead_letter_target": null, "tracing_mode": "PassThrough", "logging": {}, "revision_id": "",
            "last_modified_ms": 0, "state": "Active", "last_update_status": null,
        });
        let mut state = State::default();
        let function =
            (rolecall_arn::AccountId::from_number(1), rolecall_arn::Region::global(), "f".to_owned());
        state.function_versions.put((function, 0), serde_json::from_value(version).unwrap());
        let named: Vec<String> = state.named_blobs().iter().map(|blob| blob.as_str().to_owned()).collect();
        assert_eq!(named, ["code", "layer"]);
    }
}
