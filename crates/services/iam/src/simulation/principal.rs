//! The policies of a user, group or role that is simulated, under the names that AWS gives them.

use std::sync::Arc;

use rolecall_arn::{AccountId, Arn};
use rolecall_authority::Check;
use rolecall_policy::{Policy, PolicyKind, PolicySource, Principal};
use rolecall_store::records::iam::Policies;
use rolecall_wire::ServiceError;
use rolecall_wire::iam::PolicyIdentifier;

use crate::entity::{Entity, EntityKind};
use crate::error::IamError;
use crate::managed::{Managed, name_and_path};
use crate::request::Request;
use crate::simulation::CallerPolicies;
use crate::simulation::asked::SimulatedCaller;

/// A user, group or role whose policies are simulated, and whether its permission was found.
pub(super) struct Source {
    kind: EntityKind,
    key: (AccountId, String),
    /// Who it is; a group is nobody.
    principal: Option<Principal>,
}

impl Source {
    /// A user calls for itself where nobody else is named; a role or group does not (reference iam.md 7.3).
    pub(super) fn caller(&self) -> Option<SimulatedCaller> {
        let principal = self.principal.clone();
        principal.filter(|one| matches!(one, Principal::User { .. })).map(SimulatedCaller::known)
    }
}

impl Request<'_> {
    /// Finds the user, group or role by its ARN, whose path does not count, and checks the permission on it.
    pub(super) fn allow_simulation_of(&self, text: &str) -> Result<Source, ServiceError> {
        let (arn, kind, name) = read(text)?;
        let account = arn.account_id().unwrap_or(self.account);
        if account != self.account {
            // What another account has is not known here, so it is denied like everything of other accounts.
            self.allow(Check::on(self.action(), &arn, account))?;
            return Err(IamError::NoEntity { kind, name }.into());
        }
        let entity = self.entity(kind, &name);
        self.allow(entity.check(self.action()))?;
        let principal = self.principal_of(kind, &name);
        let target = Entity::existing(entity)?;
        Ok(Source { kind, key: target.key, principal })
    }

    fn principal_of(&self, kind: EntityKind, name: &str) -> Option<Principal> {
        let user = self.state.users.get(&(self.account, name.to_lowercase()))?;
        let arn = Arn::iam(user.account, &format!("user{}{}", user.path, user.name));
        let is_user = kind == EntityKind::User;
        is_user.then(|| Principal::User { account: user.account, arn, id: user.id.clone() })
    }

    /// Its identity-based policies, those of a user's groups too, its permissions boundary, and the service control
    /// policies of the account, but for those that are excluded.
    pub(super) fn policies_of(
        &self,
        source: &Source,
        exclusions: &[PolicyIdentifier],
    ) -> Result<CallerPolicies, IamError> {
        let collector = Collector { request: self, exclusions };
        let mut identity = Vec::new();
        let mut boundary = None;
        match source.kind {
            EntityKind::User => {
                if let Some(user) = self.state.users.get(&source.key) {
                    collector.add(&mut identity, EntityKind::User, &user.name, &user.policies)?;
                    for group in &user.groups {
                        collector.add_group(&mut identity, group)?;
                    }
                    boundary.clone_from(&user.boundary);
                }
            }
            EntityKind::Group => collector.add_group(&mut identity, &source.key.1)?,
            EntityKind::Role => {
                if let Some(role) = self.state.roles.get(&source.key) {
                    collector.add(&mut identity, EntityKind::Role, &role.name, &role.policies)?;
                    boundary.clone_from(&role.boundary);
                }
            }
        }
        let boundary = boundary.filter(|_| !collector.excludes_type("permission-boundary"));
        let boundary = boundary.map(|arn| Ok(vec![collector.managed(&arn)?])).transpose()?;
        let levels = self.platform.authority.service_control(self.account);
        let service_control = levels.filter(|_| !collector.excludes_type("scp"));
        Ok(CallerPolicies { identity, boundary, service_control })
    }
}

/// Compiles policies of the account.
struct Collector<'a> {
    request: &'a Request<'a>,
    exclusions: &'a [PolicyIdentifier],
}

impl Collector<'_> {
    fn add_group(&self, identity: &mut Vec<Arc<Policy>>, name: &str) -> Result<(), IamError> {
        match self.request.state.groups.get(&(self.request.account, name.to_owned())) {
            Some(group) => self.add(identity, EntityKind::Group, &group.name, &group.policies),
            None => Ok(()),
        }
    }

    /// An inline policy is called `user_ana_own-functions`, a managed one by its name.
    fn add(
        &self,
        identity: &mut Vec<Arc<Policy>>,
        kind: EntityKind,
        holder: &str,
        policies: &Policies,
    ) -> Result<(), IamError> {
        for inline in policies.inline.values().filter(|one| !self.excludes_inline(kind, holder, &one.name)) {
            let name = format!("{kind}_{holder}_{}", inline.name);
            identity.push(compile(PolicySource::inline(name), &inline.document)?);
        }
        for arn in policies.attached.iter().filter(|arn| !self.excludes_managed(arn)) {
            // A user and its groups may have the same.
            if identity.iter().all(|known| known.source().arn.as_ref() != Some(arn)) {
                identity.push(self.managed(arn)?);
            }
        }
        Ok(())
    }

    fn managed(&self, arn: &str) -> Result<Arc<Policy>, IamError> {
        let (account, state) = (self.request.account, &self.request.state);
        let found = Managed::find(arn, account, state).ok_or_else(|| IamError::NoPolicy(arn.to_owned()))?;
        let document = found.document().ok_or_else(|| IamError::NoPolicy(arn.to_owned()))?;
        compile(PolicySource::managed(name_and_path(arn).0, arn), document)
    }

    fn excludes_type(&self, wanted: &str) -> bool {
        self.exclusions.iter().any(|one| one.policy_type.as_deref() == Some(wanted))
    }

    fn excludes_inline(&self, kind: EntityKind, holder: &str, name: &str) -> bool {
        let is_named = |one: &PolicyIdentifier| {
            one.inline_policy_identifier.as_ref().is_some_and(|inline| {
                inline.attachment_type == kind.to_string()
                    && inline.attachment_name.eq_ignore_ascii_case(holder)
                    && inline.policy_name.eq_ignore_ascii_case(name)
            })
        };
        self.excludes_type("inline") || self.exclusions.iter().any(is_named)
    }

    fn excludes_managed(&self, arn: &str) -> bool {
        let of_aws = arn.starts_with("arn:aws:iam::aws:");
        self.excludes_type(if of_aws { "aws-managed" } else { "user-managed" })
            || self.exclusions.iter().any(|one| one.policy_arn.as_deref() == Some(arn))
    }
}

fn compile(source: PolicySource, text: &str) -> Result<Arc<Policy>, IamError> {
    let compiled = Policy::compile(PolicyKind::Identity, source, text);
    compiled.map(Arc::new).map_err(|error| IamError::SimulationInput(error.message().to_owned()))
}

/// The ARN of a user, group or role, with its kind and name.
fn read(text: &str) -> Result<(Arn, EntityKind, String), IamError> {
    let invalid = || {
        let text = format!("Invalid Entity Arn: {text} does not clearly define entity type and name.");
        IamError::SimulationInput(text)
    };
    let arn: Arn = text.parse().map_err(|_| invalid())?;
    let (kind, rest) = arn.resource().split_once('/').ok_or_else(invalid)?;
    let name = rest.rsplit('/').next().unwrap_or_default().to_owned();
    let kind = match kind {
        "user" => EntityKind::User,
        "group" => EntityKind::Group,
        "role" => EntityKind::Role,
        _ => return Err(invalid()),
    };
    let is_whole = arn.service() == "iam" && arn.account_id().is_some() && !name.is_empty();
    if is_whole { Ok((arn, kind, name)) } else { Err(invalid()) }
}
