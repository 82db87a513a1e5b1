//! AssumeRole (reference iam.md 5.8).
//!
//! What the request itself shows to be wrong is said first. Then the policies decide, and only to those who may assume
//! the role anything is said that depends on the role: a role that does not exist, one that does not trust the caller
//! and a caller whose own policies are silent are refused with the same words.

use std::sync::Arc;

use rolecall_authority::{Authorized, Call, Check, Holder, SessionHolder};
use rolecall_store::records::iam::Role;
use rolecall_wire::ServiceError;
use rolecall_wire::sts::{AssumeRoleRequest, AssumeRoleResponse, AssumedRoleUser};

use crate::Sts;
use crate::credentials::issue;
use crate::error::StsError;
use crate::role::RequestedRole;
use crate::session_policies::SessionPolicies;
use crate::session_tags::SessionTags;

/// How long a session lasts where the caller does not say.
const DEFAULT_DURATION_S: i64 = 3600;

/// How long a session lasts at most that a session of a role makes.
const CHAIN_MAX_DURATION_S: i64 = 3600;

/// A request to assume a role, read and found sound as far as it alone can show.
struct Assumption {
    session_name: String,
    duration_s: i64,
    external_id: Option<String>,
    source_identity: Option<String>,
    tags: SessionTags,
    policies: SessionPolicies,
}

impl Sts {
    /// Makes a session of a role.
    pub(crate) async fn assume_role(
        &self,
        call: &Call,
        input: AssumeRoleRequest,
    ) -> Result<AssumeRoleResponse, ServiceError> {
        let state = self.platform.store.read();
        let requested = RequestedRole::find(&input.role_arn, &state)?;
        let assumption = Assumption::read(call, input)?;
        match call.caller.holder {
            Holder::Root(_) => return Err(StsError::RootCaller.into()),
            Holder::Anonymous => return Err(StsError::NoAccount.into()),
            Holder::User(..) | Holder::Role(..) | Holder::Service => {}
        }
        let proof = self.allow_all(call, &requested, &assumption)?;
        // A role that does not exist trusts nobody, so this one exists.
        let arn = requested.arn.to_string();
        let role = requested.role.ok_or_else(|| refusal(call, "sts:AssumeRole", &arn))?;
        // The role's limit does not bind AWS's own services: Lambda renews what it hands out (reference lambda.md 4.2).
        let is_limited = call.caller.holder != Holder::Service;
        if is_limited && assumption.duration_s > role.max_session_duration_s {
            return Err(StsError::DurationAboveRole.into());
        }
        assumption.policies.ensure_exist(role.account, &state)?;
        let response = self.make_session(call, &role, assumption, proof)?;
        self.note_role_use(call, &role).await;
        Ok(response)
    }

    /// Every permission that the session takes: to assume the role, to tag the session, to set its source identity.
    fn allow_all(
        &self,
        call: &Call,
        requested: &RequestedRole,
        assumption: &Assumption,
    ) -> Result<Authorized, ServiceError> {
        let allow = |action: &str| {
            let check = assumption.check(action, requested);
            let decided = self.platform.authority.authorize(call, check);
            decided.map_err(|_| refusal(call, action, requested.arn.as_str()))
        };
        let proof = allow("sts:AssumeRole")?;
        if !assumption.tags.is_empty() {
            allow("sts:TagSession")?;
        }
        if assumption.source_identity.is_some() {
            allow("sts:SetSourceIdentity")?;
        }
        Ok(proof)
    }

    fn make_session(
        &self,
        call: &Call,
        role: &Arc<Role>,
        assumption: Assumption,
        _proof: Authorized,
    ) -> Result<AssumeRoleResponse, ServiceError> {
        let Assumption { session_name, duration_s, source_identity, tags, policies, .. } = assumption;
        let (tags, transitive_tag_keys) = tags.into_parts();
        let packed_policy_size = policies.packed_percent(&tags)?;
        let assumed = AssumedRoleUser {
            assumed_role_id: Some(format!("{}:{session_name}", role.id)),
            arn: Some(format!("arn:aws:sts::{}:assumed-role/{}/{session_name}", role.account, role.name)),
        };
        let holder = SessionHolder::Role {
            account: role.account,
            role_id: role.id.clone(),
            role_name: role.name.clone(),
            session_name,
            policies: policies.inline,
            policy_arns: policies.arns,
            tags,
            transitive_tag_keys,
            source_identity: source_identity.clone(),
            source_function_arn: call.source_function_arn.clone(),
        };
        Ok(AssumeRoleResponse {
            credentials: Some(issue(&self.platform, holder, duration_s)?),
            assumed_role_user: Some(assumed),
            packed_policy_size,
            source_identity,
            session_token_utilization: None,
            session_token_size: None,
        })
    }
}

impl Assumption {
    fn read(call: &Call, input: AssumeRoleRequest) -> Result<Self, StsError> {
        if input.serial_number.is_some() || input.token_code.is_some() {
            return Err(StsError::NoMfaDevice);
        }
        if input.provided_contexts.is_some_and(|contexts| !contexts.is_empty()) {
            return Err(StsError::NoContextProvider);
        }
        let duration_s = input.duration_seconds.map_or(DEFAULT_DURATION_S, i64::from);
        if matches!(call.caller.holder, Holder::Role(..)) && duration_s > CHAIN_MAX_DURATION_S {
            return Err(StsError::DurationAboveChain);
        }
        let tags = input.tags.unwrap_or_default();
        Ok(Assumption {
            session_name: input.role_session_name,
            duration_s,
            external_id: input.external_id,
            source_identity: source_identity(call, input.source_identity)?,
            tags: SessionTags::take(tags, input.transitive_tag_keys.unwrap_or_default(), &call.caller)?,
            policies: SessionPolicies::take(input.policy, input.policy_arns)?,
        })
    }

    /// The check of an action on the role, with every key that the request brings (reference iam.md 4.5). Tags that
    /// the calling session hands on show in the place of the role's own (reference iam.md 5.8).
    fn check<'a>(&self, action: &'a str, requested: &'a RequestedRole) -> Check<'a> {
        let own = requested.tags().iter().filter(|tag| !self.tags.inherits(&tag.key));
        let shown: Vec<_> = own.chain(&self.tags.inherited).collect();
        let mut check = Check::on(action, &requested.arn, requested.account)
            .resource_policy(requested.trust_policy())
            .key("sts:RoleSessionName", self.session_name.as_str())
            .key_if("sts:ExternalId", self.external_id.as_deref())
            .key_if("sts:SourceIdentity", self.source_identity.as_deref())
            .key_list("sts:TransitiveTagKeys", self.tags.transitive_keys.iter().cloned())
            .request_tags(self.tags.requested.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())))
            .resource_tags(shown.iter().copied());
        for tag in shown {
            check = check.key(&format!("iam:ResourceTag/{}", tag.key), tag.value.as_str());
        }
        check
    }
}

/// The source identity of the new session: the request's, or the calling session's, which no request can change.
fn source_identity(call: &Call, requested: Option<String>) -> Result<Option<String>, StsError> {
    let inherited = call.caller.session.as_ref().and_then(|session| match &session.holder {
        SessionHolder::Role { source_identity, .. } => source_identity.clone(),
        SessionHolder::User { .. } | SessionHolder::Root { .. } | SessionHolder::Federated { .. } => None,
    });
    match (inherited, requested) {
        (Some(inherited), Some(requested)) if inherited != requested => Err(StsError::SourceIdentitySet),
        (Some(inherited), _) => Ok(Some(inherited)),
        (None, requested) => Ok(requested),
    }
}

/// STS says who may not do what, and never why.
fn refusal(call: &Call, action: &str, role_arn: &str) -> ServiceError {
    let caller = call.caller.arn();
    let message = format!("User: {caller} is not authorized to perform: {action} on resource: {role_arn}");
    ServiceError::new(403, "AccessDenied", message)
}
