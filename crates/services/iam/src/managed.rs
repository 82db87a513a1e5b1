//! Managed policies by ARN, AWS's and the account's own, and where they are used.

use std::collections::HashMap;
use std::sync::Arc;

use rolecall_arn::{AccountId, Arn, PARTITION, UniqueId, UniqueIdKind};
use rolecall_catalog::ManagedPolicy as AwsPolicy;
use rolecall_store::State;
use rolecall_store::records::iam::ManagedPolicy as OwnPolicy;
use rolecall_wire::{Timestamp, iam as wire};
use sha2::{Digest, Sha256};

use crate::error::IamError;
use crate::request::{of_account, time};
use crate::tag;

/// Reads the ARN of a managed policy: of this partition, of IAM, without a region.
pub(crate) fn policy_arn(text: &str) -> Result<Arn, IamError> {
    let invalid = || IamError::InvalidArn(text.to_owned());
    let arn: Arn = text.parse().map_err(|_| invalid())?;
    let is_owned = arn.account() == "aws" || arn.account_id().is_some();
    let is_iam = arn.partition() == PARTITION && arn.service() == "iam" && arn.region().is_empty();
    let is_policy = arn.resource().strip_prefix("policy/").is_some_and(|rest| !rest.is_empty());
    if is_owned && is_iam && is_policy { Ok(arn) } else { Err(invalid()) }
}

/// The ARN of a customer managed policy.
pub(crate) fn own_policy_arn(account: AccountId, path: &str, name: &str) -> Arn {
    Arn::iam(account, &format!("policy{path}{name}"))
}

/// The name of a policy and its path, as its ARN has them.
pub(crate) fn name_and_path(arn: &str) -> (&str, &str) {
    let resource = arn.split_once(":policy").map_or(arn, |(_, resource)| resource);
    let name_start = resource.rfind('/').map_or(0, |slash| slash + 1);
    let (path, name) = resource.split_at(name_start);
    (name, path)
}

/// What policies are listed by. A customer's policy may have the name of one of AWS's.
pub(crate) fn sort_key(arn: &str) -> String {
    let (name, _) = name_and_path(arn);
    let owner = if arn.starts_with("arn:aws:iam::aws:") { "aws" } else { "own" };
    format!("{}/{owner}", name.to_lowercase())
}

/// A managed policy.
#[derive(Clone, Copy)]
pub(crate) enum Managed<'s> {
    /// AWS's: the same in every account, and nobody changes it.
    Aws(&'static AwsPolicy),
    /// The account's own.
    Own(&'s Arc<OwnPolicy>),
}

impl<'s> Managed<'s> {
    /// The policy with exactly this ARN that the account can use.
    pub(crate) fn find(arn: &str, account: AccountId, state: &'s State) -> Option<Self> {
        if let Some(policy) = rolecall_catalog::find_managed_policy(arn) {
            return Some(Managed::Aws(policy));
        }
        let (name, _) = name_and_path(arn);
        let policy = state.policies.get(&(account, name.to_lowercase()))?;
        (policy.arn == arn).then_some(Managed::Own(policy))
    }

    /// The policy's ARN.
    pub(crate) fn arn(&self) -> &'s str {
        match self {
            Managed::Aws(policy) => &policy.arn,
            Managed::Own(policy) => &policy.arn,
        }
    }

    /// The policy's path.
    pub(crate) fn path(&self) -> &'s str {
        match self {
            Managed::Aws(policy) => &policy.path,
            Managed::Own(policy) => &policy.path,
        }
    }

    /// Whether it can be attached and be a permissions boundary.
    pub(crate) fn is_attachable(&self) -> bool {
        match self {
            Managed::Aws(policy) => policy.attachable,
            Managed::Own(_) => true,
        }
    }

    /// Whether only service-linked roles have it.
    pub(crate) fn is_for_services(&self) -> bool {
        matches!(self, Managed::Aws(policy) if policy.path.starts_with("/aws-service-role/"))
    }

    /// The document that is in force.
    pub(crate) fn document(&self) -> Option<&'s str> {
        match self {
            Managed::Aws(policy) => Some(policy.document()),
            Managed::Own(policy) => {
                policy.versions.get(&policy.default_version).map(|version| version.document.as_ref())
            }
        }
    }

    /// The policy as lists show it.
    pub(crate) fn describe_briefly(&self, usage: &Usage) -> wire::Policy {
        let (attached, boundaries) = usage.of(self.arn());
        let common = wire::Policy {
            arn: Some(self.arn().to_owned()),
            path: Some(self.path().to_owned()),
            attachment_count: Some(attached),
            permissions_boundary_usage_count: Some(boundaries),
            is_attachable: Some(self.is_attachable()),
            ..wire::Policy::default()
        };
        match self {
            Managed::Aws(policy) => wire::Policy {
                policy_name: Some(policy.name.clone()),
                policy_id: Some(aws_policy_id(&policy.arn)),
                default_version_id: Some(policy.default_version.clone()),
                create_date: aws_time(&policy.created),
                update_date: aws_time(&policy.updated),
                ..common
            },
            Managed::Own(policy) => wire::Policy {
                policy_name: Some(policy.name.clone()),
                policy_id: Some(policy.id.clone()),
                default_version_id: Some(version_id(policy.default_version)),
                create_date: time(policy.created_ms),
                update_date: time(policy.updated_ms),
                ..common
            },
        }
    }

    /// The policy as GetPolicy and CreatePolicy show it.
    pub(crate) fn describe(&self, usage: &Usage) -> wire::Policy {
        let brief = self.describe_briefly(usage);
        match self {
            Managed::Aws(_) => brief,
            Managed::Own(policy) => wire::Policy {
                description: policy.description.clone(),
                tags: tag::shown(&policy.tags),
                ..brief
            },
        }
    }
}

/// How often the account uses each managed policy.
#[derive(Default)]
pub(crate) struct Usage(HashMap<String, (i32, i32)>);

impl Usage {
    /// Counts the attachments and the uses as a permissions boundary.
    pub(crate) fn count(account: AccountId, state: &State) -> Self {
        let mut counted = Usage::default();
        for group in of_account(&state.groups, account) {
            counted.add(&group.policies.attached, None);
        }
        for user in of_account(&state.users, account) {
            counted.add(&user.policies.attached, user.boundary.as_ref());
        }
        for role in of_account(&state.roles, account) {
            counted.add(&role.policies.attached, role.boundary.as_ref());
        }
        counted
    }

    /// The number of attachments and of uses as a boundary.
    pub(crate) fn of(&self, arn: &str) -> (i32, i32) {
        self.0.get(arn).copied().unwrap_or_default()
    }

    fn add(&mut self, attached: &[String], boundary: Option<&String>) {
        for arn in attached {
            self.0.entry(arn.clone()).or_default().0 += 1;
        }
        if let Some(arn) = boundary {
            self.0.entry(arn.clone()).or_default().1 += 1;
        }
    }
}

/// `v3`
pub(crate) fn version_id(number: u32) -> String {
    format!("v{number}")
}

/// The number of `v3`; none where no version has such an id.
pub(crate) fn version_number(id: &str) -> Option<u32> {
    id.strip_prefix('v').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
}

/// A time of the catalog.
pub(crate) fn aws_time(text: &str) -> Option<Timestamp> {
    text.parse::<jiff::Timestamp>().ok().map(|time| Timestamp(time.as_millisecond()))
}

/// AWS publishes no ids of its policies, so each gets one that follows from its ARN and thus never changes.
fn aws_policy_id(arn: &str) -> String {
    let digest = Sha256::digest(arn.as_bytes());
    let mut random = [0; 16];
    random.iter_mut().zip(digest).for_each(|(byte, hashed)| *byte = hashed);
    UniqueId::from_random(UniqueIdKind::ManagedPolicy, random).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_arns_of_managed_policies_are_taken() {
        for arn in ["arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::111122223333:policy/a/b/c"] {
            assert!(policy_arn(arn).is_ok(), "{arn}");
        }
        for arn in [
            "AdministratorAccess",
            "arn:aws:iam::aws:role/x",
            "arn:aws-cn:iam::aws:policy/x",
            "arn:aws:iam:eu-west-1:aws:policy/x",
            "arn:aws:s3::111122223333:policy/x",
            "arn:aws:iam::11:policy/x",
            "arn:aws:iam::aws:policy/",
        ] {
            assert_eq!(policy_arn(arn).unwrap_err(), IamError::InvalidArn(arn.to_owned()));
        }
    }

    #[test]
    fn an_arn_has_the_name_and_the_path() {
        assert_eq!(name_and_path("arn:aws:iam::aws:policy/a/b/Name"), ("Name", "/a/b/"));
        assert_eq!(name_and_path("arn:aws:iam::111122223333:policy/Name"), ("Name", "/"));
    }

    #[test]
    fn a_version_is_v_and_a_number() {
        assert_eq!(version_number(&version_id(12)), Some(12));
        for id in ["12", "v", "v1.2", "v+1", "v99999999999"] {
            assert_eq!(version_number(id), None, "{id}");
        }
    }
}
