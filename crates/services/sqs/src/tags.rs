//! The tags of queues.

use std::collections::BTreeMap;

use rolecall_authority::{Authorized, Call};
use rolecall_store::records::{Tag, merge_tags};
use rolecall_wire::{ServiceError, sqs as wire};

use crate::Sqs;
use crate::error::{SqsError, write_failed};
use crate::name::QueueName;

/// How many tags a queue has at most.
const MAX_TAGS: usize = 50;

impl Sqs {
    /// TagQueue.
    pub(crate) async fn tag_queue(
        &self,
        call: &Call,
        input: wire::TagQueueRequest,
    ) -> Result<wire::TagQueueResponse, ServiceError> {
        let queue = QueueName::of_url(call, &input.queue_url)?;
        let state = self.platform.store.read();
        let tags = input.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let proof =
            self.authorize_owner(call, "sqs:TagQueue", &queue, &state, |check| check.request_tags(tags))?;
        check_tags(&input.tags)?;
        self.change_tags(proof, &queue, move |tags| {
            let new = input.tags.into_iter().map(|(key, value)| Tag { key, value });
            merge_tags(tags, new, |old, new| old == new);
        })
        .await?;
        Ok(wire::TagQueueResponse)
    }

    /// UntagQueue.
    pub(crate) async fn untag_queue(
        &self,
        call: &Call,
        input: wire::UntagQueueRequest,
    ) -> Result<wire::UntagQueueResponse, ServiceError> {
        let queue = QueueName::of_url(call, &input.queue_url)?;
        let state = self.platform.store.read();
        let keys = input.tag_keys.clone();
        let proof = self.authorize_owner(call, "sqs:UntagQueue", &queue, &state, |check| {
            check.key_list("aws:TagKeys", keys)
        })?;
        self.change_tags(proof, &queue, move |tags| tags.retain(|tag| !input.tag_keys.contains(&tag.key)))
            .await?;
        Ok(wire::UntagQueueResponse)
    }

    async fn change_tags(
        &self,
        _proof: Authorized,
        queue: &QueueName,
        change: impl FnOnce(&mut Vec<Tag>) + Send + 'static,
    ) -> Result<(), ServiceError> {
        let key = queue.key();
        let written = self.platform.store.write(move |state| {
            let mut tags = state.queues.get(&key).ok_or(SqsError::NoQueue)?.tags.clone();
            change(&mut tags);
            if tags.len() > MAX_TAGS {
                return Err(too_many_tags());
            }
            state.queues.update(&key, |queue| queue.tags = tags);
            Ok(())
        });
        written.await.map_err(write_failed)
    }

    /// ListQueueTags.
    pub(crate) fn list_queue_tags(
        &self,
        call: &Call,
        input: wire::ListQueueTagsRequest,
    ) -> Result<wire::ListQueueTagsResult, ServiceError> {
        let queue = QueueName::of_url(call, &input.queue_url)?;
        let state = self.platform.store.read();
        self.authorize_owner(call, "sqs:ListQueueTags", &queue, &state, |check| check)?;
        let record = state.queues.get(&queue.key()).ok_or(SqsError::NoQueue)?;
        let tags: BTreeMap<_, _> =
            record.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
        Ok(wire::ListQueueTagsResult { tags: (!tags.is_empty()).then_some(tags) })
    }
}

/// Refuses too many tags, and keys that are AWS's own.
pub(crate) fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), SqsError> {
    let is_reserved = |key: &String| key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
    if let Some(key) = tags.keys().find(|key| is_reserved(key)) {
        return Err(SqsError::value(key, "Tags", "Tag keys that begin with aws: are reserved."));
    }
    if tags.len() > MAX_TAGS { Err(too_many_tags()) } else { Ok(()) }
}

fn too_many_tags() -> SqsError {
    SqsError::Parameter("Too many tags added for queue.".to_owned())
}
