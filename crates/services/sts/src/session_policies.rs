//! Session policies: what a session may do at most (reference iam.md 1.9, 5.8).

use std::sync::Arc;

use rolecall_arn::AccountId;
use rolecall_policy::{PolicyKind, validate};
use rolecall_store::State;
use rolecall_store::records::Tag;
use rolecall_wire::sts::PolicyDescriptorType;

use crate::error::StsError;

/// How long an inline session policy may be, in characters.
const MAX_POLICY_LEN: usize = 2048;

/// How many managed policies may be named.
const MAX_POLICY_ARNS: usize = 10;

/// How many bytes policies and tags may have together. AWS packs them in a way that it does not publish; this is room
/// for the longest inline policy, the greatest number of managed policies and a few dozen tags.
const PACKED_SPACE: usize = 6144;

/// The policies that a session is made with.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionPolicies {
    /// The inline policy, if there is one.
    pub(crate) inline: Vec<Arc<str>>,
    /// The managed policies, looked up anew for each request of the session.
    pub(crate) arns: Vec<String>,
}

impl SessionPolicies {
    /// Takes in the policies of a request, as far as they can be judged without knowing the role.
    pub(crate) fn take(
        inline: Option<String>,
        arns: Option<Vec<PolicyDescriptorType>>,
    ) -> Result<Self, StsError> {
        if let Some(document) = &inline {
            if document.chars().count() > MAX_POLICY_LEN {
                return Err(StsError::PolicyTooLong);
            }
            validate(PolicyKind::Session, document)
                .map_err(|error| StsError::MalformedPolicy(error.message().to_owned()))?;
        }
        let arns: Vec<String> =
            arns.unwrap_or_default().into_iter().filter_map(|policy| policy.arn).collect();
        if arns.len() > MAX_POLICY_ARNS {
            return Err(StsError::TooManyPolicyArns);
        }
        Ok(SessionPolicies { inline: inline.map(Arc::from).into_iter().collect(), arns })
    }

    /// Whether all managed policies exist, AWS's or those of the role's account.
    pub(crate) fn ensure_exist(&self, account: AccountId, state: &State) -> Result<(), StsError> {
        let is_own = |arn: &str| {
            let name = arn.rsplit('/').next().unwrap_or_default().to_lowercase();
            state.policies.get(&(account, name)).is_some_and(|policy| policy.arn == arn)
        };
        let exists = |arn: &String| rolecall_catalog::find_managed_policy(arn).is_some() || is_own(arn);
        match self.arns.iter().find(|arn| !exists(arn)) {
            Some(missing) => Err(StsError::NoPolicy(missing.clone())),
            None => Ok(()),
        }
    }

    /// How many percent of the space the policies and tags take; none where there is nothing to pack.
    pub(crate) fn packed_percent(&self, tags: &[Tag]) -> Result<Option<i32>, StsError> {
        let policies: usize = self.inline.iter().map(|text| compact_len(text)).sum();
        let arns: usize = self.arns.iter().map(String::len).sum();
        let tag_bytes: usize = tags.iter().map(|tag| tag.key.len() + tag.value.len()).sum();
        let has_policies = !self.inline.is_empty() || !self.arns.is_empty();
        if !has_policies && tags.is_empty() {
            return Ok(None);
        }
        let percent = ((policies + arns + tag_bytes) * 100).div_ceil(PACKED_SPACE);
        if percent > 100 {
            let what = if has_policies { "policy" } else { "tags" };
            return Err(StsError::PackedTooLarge { what, percent });
        }
        Ok(i32::try_from(percent).ok())
    }
}

fn compact_len(document: &str) -> usize {
    document.bytes().filter(|byte| !byte.is_ascii_whitespace()).count()
}
