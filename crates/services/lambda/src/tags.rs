//! Tags of functions. Versions and aliases have no tags of their own (reference lambda.md 1.2).

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

use crate::error::LambdaError;
use crate::function::MAX_TAGS;
use crate::name::{FunctionReference, Key, function_arn, function_not_found};
use crate::service::Lambda;

/// What a tag operation is about.
enum Tagged {
    Function(FunctionReference),
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
        let key = tagged.into_function()?;
        let state = self.platform.store.read();
        let function =
            state.functions.get(&key).ok_or_else(|| function_not_found(&function_arn(&key, None)))?;
        Ok(ListTagsResponse { tags: Some(shown(&function.tags)) })
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
        let key = tagged.into_function()?;
        if input.tags.is_empty() {
            let text = "An error occurred and the request cannot be processed.";
            return Err(LambdaError::InvalidParameter(text.to_owned()).into());
        }
        let new: Vec<Tag> = input.tags.into_iter().map(|(key, value)| Tag { key, value }).collect();
        self.write(proof, move |state| {
            change(state, &key, |tags| merge_tags(tags, new, |old, new| old == new))
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
        let key = tagged.into_function()?;
        self.write(proof, move |state| {
            change(state, &key, |tags| tags.retain(|tag| !keys.contains(&tag.key)))
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
        match tagged {
            Tagged::Function(reference) => self.authorize_function_with(call, action, reference, add_keys),
            Tagged::Other(arn, _) => {
                let owner = arn.account_id().or(call.caller.account());
                let owner = owner
                    .ok_or_else(|| LambdaError::InvalidParameter(format!("'{arn}' names no account.")))?;
                self.authorize(call, add_keys(Check::on(action, arn, owner)))
            }
        }
    }
}

impl Tagged {
    fn parse(call: &Call, resource: &str) -> Result<Self, LambdaError> {
        let arn: Arn = resource
            .parse()
            .map_err(|_| LambdaError::InvalidParameter(format!("'{resource}' is no ARN.")))?;
        let kind = arn.resource().split(':').next().unwrap_or_default();
        let name = match kind {
            "function" => return Lambda::reference(call, resource, None).map(Tagged::Function),
            "event-source-mapping" => "Event source mapping",
            "capacity-provider" => "Capacity provider",
            "code-signing-config" => "Code signing config",
            "network-connector" => "Network connector",
            _ => "Resource",
        };
        Ok(Tagged::Other(arn, name))
    }

    /// The function's key; AWS's refusal for a version or alias, and for what does not exist here.
    fn into_function(self) -> Result<Key, LambdaError> {
        match self {
            Tagged::Function(FunctionReference { qualifier: Some(_), .. }) => {
                Err(LambdaError::InvalidParameter(
                    "Tags on function aliases and versions are not supported. Please specify a function ARN."
                        .to_owned(),
                ))
            }
            Tagged::Function(reference) => Ok(reference.key()),
            Tagged::Other(arn, kind) => Err(LambdaError::NotFound(format!("{kind} not found: {arn}"))),
        }
    }
}

/// The tags as an answer has them.
pub(crate) fn shown(tags: &[Tag]) -> BTreeMap<String, String> {
    tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}

fn change(state: &mut State, key: &Key, change: impl FnOnce(&mut Vec<Tag>)) -> Result<(), LambdaError> {
    let missing = || function_not_found(&function_arn(key, None));
    let mut function =
        state.functions.get(key).map(|function| function.as_ref().clone()).ok_or_else(missing)?;
    change(&mut function.tags);
    if function.tags.len() > MAX_TAGS {
        let text = "Number of tags exceeds resource tag limit.";
        return Err(LambdaError::InvalidParameter(text.to_owned()));
    }
    state.functions.put(key.clone(), function);
    Ok(())
}
