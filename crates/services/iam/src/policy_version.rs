//! Versions of managed policies: up to five, one of them in force.

use rolecall_store::records::iam::PolicyVersion;
use rolecall_wire::{ServiceError, iam as wire};

use crate::document;
use crate::error::IamError;
use crate::managed::{Managed, aws_time, policy_arn, version_id, version_number};
use crate::page::page;
use crate::quota;
use crate::request::{Request, time};

impl Request<'_> {
    /// CreatePolicyVersion.
    pub(crate) async fn create_policy_version(
        &self,
        input: wire::CreatePolicyVersionRequest,
    ) -> Result<wire::CreatePolicyVersionResponse, ServiceError> {
        let arn = policy_arn(&input.policy_arn)?;
        let proof = self.allow(self.policy_check(&arn))?;
        let target = self.own_policy(&arn, "update policies")?;
        let created_ms = self.platform.now_ms();
        let version = PolicyVersion { document: document::managed(&input.policy_document)?, created_ms };
        let is_default = input.set_as_default == Some(true);
        let number = self
            .write(proof, move |state| {
                let policy = target.policy(state)?;
                if policy.versions.len() >= quota::VERSIONS_PER_POLICY {
                    return Err(IamError::TooManyVersions);
                }
                let number = policy.next_version;
                state.policies.update(&target.key, |policy| {
                    policy.versions.insert(number, version);
                    policy.next_version = number + 1;
                    policy.updated_ms = created_ms;
                    if is_default {
                        policy.default_version = number;
                    }
                });
                Ok(number)
            })
            .await?;
        let shown = wire::PolicyVersion {
            document: None,
            version_id: Some(version_id(number)),
            is_default_version: Some(is_default),
            create_date: time(created_ms),
        };
        Ok(wire::CreatePolicyVersionResponse { policy_version: Some(shown) })
    }

    /// GetPolicyVersion: the answer with the document.
    pub(crate) fn get_policy_version(
        &self,
        input: &wire::GetPolicyVersionRequest,
    ) -> Result<wire::GetPolicyVersionResponse, ServiceError> {
        let arn = policy_arn(&input.policy_arn)?;
        self.allow(self.policy_check(&arn))?;
        let policy = Managed::find(arn.as_str(), self.account, &self.state);
        let policy = policy.ok_or_else(|| IamError::NoPolicy(arn.to_string()))?;
        let version =
            find(&policy, &input.version_id).ok_or_else(|| missing(arn.as_str(), &input.version_id))?;
        Ok(wire::GetPolicyVersionResponse { policy_version: Some(version) })
    }

    /// ListPolicyVersions, the newest first, without their documents.
    pub(crate) fn list_policy_versions(
        &self,
        input: &wire::ListPolicyVersionsRequest,
    ) -> Result<wire::ListPolicyVersionsResponse, ServiceError> {
        let arn = policy_arn(&input.policy_arn)?;
        self.allow(self.policy_check(&arn))?;
        let policy = Managed::find(arn.as_str(), self.account, &self.state);
        let policy = policy.ok_or_else(|| IamError::NoPolicy(arn.to_string()))?;
        let versions = ids(&policy).into_iter().filter_map(|id| {
            let newest_first = u32::MAX - version_number(&id).unwrap_or_default();
            let shown = wire::PolicyVersion { document: None, ..find(&policy, &id)? };
            Some((format!("{newest_first:010}"), shown))
        });
        let page = page(versions, input.marker.as_deref(), input.max_items)?;
        Ok(wire::ListPolicyVersionsResponse {
            versions: Some(page.items),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    }

    /// DeletePolicyVersion.
    pub(crate) async fn delete_policy_version(
        &self,
        input: wire::DeletePolicyVersionRequest,
    ) -> Result<wire::DeletePolicyVersionResponse, ServiceError> {
        let arn = policy_arn(&input.policy_arn)?;
        let proof = self.allow(self.policy_check(&arn))?;
        let target = self.own_policy(&arn, "delete policy versions for policies")?;
        self.write(proof, move |state| {
            let policy = target.policy(state)?;
            let number =
                version_number(&input.version_id).filter(|number| policy.versions.contains_key(number));
            let number = number.ok_or_else(|| missing(&target.arn, &input.version_id))?;
            if number == policy.default_version {
                return Err(IamError::DefaultVersion);
            }
            state.policies.update(&target.key, |policy| {
                policy.versions.remove(&number);
            });
            Ok(())
        })
        .await?;
        Ok(wire::DeletePolicyVersionResponse)
    }

    /// SetDefaultPolicyVersion: in force for every decision from the acknowledgement on.
    pub(crate) async fn set_default_policy_version(
        &self,
        input: wire::SetDefaultPolicyVersionRequest,
    ) -> Result<wire::SetDefaultPolicyVersionResponse, ServiceError> {
        let arn = policy_arn(&input.policy_arn)?;
        let proof = self.allow(self.policy_check(&arn))?;
        let target = self.own_policy(&arn, "update policies")?;
        let now_ms = self.platform.now_ms();
        self.write(proof, move |state| {
            let policy = target.policy(state)?;
            let number =
                version_number(&input.version_id).filter(|number| policy.versions.contains_key(number));
            let number = number.ok_or_else(|| missing(&target.arn, &input.version_id))?;
            state.policies.update(&target.key, |policy| {
                policy.default_version = number;
                policy.updated_ms = now_ms;
            });
            Ok(())
        })
        .await?;
        Ok(wire::SetDefaultPolicyVersionResponse)
    }
}

fn missing(arn: &str, version: &str) -> IamError {
    IamError::NoPolicyVersion { arn: arn.to_owned(), version: version.to_owned() }
}

fn ids(policy: &Managed<'_>) -> Vec<String> {
    match policy {
        Managed::Aws(policy) => policy.versions.iter().map(|version| version.id.clone()).collect(),
        Managed::Own(policy) => policy.versions.keys().map(|number| version_id(*number)).collect(),
    }
}

fn find(policy: &Managed<'_>, id: &str) -> Option<wire::PolicyVersion> {
    Some(match policy {
        Managed::Aws(policy) => {
            let version = policy.version(id)?;
            wire::PolicyVersion {
                document: document::encoded(version.document()),
                version_id: Some(version.id.clone()),
                is_default_version: Some(version.id == policy.default_version),
                create_date: aws_time(&version.created),
            }
        }
        Managed::Own(policy) => {
            let number = version_number(id)?;
            let version = policy.versions.get(&number)?;
            wire::PolicyVersion {
                document: document::encoded(&version.document),
                version_id: Some(version_id(number)),
                is_default_version: Some(number == policy.default_version),
                create_date: time(version.created_ms),
            }
        }
    })
}
