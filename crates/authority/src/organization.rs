//! What an organization says about one of its accounts: the policies on the way from the root to the account, and the
//! account's place for the condition keys.
//!
//! The service control policies of the caller's account and the resource control policies of the resource's owner take
//! part in every decision, so they are kept compiled under the same rule as a caller's own: used only while the store's
//! generation is the one that they were collected at.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use foldhash::fast::RandomState;
use rolecall_arn::AccountId;
use rolecall_policy::{Level, Policy, PolicyKind, PolicySource};
use rolecall_store::State;
use rolecall_store::records::organizations::{Organization, PolicyType};

use crate::policies::PolicyCache;

/// Where an account stands in its organization, as the condition keys show it (reference iam.md 4.1).
pub(crate) struct OrganizationPlace {
    /// The organization's id, `o-...`.
    pub id: String,
    /// `o-.../r-.../ou-.../`, without the account itself; none where the way from the root is broken.
    pub path: Option<String>,
}

/// The policies of an organization that bind an account. Those of a type that is not enabled do not apply, and to the
/// management account none do (reference iam.md 5.6).
#[derive(Default)]
pub(crate) struct OrganizationPolicies {
    /// Service control policies, which bind the account's callers.
    pub service_control: Option<Vec<Level>>,
    /// Resource control policies, which bind the account's resources.
    pub resource_control: Option<Vec<Level>>,
    /// The account's place; none where it belongs to no organization.
    pub place: Option<OrganizationPlace>,
}

/// The policies of organizations, by the account that they bind.
#[derive(Default)]
pub(crate) struct OrganizationCache {
    accounts: RwLock<HashMap<AccountId, (u64, Arc<OrganizationPolicies>), RandomState>>,
}

impl OrganizationCache {
    /// The policies that bind the account; none where no organization does. An account that does not exist is not
    /// remembered: a caller may write any number into an ARN.
    pub(crate) fn of_account(
        &self,
        account: AccountId,
        documents: &PolicyCache,
        state: &State,
    ) -> Option<Arc<OrganizationPolicies>> {
        if state.organizations.is_empty() || !state.accounts.contains(&account) {
            return None;
        }
        let generation = state.policy_generation();
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((collected_at, policies)) = accounts.get(&account)
            && *collected_at == generation
        {
            return Some(Arc::clone(policies));
        }
        drop(accounts);
        let policies = Arc::new(collect(account, documents, state));
        let mut accounts = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        // A slower thread may bring an older collection; its generation keeps it from being used.
        accounts.insert(account, (generation, Arc::clone(&policies)));
        Some(policies)
    }
}

fn collect(account: AccountId, documents: &PolicyCache, state: &State) -> OrganizationPolicies {
    let management = state.accounts.get(&account).and_then(|record| record.organization);
    let Some(management) = management else { return OrganizationPolicies::default() };
    let Some(organization) = state.organizations.get(&management) else {
        return OrganizationPolicies::default();
    };
    let collector = Collector { management, organization, documents, state };
    let levels = |policy_type| {
        let is_enabled = organization.enabled_policy_types.contains(&policy_type);
        (is_enabled && management != account).then(|| collector.levels(account, policy_type))
    };
    OrganizationPolicies {
        service_control: levels(PolicyType::ServiceControl),
        resource_control: levels(PolicyType::ResourceControl),
        place: Some(OrganizationPlace {
            id: organization.id.clone(),
            path: state
                .organization_path(management, account.as_str())
                .map(|way| organization_path(&organization.id, way)),
        }),
    }
}

/// Collects the policies of one organization.
struct Collector<'a> {
    management: AccountId,
    organization: &'a Organization,
    documents: &'a PolicyCache,
    state: &'a State,
}

impl Collector<'_> {
    /// What is attached on the way down to the account, root first. A way that is broken lets nothing through.
    fn levels(&self, account: AccountId, policy_type: PolicyType) -> Vec<Level> {
        let Some(path) = self.state.organization_path(self.management, account.as_str()) else {
            let reason = format!("the way from the root of the organization to account {account} is broken");
            let policy = unusable(policy_type, account.to_string(), reason);
            return vec![Level { id: account.to_string(), policies: vec![policy] }];
        };
        path.into_iter().map(|id| self.level(id, policy_type)).collect()
    }

    fn level(&self, id: String, policy_type: PolicyType) -> Level {
        let key = (self.management, id);
        let node = self.state.organization_nodes.get(&key);
        let attached = node.and_then(|node| node.attached.get(&policy_type)).into_iter().flatten();
        Level { policies: attached.map(|policy| self.policy(policy, policy_type)).collect(), id: key.1 }
    }

    /// A policy by its id: AWS's or the organization's own.
    fn policy(&self, id: &str, policy_type: PolicyType) -> Arc<Policy> {
        let words = words(policy_type);
        if let Some(policy) = rolecall_catalog::organization_policy(id) {
            let name = format!("AWS's {words} {}", policy.name);
            let arn = Some(policy.arn.to_owned());
            return self.documents.compile(kind(policy_type), name, arn, &Arc::from(policy.document));
        }
        let organization = &self.organization.id;
        match self.state.organization_policies.get(&(self.management, id.to_owned())) {
            Some(policy) => {
                let name = format!("{words} {} ({id}) of {organization}", policy.name);
                let arn = policy_type.policy_arn(self.management, organization, id).to_string();
                self.documents.compile(kind(policy_type), name, Some(arn), &policy.content)
            }
            None => unusable(policy_type, id.to_owned(), "the policy does not exist".to_owned()),
        }
    }
}

fn unusable(policy_type: PolicyType, name: String, reason: String) -> Arc<Policy> {
    let source = PolicySource::inline(format!("{} {name}", words(policy_type)));
    Arc::new(Policy::unusable(kind(policy_type), source, reason))
}

fn kind(policy_type: PolicyType) -> PolicyKind {
    match policy_type {
        PolicyType::ServiceControl => PolicyKind::ServiceControl,
        PolicyType::ResourceControl => PolicyKind::ResourceControl,
    }
}

fn words(policy_type: PolicyType) -> &'static str {
    match policy_type {
        PolicyType::ServiceControl => "service control policy",
        PolicyType::ResourceControl => "resource control policy",
    }
}

/// The account's place as `aws:PrincipalOrgPaths` and its like show it: `o-.../r-.../ou-.../`, without the account
/// itself (reference iam.md 4.1).
fn organization_path(organization: &str, mut way: Vec<String>) -> String {
    way.pop();
    way.insert(0, organization.to_owned());
    way.push(String::new());
    way.join("/")
}
