//! GetAccountSummary: how many there are of each thing, and how many there may be.

use std::collections::BTreeMap;

use rolecall_wire::{ServiceError, iam as wire};

use crate::quota;
use crate::request::{Request, of_account};

/// What an account can have on AWS and never has here, because the operations that would make it are not built.
const NEVER: [&str; 8] = [
    "AccountMFAEnabled",
    "AccountPasswordPresent",
    "AccountSigningCertificatesPresent",
    "InstanceProfiles",
    "MFADevices",
    "MFADevicesInUse",
    "Providers",
    "ServerCertificates",
];

/// Session tokens are good in every region, which AWS calls version 2.
const TOKENS: (&str, usize) = ("GlobalEndpointTokenVersion", 2);

const QUOTAS: [(&str, usize); 15] = [
    ("UsersQuota", quota::USERS),
    ("GroupsQuota", quota::GROUPS),
    ("RolesQuota", quota::ROLES),
    ("PoliciesQuota", quota::POLICIES),
    ("AttachedPoliciesPerUserQuota", quota::POLICIES_PER_USER),
    ("AttachedPoliciesPerGroupQuota", quota::POLICIES_PER_GROUP),
    ("AttachedPoliciesPerRoleQuota", quota::POLICIES_PER_ROLE),
    ("GroupsPerUserQuota", quota::GROUPS_PER_USER),
    ("AccessKeysPerUserQuota", quota::ACCESS_KEYS_PER_USER),
    ("VersionsPerPolicyQuota", quota::VERSIONS_PER_POLICY),
    ("PolicySizeQuota", quota::POLICY_SIZE),
    ("AssumeRolePolicySizeQuota", quota::TRUST_POLICY_SIZE),
    ("UserPolicySizeQuota", quota::USER_INLINE_SIZE),
    ("GroupPolicySizeQuota", quota::GROUP_INLINE_SIZE),
    ("RolePolicySizeQuota", quota::ROLE_INLINE_SIZE),
];

impl Request<'_> {
    /// GetAccountSummary.
    pub(crate) fn get_account_summary(&self) -> Result<wire::GetAccountSummaryResponse, ServiceError> {
        self.allow(self.check_all())?;
        let (state, account) = (&self.state, self.account);
        let versions = of_account(&state.policies, account).map(|policy| policy.versions.len()).sum();
        let root_keys =
            state.access_keys.iter().filter(|(_, key)| key.account == account && key.user.is_none());
        let counts = [
            ("Users", of_account(&state.users, account).count()),
            ("Groups", of_account(&state.groups, account).count()),
            ("Roles", of_account(&state.roles, account).count()),
            ("Policies", of_account(&state.policies, account).count()),
            ("PolicyVersionsInUse", versions),
            ("AccountAccessKeysPresent", root_keys.count().min(1)),
        ];
        let never = NEVER.map(|name| (name, 0));
        let summary: BTreeMap<String, i32> = counts
            .into_iter()
            .chain(QUOTAS)
            .chain(never)
            .chain([TOKENS])
            .map(|(name, number)| (name.to_owned(), i32::try_from(number).unwrap_or(i32::MAX)))
            .collect();
        Ok(wire::GetAccountSummaryResponse { summary_map: Some(summary) })
    }
}
