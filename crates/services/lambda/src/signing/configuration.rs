//! Code signing configurations: create, get, update, delete, list.
//!
//! What a publisher looks like, the model's pattern says, and AWS asks no more: neither whether the signing profile exists,
//! nor whose it is, nor for a version (recorded). One without a version matches no signature.

use std::sync::Arc;

use rolecall_arn::{Arn, Region};
use rolecall_authority::{Authorized, Call, Check};
use rolecall_store::State;
use rolecall_store::records::Tag;
use rolecall_store::records::signing::CodeSigningConfig as ConfigRecord;
use rolecall_wire::ServiceError;
use rolecall_wire::lambda::{
    AllowedPublishers, CodeSigningConfig, CodeSigningPolicies, CreateCodeSigningConfigRequest,
    CreateCodeSigningConfigResponse, DeleteCodeSigningConfigRequest, DeleteCodeSigningConfigResponse,
    GetCodeSigningConfigRequest, GetCodeSigningConfigResponse, ListCodeSigningConfigsRequest,
    ListCodeSigningConfigsResponse, UpdateCodeSigningConfigRequest, UpdateCodeSigningConfigResponse,
};

use crate::error::LambdaError;
use crate::function::check_tags;
use crate::name::Key;
use crate::paging::page;
use crate::service::Lambda;
use crate::signing::attachment::functions_of;
use crate::signing::{ConfigReference, missing};

/// What happens to code that is not trusted, where the caller does not say.
const DEFAULT_POLICY: &str = "Warn";

impl Lambda {
    pub(crate) async fn create_code_signing_config(
        &self,
        call: &Arc<Call>,
        input: CreateCodeSigningConfigRequest,
    ) -> Result<CreateCodeSigningConfigResponse, ServiceError> {
        let id = format!("csc-{}", self.platform.entropy().text(b"0123456789abcdef", 17));
        let account = Self::home(call).account(None)?;
        let reference = ConfigReference::of(&(account, call.region.clone(), id.clone()));
        let tags = input.tags.unwrap_or_default();
        let pairs = || tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let check = Check::on_all("lambda:CreateCodeSigningConfig").request_tags(pairs());
        let proof = self.authorize(call, check)?;
        if !tags.is_empty() {
            let check = Check::on("lambda:TagResource", &reference.arn(), account).request_tags(pairs());
            self.authorize(call, check)?;
        }
        check_tags(&tags)?;
        let record = ConfigRecord {
            id,
            description: input.description,
            allowed_publishers: input.allowed_publishers.signing_profile_version_arns,
            untrusted_artifact_on_deployment: policy(input.code_signing_policies)
                .unwrap_or_else(|| DEFAULT_POLICY.to_owned()),
            last_modified_ms: self.platform.now_ms(),
            tags: tags.into_iter().map(|(key, value)| Tag { key, value }).collect(),
        };
        let answer =
            CreateCodeSigningConfigResponse { code_signing_config: Some(shown(&reference, &record)) };
        self.write(proof, move |state| {
            state.code_signing_configs.put(reference.key(), record);
            Ok(answer)
        })
        .await
    }

    pub(crate) fn get_code_signing_config(
        &self,
        call: &Arc<Call>,
        input: GetCodeSigningConfigRequest,
    ) -> Result<GetCodeSigningConfigResponse, ServiceError> {
        let reference = ConfigReference::parse(&input.code_signing_config_arn)?;
        self.authorize_config(call, "lambda:GetCodeSigningConfig", &reference)?;
        let state = self.platform.store.read();
        let record = find(&state, &reference, &call.region)?;
        Ok(GetCodeSigningConfigResponse { code_signing_config: Some(shown(&reference, record)) })
    }

    pub(crate) async fn update_code_signing_config(
        &self,
        call: &Arc<Call>,
        input: UpdateCodeSigningConfigRequest,
    ) -> Result<UpdateCodeSigningConfigResponse, ServiceError> {
        let reference = ConfigReference::parse(&input.code_signing_config_arn)?;
        let proof = self.authorize_config(call, "lambda:UpdateCodeSigningConfig", &reference)?;
        find(&self.platform.store.read(), &reference, &call.region)?;
        let (now_ms, region) = (self.platform.now_ms(), call.region.clone());
        self.write(proof, move |state| {
            let record = update(find(state, &reference, &region)?.clone(), input, now_ms);
            let answer = shown(&reference, &record);
            state.code_signing_configs.put(reference.key(), record);
            Ok(UpdateCodeSigningConfigResponse { code_signing_config: Some(answer) })
        })
        .await
    }

    pub(crate) async fn delete_code_signing_config(
        &self,
        call: &Arc<Call>,
        input: DeleteCodeSigningConfigRequest,
    ) -> Result<DeleteCodeSigningConfigResponse, ServiceError> {
        let reference = ConfigReference::parse(&input.code_signing_config_arn)?;
        let proof = self.authorize_config(call, "lambda:DeleteCodeSigningConfig", &reference)?;
        let region = call.region.clone();
        self.write(proof, move |state| {
            find(state, &reference, &region)?;
            if functions_of(state, &reference).next().is_some() {
                // AWS's words, recorded, although what hinders is that functions use it (reference lambda.md 8.4).
                let text = "Lambda cannot delete the code signing configuration at this time — another operation is in \
                            progress. Try again later.";
                return Err(LambdaError::Conflict(text.to_owned()));
            }
            state.code_signing_configs.remove(&reference.key());
            Ok(DeleteCodeSigningConfigResponse)
        })
        .await
    }

    pub(crate) fn list_code_signing_configs(
        &self,
        call: &Arc<Call>,
        input: ListCodeSigningConfigsRequest,
    ) -> Result<ListCodeSigningConfigsResponse, ServiceError> {
        self.authorize(call, Check::on_all("lambda:ListCodeSigningConfigs"))?;
        let Some(account) = call.caller.account() else {
            return Ok(ListCodeSigningConfigsResponse::default());
        };
        let state = self.platform.store.read();
        let first: Key = (account, call.region.clone(), String::new());
        let here = state
            .code_signing_configs
            .range(first.clone()..)
            .take_while(|(key, _)| (&key.0, &key.1) == (&first.0, &first.1))
            .map(|(key, record)| (key.2.clone(), shown(&ConfigReference::of(key), record)));
        let (configs, next_marker) = page(here, input.marker.as_deref(), input.max_items)?;
        Ok(ListCodeSigningConfigsResponse { next_marker, code_signing_configs: Some(configs) })
    }

    /// Whether the call may do the action on the configuration.
    pub(crate) fn authorize_config(
        &self,
        call: &Call,
        action: &str,
        reference: &ConfigReference,
    ) -> Result<Authorized, ServiceError> {
        self.authorize_config_with(call, action, reference, |check| check)
    }

    /// The same with further condition keys.
    pub(crate) fn authorize_config_with(
        &self,
        call: &Call,
        action: &str,
        reference: &ConfigReference,
        add_keys: impl for<'c> FnOnce(Check<'c>) -> Check<'c>,
    ) -> Result<Authorized, ServiceError> {
        let state = self.platform.store.read();
        let mut check = Check::on(action, &reference.arn(), reference.account());
        if let Some(record) = state.code_signing_configs.get(&reference.key()) {
            check = check.resource_tags(&record.tags);
        }
        self.authorize(call, add_keys(check))
    }
}

/// The configuration, where it is one of the region that is called.
pub(super) fn find<'s>(
    state: &'s State,
    reference: &ConfigReference,
    region: &Region,
) -> Result<&'s ConfigRecord, LambdaError> {
    let key = reference.key();
    let found = state.code_signing_configs.get(&key).filter(|_| key.1 == *region);
    found.map(AsRef::as_ref).ok_or_else(|| missing(reference))
}

/// What is given replaces what was. An update leaves no configuration without description (recorded on AWS).
fn update(record: ConfigRecord, input: UpdateCodeSigningConfigRequest, now_ms: i64) -> ConfigRecord {
    let publishers = input.allowed_publishers.map(|publishers| publishers.signing_profile_version_arns);
    ConfigRecord {
        description: input.description.or(record.description).or(Some(String::new())),
        allowed_publishers: publishers.unwrap_or(record.allowed_publishers),
        untrusted_artifact_on_deployment: policy(input.code_signing_policies)
            .unwrap_or(record.untrusted_artifact_on_deployment),
        last_modified_ms: now_ms,
        ..record
    }
}

fn policy(policies: Option<CodeSigningPolicies>) -> Option<String> {
    policies?.untrusted_artifact_on_deployment
}

/// Whether the text is the ARN of a signing profile's version.
pub(super) fn is_profile_version(text: &str) -> bool {
    let Ok(arn) = text.parse::<Arn>() else { return false };
    let Some(profile) = arn.resource().strip_prefix("/signing-profiles/") else { return false };
    let is_word = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let is_named = profile.split_once('/').is_some_and(|(name, version)| is_word(name) && is_word(version));
    arn.service() == "signer" && !arn.region().is_empty() && arn.account_id().is_some() && is_named
}

fn shown(reference: &ConfigReference, record: &ConfigRecord) -> CodeSigningConfig {
    CodeSigningConfig {
        code_signing_config_id: Some(record.id.clone()),
        code_signing_config_arn: Some(reference.arn().to_string()),
        description: record.description.clone(),
        allowed_publishers: Some(AllowedPublishers {
            signing_profile_version_arns: record.allowed_publishers.clone(),
        }),
        code_signing_policies: Some(CodeSigningPolicies {
            untrusted_artifact_on_deployment: Some(record.untrusted_artifact_on_deployment.clone()),
        }),
        last_modified: Some(crate::time::instant(record.last_modified_ms)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publisher_is_a_version_of_a_signing_profile_of_whatever_account() {
        assert!(is_profile_version(
            "arn:aws:signer:us-west-2:111111111111:/signing-profiles/not_created/0123456789"
        ));
        for wrong in [
            "arn:aws:signer:us-west-2:111111111111:/signing-profiles/profile",
            "arn:aws:signer:us-west-2:111111111111:/signing-profiles//0123456789",
            "arn:aws:signer:us-west-2:111111111111:/signing-jobs/a/b",
            "arn:aws:signer:us-west-2::/signing-profiles/p/v",
            "arn:aws:iam::111111111111:role/r",
            "no arn",
        ] {
            assert!(!is_profile_version(wrong), "{wrong}");
        }
    }
}
