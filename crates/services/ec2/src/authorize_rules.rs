//! AuthorizeSecurityGroupIngress and AuthorizeSecurityGroupEgress: new rules.

use rolecall_authority::{Authorized, Call};
use rolecall_store::State;
use rolecall_store::records::Tag;
use rolecall_store::records::ec2::{RulePeer, SecurityGroupRule};
use rolecall_wire::{ServiceError, ec2 as wire};

use crate::Ec2;
use crate::access::{Place, group_check};
use crate::error::Ec2Error;
use crate::rule::{NewRule, read_permissions};
use crate::rule_view::show_rule;
use crate::security_group::{find_group, group_id};
use crate::tag_specification::new_tags;

/// The rules of a request that names a single one by the older parameters.
pub(crate) struct OneRule {
    pub(crate) ip_protocol: Option<String>,
    pub(crate) from_port: Option<i32>,
    pub(crate) to_port: Option<i32>,
    pub(crate) cidr_ip: Option<String>,
}

impl OneRule {
    /// The rules of both forms; there must be some.
    pub(crate) fn and(self, permissions: Option<Vec<wire::IpPermission>>) -> Result<Vec<NewRule>, Ec2Error> {
        let mut permissions = permissions.unwrap_or_default();
        if self.ip_protocol.is_some() || self.cidr_ip.is_some() {
            let range = self.cidr_ip.map(|cidr| wire::IpRange { cidr_ip: Some(cidr), description: None });
            permissions.push(wire::IpPermission {
                ip_protocol: self.ip_protocol,
                from_port: self.from_port,
                to_port: self.to_port,
                ip_ranges: Some(range.into_iter().collect()),
                ..Default::default()
            });
        }
        if permissions.is_empty() {
            return Err(Ec2Error::MissingParameter("ipPermissions"));
        }
        read_permissions(&permissions)
    }
}

impl Ec2 {
    /// AuthorizeSecurityGroupIngress.
    pub(crate) async fn authorize_ingress(
        &self,
        call: &Call,
        input: wire::AuthorizeSecurityGroupIngressRequest,
    ) -> Result<wire::AuthorizeSecurityGroupIngressResult, ServiceError> {
        let group = group_id(input.group_id, input.group_name)?;
        let tags = new_tags(input.tag_specifications.as_deref(), "security-group-rule")?;
        let action = ("ec2:AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupIngress");
        let proof = self.allow_rules(call, input.dry_run, action, &group, &tags)?;
        refuse_named_source(input.source_security_group_name)?;
        let (ip_protocol, cidr_ip) = (input.ip_protocol, input.cidr_ip);
        let one = OneRule { ip_protocol, from_port: input.from_port, to_port: input.to_port, cidr_ip };
        let rules = one.and(input.ip_permissions)?;
        let rules = self.add_rules(proof, call, group, self.with_ids(rules, false, &tags)).await?;
        Ok(wire::AuthorizeSecurityGroupIngressResult {
            r#return: Some(true),
            security_group_rules: Some(rules),
        })
    }

    /// AuthorizeSecurityGroupEgress.
    pub(crate) async fn authorize_egress(
        &self,
        call: &Call,
        input: wire::AuthorizeSecurityGroupEgressRequest,
    ) -> Result<wire::AuthorizeSecurityGroupEgressResult, ServiceError> {
        let tags = new_tags(input.tag_specifications.as_deref(), "security-group-rule")?;
        let action = ("ec2:AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupEgress");
        let proof = self.allow_rules(call, input.dry_run, action, &input.group_id, &tags)?;
        refuse_named_source(input.source_security_group_name)?;
        let (ip_protocol, cidr_ip) = (input.ip_protocol, input.cidr_ip);
        let one = OneRule { ip_protocol, from_port: input.from_port, to_port: input.to_port, cidr_ip };
        let rules = one.and(input.ip_permissions)?;
        let rules = self.add_rules(proof, call, input.group_id, self.with_ids(rules, true, &tags)).await?;
        Ok(wire::AuthorizeSecurityGroupEgressResult {
            r#return: Some(true),
            security_group_rules: Some(rules),
        })
    }

    fn allow_rules(
        &self,
        call: &Call,
        dry_run: Option<bool>,
        (action, operation): (&str, &str),
        group: &str,
        tags: &[Tag],
    ) -> Result<Authorized, ServiceError> {
        let place = Place::of(call)?;
        let check = group_check(&place, action, group, &self.platform.store.read());
        self.allow(call, dry_run, check, place.check_new_tags(operation, "security-group-rule", tags))
    }

    fn with_ids(&self, rules: Vec<NewRule>, egress: bool, tags: &[Tag]) -> Vec<(NewRule, SecurityGroupRule)> {
        let with_id = |rule: NewRule| {
            let mut record = rule.clone().with_id(self.new_id("sgr"), egress);
            record.tags = tags.to_vec();
            (rule, record)
        };
        rules.into_iter().map(with_id).collect()
    }

    async fn add_rules(
        &self,
        proof: Authorized,
        call: &Call,
        group: String,
        rules: Vec<(NewRule, SecurityGroupRule)>,
    ) -> Result<Vec<wire::SecurityGroupRule>, ServiceError> {
        let place = Place::of(call)?;
        self.write(proof, move |state| add(state, &place, &group, rules)).await
    }
}

/// All rules or none.
fn add(
    state: &mut State,
    place: &Place,
    group: &str,
    rules: Vec<(NewRule, SecurityGroupRule)>,
) -> Result<Vec<wire::SecurityGroupRule>, Ec2Error> {
    let mut changed = find_group(state, place, group)?.clone();
    let mut answer = Vec::with_capacity(rules.len());
    for (rule, record) in rules {
        if changed.rules.iter().any(|old| old.egress == record.egress && rule.is(old)) {
            return Err(Ec2Error::DuplicateRule(rule.text()));
        }
        if let RulePeer::Group(peer) = &record.peer {
            // Groups of other VPCs are out of reach, and could be deleted with theirs.
            let is_near = find_group(state, place, peer)?.vpc_id == changed.vpc_id;
            is_near.then_some(()).ok_or_else(|| Ec2Error::NoGroup(peer.clone()))?;
        }
        answer.push(show_rule(place, &changed, &record));
        changed.rules.push(record);
    }
    state.security_groups.put(place.key(group), changed);
    Ok(answer)
}

/// Groups are named only where they are in a default VPC, and there is none here.
pub(crate) fn refuse_named_source(name: Option<String>) -> Result<(), Ec2Error> {
    name.map_or(Ok(()), |name| Err(Ec2Error::NoGroup(name)))
}
