//! The compiled policies of each caller, kept until something changes.
//!
//! A cache can only be wrong by being stale. Two rules keep this one right: a caller's set of policies is used only
//! while the store's generation is the one that it was collected at, and a compiled document only for the very text
//! that it was compiled from.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, RwLock};

use foldhash::fast::RandomState;
use rolecall_arn::AccountId;
use rolecall_policy::{Policy, PolicyKind, PolicySource, Principal};
use rolecall_store::State;
use rolecall_store::records::Tag;
use rolecall_store::records::iam::{Policies, Role, User};

use crate::caller::{Caller, Holder};

/// The policies and tags of a user or role.
#[derive(Default)]
pub(crate) struct HolderPolicies {
    /// The unique id of the user or role; none where there is none.
    id: Option<String>,
    pub identity: Vec<Arc<Policy>>,
    pub boundary: Option<Vec<Arc<Policy>>>,
    pub tags: Vec<Tag>,
}

impl HolderPolicies {
    /// Those of a caller who no longer exists: a policy that denies everything.
    fn of_nobody(caller: &str) -> Self {
        let source = PolicySource { name: format!("{caller}, who no longer exists"), arn: None };
        let reason = "the user or role was deleted after the call was authenticated".to_owned();
        let policy = Policy::unusable(PolicyKind::Identity, source, reason);
        HolderPolicies { identity: vec![Arc::new(policy)], ..HolderPolicies::default() }
    }
}

/// Compiled documents and the sets of policies made from them.
#[derive(Default)]
pub(crate) struct PolicyCache {
    documents: Mutex<HashMap<(PolicyKind, String), Compiled, RandomState>>,
    holders: RwLock<HashMap<Holder, (u64, Arc<HolderPolicies>), RandomState>>,
}

struct Compiled {
    text: Arc<str>,
    policy: Arc<Policy>,
}

/// What an account's root user may do in it.
static ALL: LazyLock<Arc<str>> = LazyLock::new(|| {
    Arc::from(r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#)
});

/// When a cache holds more than so many entries it starts again from nothing; deleted users and old sessions would
/// otherwise stay for ever.
const CAPACITY: usize = 50_000;

impl PolicyCache {
    /// The policies of the caller's user or role. A user or role that is gone since the call was authenticated may do
    /// nothing, and one that was made anew under its name is somebody else.
    pub(crate) fn of_caller(&self, caller: &Caller, state: &State) -> Arc<HolderPolicies> {
        let policies = self.of_holder(&caller.holder, state);
        match &caller.principal {
            // The root user needs no policies, and whom it lets in has its rights.
            Principal::FederatedUser { .. } if matches!(caller.holder, Holder::Root(_)) => {
                let all = self.compile(PolicyKind::Identity, "the root user's rights".to_owned(), None, &ALL);
                Arc::new(HolderPolicies { identity: vec![all], ..HolderPolicies::default() })
            }
            Principal::User { id, .. }
            | Principal::RoleSession { role_id: id, .. }
            | Principal::FederatedUser { user_id: id, .. }
                if policies.id.as_ref() != Some(id) =>
            {
                Arc::new(HolderPolicies::of_nobody(&caller.arn()))
            }
            _ => policies,
        }
    }

    fn of_holder(&self, holder: &Holder, state: &State) -> Arc<HolderPolicies> {
        let generation = state.policy_generation();
        let holders = self.holders.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((collected_at, policies)) = holders.get(holder)
            && *collected_at == generation
        {
            return Arc::clone(policies);
        }
        drop(holders);
        let policies = Arc::new(self.collect(holder, state));
        let mut holders = self.holders.write().unwrap_or_else(PoisonError::into_inner);
        if holders.len() >= CAPACITY {
            holders.clear();
        }
        // A slower thread may bring an older collection; its generation keeps it from being used.
        holders.insert(holder.clone(), (generation, Arc::clone(&policies)));
        policies
    }

    /// The session policies of the caller; none where it has no session or its session has no policies.
    pub(crate) fn of_session(&self, caller: &Caller, state: &State) -> Option<Vec<Arc<Policy>>> {
        let session = caller.session.as_ref()?;
        let account = caller.account()?;
        let (policies, policy_arns) = session.holder.policies();
        if policies.is_empty() && policy_arns.is_empty() {
            return None;
        }
        let inline = policies.iter().enumerate().map(|(index, document)| {
            let name =
                format!("session policy {} of {} ({})", index + 1, caller.arn(), session.access_key_id);
            self.compile(PolicyKind::Session, name, None, document)
        });
        let managed = policy_arns.iter().map(|arn| self.managed(PolicyKind::Session, account, arn, state));
        Some(inline.chain(managed).collect())
    }

    /// Compiles the document, or finds it compiled. A document that cannot be compiled denies what it is asked.
    pub(crate) fn compile(
        &self,
        kind: PolicyKind,
        name: String,
        arn: Option<String>,
        document: &Arc<str>,
    ) -> Arc<Policy> {
        let key = (kind, name);
        let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(compiled) = documents.get(&key)
            && (Arc::ptr_eq(&compiled.text, document) || compiled.text == *document)
        {
            return Arc::clone(&compiled.policy);
        }
        if documents.len() >= CAPACITY {
            documents.clear();
        }
        let source = PolicySource { name: key.1.clone(), arn };
        let policy = Policy::compile(kind, source.clone(), document)
            .unwrap_or_else(|error| Policy::unusable(kind, source, error.to_string()));
        let policy = Arc::new(policy);
        documents.insert(key, Compiled { text: Arc::clone(document), policy: Arc::clone(&policy) });
        policy
    }

    fn collect(&self, holder: &Holder, state: &State) -> HolderPolicies {
        match holder {
            Holder::User(account, name) => match state.users.get(&(*account, name.clone())) {
                Some(user) => self.of_user(user, state),
                None => HolderPolicies::default(),
            },
            Holder::Role(account, name) => match state.roles.get(&(*account, name.clone())) {
                Some(role) => self.of_role(role, state),
                None => HolderPolicies::default(),
            },
            Holder::Anonymous | Holder::Root(_) | Holder::Service => HolderPolicies::default(),
        }
    }

    fn of_user(&self, user: &User, state: &State) -> HolderPolicies {
        let mut identity = Vec::new();
        self.add(&mut identity, user.account, &format!("user/{}", user.name), &user.policies, state);
        for group in &user.groups {
            if let Some(group) = state.groups.get(&(user.account, group.clone())) {
                self.add(
                    &mut identity,
                    user.account,
                    &format!("group/{}", group.name),
                    &group.policies,
                    state,
                );
            }
        }
        let boundary = self.boundary(user.account, user.boundary.as_deref(), state);
        HolderPolicies { id: Some(user.id.clone()), identity, boundary, tags: user.tags.clone() }
    }

    fn of_role(&self, role: &Role, state: &State) -> HolderPolicies {
        let mut identity = Vec::new();
        self.add(&mut identity, role.account, &format!("role/{}", role.name), &role.policies, state);
        let boundary = self.boundary(role.account, role.boundary.as_deref(), state);
        HolderPolicies { id: Some(role.id.clone()), identity, boundary, tags: role.tags.clone() }
    }

    fn add(
        &self,
        identity: &mut Vec<Arc<Policy>>,
        account: AccountId,
        owner: &str,
        policies: &Policies,
        state: &State,
    ) {
        for inline in policies.inline.values() {
            let name = format!("{owner} inline policy {} in account {account}", inline.name);
            identity.push(self.compile(PolicyKind::Identity, name, None, &inline.document));
        }
        for arn in &policies.attached {
            identity.push(self.managed(PolicyKind::Identity, account, arn, state));
        }
    }

    fn boundary(&self, account: AccountId, arn: Option<&str>, state: &State) -> Option<Vec<Arc<Policy>>> {
        arn.map(|arn| vec![self.managed(PolicyKind::Identity, account, arn, state)])
    }

    /// A managed policy in its default version, AWS's or the account's own.
    fn managed(&self, kind: PolicyKind, account: AccountId, arn: &str, state: &State) -> Arc<Policy> {
        let name = format!("managed policy {arn}");
        match managed_document(account, arn, state) {
            Some(document) => self.compile(kind, name, Some(arn.to_owned()), &document),
            None => {
                let source = PolicySource { name, arn: Some(arn.to_owned()) };
                Arc::new(Policy::unusable(kind, source, "the policy does not exist".to_owned()))
            }
        }
    }
}

/// The document of a managed policy's default version.
fn managed_document(account: AccountId, arn: &str, state: &State) -> Option<Arc<str>> {
    if let Some(policy) = rolecall_catalog::find_managed_policy(arn) {
        return Some(Arc::from(policy.document()));
    }
    let name = arn.rsplit('/').next()?.to_lowercase();
    let policy = state.policies.get(&(account, name)).filter(|policy| policy.arn == arn)?;
    policy.versions.get(&policy.default_version).map(|version| Arc::clone(&version.document))
}
