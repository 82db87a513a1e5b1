//! The tags of log groups.

use std::collections::BTreeMap;

use rolecall_authority::{Authorized, Call};
use rolecall_store::State;
use rolecall_store::records::{Tag, merge_tags};
use rolecall_wire::{ServiceError, logs as wire};

use crate::Logs;
use crate::error::{LogsError, write_failed};
use crate::name::GroupName;

/// How many tags a resource has at most.
const MAX_TAGS: usize = 50;

impl Logs {
    /// TagResource.
    pub(crate) async fn tag_resource(
        &self,
        call: &Call,
        input: wire::TagResourceRequest,
    ) -> Result<wire::TagResourceResponse, ServiceError> {
        let group = GroupName::of_arn(call, &input.resource_arn)?;
        let state = self.platform.store.read();
        let check = self.check("logs:TagResource", &group, &group.arn(), &state);
        let tags = input.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let proof = self.authorize(call, check.request_tags(tags))?;
        refuse_reserved(input.tags.keys())?;
        self.change_tags(proof, &group, move |tags| {
            let new = input.tags.into_iter().map(|(key, value)| Tag { key, value });
            merge_tags(tags, new, |old, new| old == new);
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
        let group = GroupName::of_arn(call, &input.resource_arn)?;
        let state = self.platform.store.read();
        let check = self.check("logs:UntagResource", &group, &group.arn(), &state);
        let proof = self.authorize(call, check.key_list("aws:TagKeys", input.tag_keys.iter().cloned()))?;
        self.change_tags(proof, &group, move |tags| tags.retain(|tag| !input.tag_keys.contains(&tag.key)))
            .await?;
        Ok(wire::UntagResourceResponse)
    }

    async fn change_tags(
        &self,
        _proof: Authorized,
        group: &GroupName,
        change: impl FnOnce(&mut Vec<Tag>) + Send + 'static,
    ) -> Result<(), ServiceError> {
        let key = group.key();
        let written = self.platform.store.write(move |state| {
            let mut tags = state.log_groups.get(&key).ok_or(LogsError::NoResource)?.tags.clone();
            change(&mut tags);
            if tags.len() > MAX_TAGS {
                return Err(LogsError::TooManyTags);
            }
            state.log_groups.update(&key, |group| group.tags = tags);
            Ok(())
        });
        written.await.map_err(write_failed)
    }

    /// ListTagsForResource.
    pub(crate) fn list_tags_for_resource(
        &self,
        call: &Call,
        input: wire::ListTagsForResourceRequest,
    ) -> Result<wire::ListTagsForResourceResponse, ServiceError> {
        let group = GroupName::of_arn(call, &input.resource_arn)?;
        let state = self.platform.store.read();
        self.authorize(call, self.check("logs:ListTagsForResource", &group, &group.arn(), &state))?;
        let tags = tags_of(&state, &group).ok_or(LogsError::NoResource)?;
        Ok(wire::ListTagsForResourceResponse { tags: Some(tags) })
    }

    /// ListTagsLogGroup, the older form of ListTagsForResource.
    pub(crate) fn list_tags_log_group(
        &self,
        call: &Call,
        input: wire::ListTagsLogGroupRequest,
    ) -> Result<wire::ListTagsLogGroupResponse, ServiceError> {
        let group = GroupName::of_call(call, &input.log_group_name)?;
        let state = self.platform.store.read();
        self.authorize_group(call, "logs:ListTagsLogGroup", &group, &state)?;
        let tags = tags_of(&state, &group).ok_or(LogsError::NoGroup)?;
        Ok(wire::ListTagsLogGroupResponse { tags: Some(tags) })
    }
}

/// Keys that begin with `aws:` are AWS's own.
pub(crate) fn refuse_reserved<'k>(mut keys: impl Iterator<Item = &'k String>) -> Result<(), LogsError> {
    let reserved = keys.any(|key| key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")));
    if reserved {
        return Err(LogsError::invalid("aws: prefixed tag key names are not allowed for external use."));
    }
    Ok(())
}

fn tags_of(state: &State, group: &GroupName) -> Option<BTreeMap<String, String>> {
    let record = state.log_groups.get(&group.key())?;
    Some(record.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect())
}
