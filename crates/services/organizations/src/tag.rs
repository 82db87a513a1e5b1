//! Tags of accounts, units, policies and the root.

use std::collections::BTreeMap;

use rolecall_store::State;
use rolecall_store::records::{Tag, merge_tags};
use rolecall_wire::ServiceError;
use rolecall_wire::organizations as wire;

use crate::error::OrganizationsError;
use crate::page::page;
use crate::policy::{ensure_own, find_policy};
use crate::quota;
use crate::request::{Managed, Request, pairs};
use crate::tree::{change_node, find_place};

impl Request<'_> {
    /// TagResource.
    pub(crate) async fn tag_resource(
        &self,
        input: wire::TagResourceRequest,
    ) -> Result<wire::TagResourceResponse, ServiceError> {
        let wire::TagResourceRequest { resource_id, tags } = input;
        let tags = given(Some(tags));
        let proof = self.allow(self.check(&resource_id).request_tags(pairs(&tags)))?;
        let managed = self.managed()?;
        ensure_legal(&tags)?;
        self.write(proof, move |state| {
            change_tags(state, &managed, &resource_id, |old| merge_tags(old, tags, |one, other| one == other))
        })
        .await?;
        Ok(wire::TagResourceResponse)
    }

    /// UntagResource.
    pub(crate) async fn untag_resource(
        &self,
        input: wire::UntagResourceRequest,
    ) -> Result<wire::UntagResourceResponse, ServiceError> {
        let wire::UntagResourceRequest { resource_id, tag_keys } = input;
        let proof = self.allow(self.check(&resource_id).key_list("aws:TagKeys", tag_keys.iter().cloned()))?;
        let managed = self.managed()?;
        self.write(proof, move |state| {
            change_tags(state, &managed, &resource_id, |old| old.retain(|tag| !tag_keys.contains(&tag.key)))
        })
        .await?;
        Ok(wire::UntagResourceResponse)
    }

    /// ListTagsForResource.
    pub(crate) fn list_tags_for_resource(
        &self,
        input: &wire::ListTagsForResourceRequest,
    ) -> Result<wire::ListTagsForResourceResponse, ServiceError> {
        let id = &input.resource_id;
        self.allow(self.check(id))?;
        let managed = self.managed()?;
        let tags = tags_of(&self.state, &managed, id).ok_or(OrganizationsError::NoTarget)?;
        let tags: BTreeMap<String, String> = tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
        let shown = tags.into_iter().map(|(key, value)| (key.clone(), wire::Tag { key, value }));
        let (tags, next_token) = page(shown, input.next_token.as_deref(), None)?;
        Ok(wire::ListTagsForResourceResponse { tags: Some(tags), next_token })
    }
}

/// The tags of a request as records keep them.
pub(crate) fn given(tags: Option<Vec<wire::Tag>>) -> Vec<Tag> {
    tags.into_iter().flatten().map(|tag| Tag { key: tag.key, value: tag.value }).collect()
}

/// Refuses tags that nothing may have.
pub(crate) fn ensure_legal(tags: &[Tag]) -> Result<(), OrganizationsError> {
    if tags.iter().any(|tag| tag.key.to_lowercase().starts_with("aws:")) {
        return Err(OrganizationsError::SystemTag);
    }
    let mut keys: Vec<&str> = tags.iter().map(|tag| tag.key.as_str()).collect();
    keys.sort_unstable();
    if keys.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(OrganizationsError::DuplicateTags);
    }
    if tags.len() > quota::TAGS { Err(OrganizationsError::TooManyTags) } else { Ok(()) }
}

fn tags_of(state: &State, managed: &Managed, id: &str) -> Option<Vec<Tag>> {
    if let Some(policy) = find_policy(state, managed, id) {
        return Some(policy.tags);
    }
    find_place(state, managed, id).map(|_| state.organization_node(managed.management, id).tags)
}

fn change_tags(
    state: &mut State,
    managed: &Managed,
    id: &str,
    change: impl FnOnce(&mut Vec<Tag>),
) -> Result<(), OrganizationsError> {
    let mut tags = tags_of(state, managed, id).ok_or(OrganizationsError::NoTarget)?;
    change(&mut tags);
    if tags.len() > quota::TAGS {
        return Err(OrganizationsError::TooManyTags);
    }
    if find_policy(state, managed, id).is_some() {
        ensure_own(id)?;
        state.organization_policies.update(&(managed.management, id.to_owned()), |policy| policy.tags = tags);
        return Ok(());
    }
    change_node(state, managed, id, |node| {
        node.tags = tags;
        Ok(())
    })
}
