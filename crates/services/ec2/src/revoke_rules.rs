//! RevokeSecurityGroupIngress and RevokeSecurityGroupEgress: rules that go, by their ids or by what they say.

use rolecall_authority::Call;
use rolecall_store::State;
use rolecall_store::records::ec2::SecurityGroupRule;
use rolecall_wire::{ServiceError, ec2 as wire};

use crate::Ec2;
use crate::access::{Place, group_check};
use crate::authorize_rules::{OneRule, refuse_named_source};
use crate::error::Ec2Error;
use crate::rule::NewRule;
use crate::rule_view::show_revoked;
use crate::security_group::{find_group, group_id};

/// The rules that shall go.
enum Revoked {
    ById(Vec<String>),
    ByContent(Vec<NewRule>),
}

impl Ec2 {
    /// RevokeSecurityGroupIngress.
    pub(crate) async fn revoke_ingress(
        &self,
        call: &Call,
        input: wire::RevokeSecurityGroupIngressRequest,
    ) -> Result<wire::RevokeSecurityGroupIngressResult, ServiceError> {
        let place = Place::of(call)?;
        let group = group_id(input.group_id, input.group_name)?;
        let action = "ec2:RevokeSecurityGroupIngress";
        let check = group_check(&place, action, &group, &self.platform.store.read());
        let proof = self.allow(call, input.dry_run, check, [])?;
        refuse_named_source(input.source_security_group_name)?;
        let (ip_protocol, cidr_ip) = (input.ip_protocol, input.cidr_ip);
        let one = OneRule { ip_protocol, from_port: input.from_port, to_port: input.to_port, cidr_ip };
        let revoked = Revoked::read(input.security_group_rule_ids, one, input.ip_permissions)?;
        let rules = self.write(proof, move |state| remove(state, &place, &group, false, &revoked)).await?;
        Ok(wire::RevokeSecurityGroupIngressResult {
            r#return: Some(true),
            unknown_ip_permissions: Some(Vec::new()),
            revoked_security_group_rules: Some(rules),
        })
    }

    /// RevokeSecurityGroupEgress.
    pub(crate) async fn revoke_egress(
        &self,
        call: &Call,
        input: wire::RevokeSecurityGroupEgressRequest,
    ) -> Result<wire::RevokeSecurityGroupEgressResult, ServiceError> {
        let place = Place::of(call)?;
        let group = input.group_id;
        let action = "ec2:RevokeSecurityGroupEgress";
        let check = group_check(&place, action, &group, &self.platform.store.read());
        let proof = self.allow(call, input.dry_run, check, [])?;
        refuse_named_source(input.source_security_group_name)?;
        let (ip_protocol, cidr_ip) = (input.ip_protocol, input.cidr_ip);
        let one = OneRule { ip_protocol, from_port: input.from_port, to_port: input.to_port, cidr_ip };
        let revoked = Revoked::read(input.security_group_rule_ids, one, input.ip_permissions)?;
        let rules = self.write(proof, move |state| remove(state, &place, &group, true, &revoked)).await?;
        Ok(wire::RevokeSecurityGroupEgressResult {
            r#return: Some(true),
            unknown_ip_permissions: Some(Vec::new()),
            revoked_security_group_rules: Some(rules),
        })
    }
}

impl Revoked {
    fn read(
        ids: Option<Vec<String>>,
        one: OneRule,
        permissions: Option<Vec<wire::IpPermission>>,
    ) -> Result<Self, Ec2Error> {
        match ids {
            Some(ids) if !ids.is_empty() => Ok(Revoked::ById(ids)),
            _ => one.and(permissions).map(Revoked::ByContent),
        }
    }
}

/// All rules or none.
fn remove(
    state: &mut State,
    place: &Place,
    group: &str,
    egress: bool,
    revoked: &Revoked,
) -> Result<Vec<wire::RevokedSecurityGroupRule>, Ec2Error> {
    let mut changed = find_group(state, place, group)?.clone();
    let mut gone = Vec::new();
    let mut take = |is_it: &dyn Fn(&SecurityGroupRule) -> bool, missing: Ec2Error| {
        let found = changed.rules.iter().position(|rule| rule.egress == egress && is_it(rule));
        gone.push(changed.rules.remove(found.ok_or(missing)?));
        Ok::<_, Ec2Error>(())
    };
    match revoked {
        Revoked::ById(ids) => {
            ids.iter().try_for_each(|id| take(&|rule| rule.id == *id, Ec2Error::NoRule(id.clone())))?;
        }
        Revoked::ByContent(rules) => {
            rules.iter().try_for_each(|wanted| take(&|rule| wanted.is(rule), Ec2Error::NoSuchRule))?;
        }
    }
    let answer = gone.iter().map(|rule| show_revoked(&changed, rule)).collect();
    state.security_groups.put(place.key(group), changed);
    Ok(answer)
}
