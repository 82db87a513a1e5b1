//! Tags of functions, code signing configurations, capacity providers and event source mappings. Versions and aliases
//! have no tags of their own (reference lambda.md 1.2).

use std::collections::BTreeMap;
use std::sync::Arc;

use rolecall_arn::Arn;
use rolecall_authority::{Authorized, Call, Check};
use rolecall_store::State;
use rolecall_store::records::{Tag, merge_tags};
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    ListTagsRequest, ListTagsResponse, TagResourceRequest, TagResourceResponse, UntagResourceRequest,
    UntagResourceResponse,
};

use crate::capacity_provider::ProviderReference;
use crate::error::LambdaError;
use crate::event_source::MappingName;
use crate::function::MAX_TAGS;
use crate::name::{FunctionReference, function_not_found};
use crate::service::Lambda;
use crate::signing::ConfigReference;
use crate::{capacity_provider, signing};

/// What a tag operation is about.
enum Tagged {
    Function(FunctionReference),
    CodeSigningConfig(ConfigReference),
    CapacityProvider(ProviderReference),
    EventSourceMapping(MappingName),
    /// A kind of resource that Lambda tags and this server does not have.
    Other(Arn, &'static str),
}

impl Lambda {
    pub(crate) fn list_tags(
        &self,
        call: &Arc<Call>,
        input: ListTagsRequest,
    ) -> Result<ListTagsResponse, ServiceError> {
        let tagged = Tagged::parse(call, &input.resource)?;
        self.authorize_tags(call, "lambda:ListTags", &tagged, |check| check)?;
        tagged.require_taggable()?;
        let state = self.platform.store.read();
        let tags = tagged.tags(&state).ok_or_else(|| tagged.missing())?;
        Ok(ListTagsResponse { tags: Some(shown(tags)) })
    }

    pub(crate) async fn tag_resource(
        &self,
        call: &Arc<Call>,
        input: TagResourceRequest,
    ) -> Result<TagResourceResponse, ServiceError> {
        let tagged = Tagged::parse(call, &input.resource)?;
        let pairs = || input.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let proof =
            self.authorize_tags(call, "lambda:TagResource", &tagged, |check| check.request_tags(pairs()))?;
        tagged.require_taggable()?;
        if input.tags.is_empty() {
            let text = "An error occurred and the request cannot be processed.";
            return Err(LambdaError::InvalidParameter(text.to_owned()).into());
        }
        let new: Vec<Tag> = input.tags.into_iter().map(|(key, value)| Tag { key, value }).collect();
        let revision = self.platform.entropy().uuid();
        self.write(proof, move |state| {
            tagged.change(state, revision, |tags| merge_tags(tags, new, |old, new| old == new))
        })
        .await?;
        Ok(TagResourceResponse)
    }

    pub(crate) async fn untag_resource(
        &self,
        call: &Arc<Call>,
        input: UntagResourceRequest,
    ) -> Result<UntagResourceResponse, ServiceError> {
        let tagged = Tagged::parse(call, &input.resource)?;
        let keys = input.tag_keys;
        let proof = self.authorize_tags(call, "lambda:UntagResource", &tagged, |check| {
            check.key_list("aws:TagKeys", keys.iter().cloned())
        })?;
        tagged.require_taggable()?;
        let revision = self.platform.entropy().uuid();
        self.write(proof, move |state| {
            tagged.change(state, revision, |tags| tags.retain(|tag| !keys.contains(&tag.key)))
        })
        .await?;
        Ok(UntagResourceResponse)
    }

    fn authorize_tags(
        &self,
        call: &Call,
        action: &str,
        tagged: &Tagged,
        add_keys: impl for<'c> FnOnce(Check<'c>) -> Check<'c>,
    ) -> Result<Authorized, ServiceError> {
        let (arn, owner) = match tagged {
            Tagged::Function(reference) => {
                return self.authorize_function_with(call, action, reference, add_keys);
            }
            Tagged::CodeSigningConfig(reference) => (reference.arn(), Some(reference.account())),
            Tagged::CapacityProvider(reference) => (reference.arn(), Some(reference.account())),
            Tagged::EventSourceMapping(name) => (name.arn(), Some(name.account)),
            Tagged::Other(arn, _) => (arn.clone(), arn.account_id().or(call.caller.account())),
        };
        let owner =
            owner.ok_or_else(|| LambdaError::InvalidParameter(format!("'{arn}' names no account.")))?;
        let state = self.platform.store.read();
        let check = Check::on(action, &arn, owner).resource_tags(tagged.tags(&state).unwrap_or_default());
        self.authorize(call, add_keys(check))
    }
}

impl Tagged {
    fn parse(call: &Call, resource: &str) -> Result<Self, LambdaError> {
        let arn: Arn = resource
            .parse()
            .map_err(|_| LambdaError::InvalidParameter(format!("'{resource}' is no ARN.")))?;
        let kind = arn.resource().split(':').next().unwrap_or_default();
        // What lies in another region is not there: conditions on the region are about the one that is called.
        let is_near = arn.region() == call.region.as_str();
        let name = match kind {
            "function" => return Lambda::reference(call, resource, None).map(Tagged::Function),
            "code-signing-config" if is_near => {
                return ConfigReference::parse(resource).map(Tagged::CodeSigningConfig);
            }
            "code-signing-config" => "Code signing configuration",
            "capacity-provider" if is_near => {
                let home = Lambda::home(call);
                return ProviderReference::parse(resource, &home).map(Tagged::CapacityProvider);
            }
            "capacity-provider" => "Capacity provider",
            "event-source-mapping" => match MappingName::of_arn(&arn).filter(|_| is_near) {
                Some(name) => return Ok(Tagged::EventSourceMapping(name)),
                None => "Event source mapping",
            },
            "network-connector" => "Network connector",
            _ => "Resource",
        };
        Ok(Tagged::Other(arn, name))
    }

    /// AWS's refusal for a version or alias, and for a kind that does not exist here.
    fn require_taggable(&self) -> Result<(), LambdaError> {
        match self {
            Tagged::Function(FunctionReference { qualifier: Some(_), .. }) => {
                Err(LambdaError::InvalidParameter(
                    "Tags on function aliases and versions are not supported. Please specify a function ARN."
                        .to_owned(),
                ))
            }
            Tagged::Other(..) => Err(self.missing()),
            Tagged::Function(_)
            | Tagged::CodeSigningConfig(_)
            | Tagged::CapacityProvider(_)
            | Tagged::EventSourceMapping(_) => Ok(()),
        }
    }

    /// The tags; none where there is no such thing.
    fn tags<'s>(&self, state: &'s State) -> Option<&'s [Tag]> {
        match self {
            Tagged::Function(reference) => {
                state.functions.get(&reference.key()).map(|record| record.tags.as_slice())
            }
            Tagged::CodeSigningConfig(reference) => {
                state.code_signing_configs.get(&reference.key()).map(|record| record.tags.as_slice())
            }
            Tagged::CapacityProvider(reference) => {
                state.capacity_providers.get(&reference.key()).map(|record| record.tags.as_slice())
            }
            Tagged::EventSourceMapping(name) => {
                state.event_source_mappings.get(&name.key()).map(|record| record.tags.as_slice())
            }
            Tagged::Other(..) => None,
        }
    }

    fn change(
        &self,
        state: &mut State,
        revision: String,
        change: impl FnOnce(&mut Vec<Tag>),
    ) -> Result<(), LambdaError> {
        let mut tags = self.tags(state).ok_or_else(|| self.missing())?.to_vec();
        change(&mut tags);
        if tags.len() > MAX_TAGS {
            let text = "Number of tags exceeds resource tag limit.";
            return Err(LambdaError::InvalidParameter(text.to_owned()));
        }
        self.put(state, tags, revision);
        Ok(())
    }

    /// A function's `$LATEST` has another revision after every change of its tags (recorded on AWS).
    fn put(&self, state: &mut State, tags: Vec<Tag>, revision: String) {
        match self {
            Tagged::Function(reference) => {
                let key = reference.key();
                state.functions.update(&key, |record| record.tags = tags);
                state.function_versions.update(&(key, 0), |latest| latest.revision_id = revision);
            }
            Tagged::CodeSigningConfig(reference) => {
                state.code_signing_configs.update(&reference.key(), |record| record.tags = tags);
            }
            Tagged::CapacityProvider(reference) => {
                state.capacity_providers.update(&reference.key(), |record| record.tags = tags);
            }
            Tagged::EventSourceMapping(name) => {
                state.event_source_mappings.update(&name.key(), |record| record.tags = tags);
            }
            Tagged::Other(..) => {}
        }
    }

    /// AWS's words where there is no such thing.
    fn missing(&self) -> LambdaError {
        match self {
            Tagged::Function(reference) => function_not_found(&reference.unqualified_arn()),
            Tagged::CodeSigningConfig(reference) => signing::missing(reference),
            Tagged::CapacityProvider(reference) => capacity_provider::missing(reference),
            Tagged::EventSourceMapping(name) => name.missing(),
            Tagged::Other(arn, kind) => LambdaError::NotFound(format!("{kind} not found: {arn}")),
        }
    }
}

/// The tags as an answer has them.
pub(crate) fn shown(tags: &[Tag]) -> BTreeMap<String, String> {
    tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}
