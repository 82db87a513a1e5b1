//! The tags of topics.

use rolecall_authority::Call;
use rolecall_store::records::{Tag, merge_tags};
use rolecall_wire::{ServiceError, sns as wire};

use crate::Sns;
use crate::error::SnsError;
use crate::name::TopicName;

/// How many tags a topic has at most.
const MAX_TAGS: usize = 50;

impl Sns {
    /// TagResource.
    pub(crate) async fn tag_resource(
        &self,
        call: &Call,
        input: wire::TagResourceRequest,
    ) -> Result<wire::TagResourceResponse, ServiceError> {
        let topic = TopicName::of_arn(call, &input.resource_arn)?;
        let state = self.platform.store.read();
        let tags = pairs(&input.tags);
        let proof =
            self.authorize_topic(call, "sns:TagResource", &topic, &state, |check| check.request_tags(tags))?;
        check_tags(&input.tags)?;
        state.topics.get(&topic.key()).ok_or(SnsError::NoResource)?;
        self.change_topic(proof, topic.key(), move |topic, _| {
            let new = input.tags.into_iter().map(|tag| Tag { key: tag.key, value: tag.value });
            merge_tags(&mut topic.tags, new, |old, new| old == new);
            if topic.tags.len() > MAX_TAGS { Err(SnsError::TooManyTags) } else { Ok(()) }
        })
        .await?;
        Ok(wire::TagResourceResponse)
    }

    /// UntagResource.
    pub(crate) async fn untag_resource(
        &self,
        call: &Call,
        input: wire::UntagResourceRequest,
    ) -> Result<wire::UntagResourceResponse, ServiceError> {
        let topic = TopicName::of_arn(call, &input.resource_arn)?;
        let state = self.platform.store.read();
        let keys = input.tag_keys.clone();
        let proof = self.authorize_topic(call, "sns:UntagResource", &topic, &state, |check| {
            check.key_list("aws:TagKeys", keys)
        })?;
        state.topics.get(&topic.key()).ok_or(SnsError::NoResource)?;
        self.change_topic(proof, topic.key(), move |topic, _| {
            topic.tags.retain(|tag| !input.tag_keys.contains(&tag.key));
            Ok(())
        })
        .await?;
        Ok(wire::UntagResourceResponse)
    }

    /// ListTagsForResource.
    pub(crate) fn list_tags_for_resource(
        &self,
        call: &Call,
        input: wire::ListTagsForResourceRequest,
    ) -> Result<wire::ListTagsForResourceResponse, ServiceError> {
        let topic = TopicName::of_arn(call, &input.resource_arn)?;
        let state = self.platform.store.read();
        self.authorize_topic(call, "sns:ListTagsForResource", &topic, &state, |check| check)?;
        let record = state.topics.get(&topic.key()).ok_or(SnsError::NoResource)?;
        let shown = |tag: &Tag| wire::Tag { key: tag.key.clone(), value: tag.value.clone() };
        Ok(wire::ListTagsForResourceResponse { tags: Some(record.tags.iter().map(shown).collect()) })
    }
}

/// The tags as pairs.
pub(crate) fn pairs(tags: &[wire::Tag]) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()))
}

/// Refuses too many tags, keys that are AWS's own, and keys that are there twice.
pub(crate) fn check_tags(tags: &[wire::Tag]) -> Result<(), SnsError> {
    let is_reserved = |key: &str| key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
    for (index, tag) in tags.iter().enumerate() {
        if is_reserved(&tag.key) {
            return Err(SnsError::parameter("Tags Reason: Tag keys that begin with aws: are reserved"));
        }
        if tags.iter().skip(index + 1).any(|other| other.key == tag.key) {
            return Err(SnsError::parameter("Duplicated keys are not allowed."));
        }
    }
    if tags.len() > MAX_TAGS { Err(SnsError::TooManyTags) } else { Ok(()) }
}
