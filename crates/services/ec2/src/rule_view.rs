//! How rules are shown: one by one, or as permissions in which rules about the same ports are put together.

use rolecall_store::records::ec2::{RulePeer, SecurityGroup, SecurityGroupRule};
use rolecall_wire::ec2 as wire;

use crate::access::Place;
use crate::rule::ALL;
use crate::tag_specification::shown;

/// The permissions of a group in one direction.
pub(crate) fn permissions(group: &SecurityGroup, egress: bool) -> Vec<wire::IpPermission> {
    let mut permissions: Vec<wire::IpPermission> = Vec::new();
    for rule in group.rules.iter().filter(|rule| rule.egress == egress) {
        let (from_port, to_port) = shown_ports(rule);
        let same = |permission: &&mut wire::IpPermission| {
            permission.ip_protocol.as_deref() == Some(rule.protocol.as_str())
                && permission.from_port == from_port
                && permission.to_port == to_port
        };
        match permissions.iter_mut().find(same) {
            Some(permission) => add_peer(permission, rule, group),
            None => {
                let mut permission = wire::IpPermission {
                    ip_protocol: Some(rule.protocol.clone()),
                    from_port,
                    to_port,
                    user_id_group_pairs: Some(Vec::new()),
                    ip_ranges: Some(Vec::new()),
                    ipv6_ranges: Some(Vec::new()),
                    prefix_list_ids: Some(Vec::new()),
                };
                add_peer(&mut permission, rule, group);
                permissions.push(permission);
            }
        }
    }
    permissions
}

/// A permission for all protocols has no ports.
fn shown_ports(rule: &SecurityGroupRule) -> (Option<i32>, Option<i32>) {
    let has_ports = rule.protocol != ALL;
    (has_ports.then_some(rule.from_port), has_ports.then_some(rule.to_port))
}

fn add_peer(permission: &mut wire::IpPermission, rule: &SecurityGroupRule, group: &SecurityGroup) {
    let description = rule.description.clone();
    match &rule.peer {
        RulePeer::Ipv4(cidr) => {
            let range = wire::IpRange { cidr_ip: Some(cidr.clone()), description };
            permission.ip_ranges.get_or_insert_default().push(range);
        }
        RulePeer::Ipv6(cidr) => {
            let range = wire::Ipv6Range { cidr_ipv6: Some(cidr.clone()), description };
            permission.ipv6_ranges.get_or_insert_default().push(range);
        }
        RulePeer::Group(id) => {
            let pair = wire::UserIdGroupPair {
                description,
                user_id: Some(group.account.to_string()),
                group_id: Some(id.clone()),
                ..Default::default()
            };
            permission.user_id_group_pairs.get_or_insert_default().push(pair);
        }
    }
}

/// A rule by itself.
pub(crate) fn show_rule(
    place: &Place,
    group: &SecurityGroup,
    rule: &SecurityGroupRule,
) -> wire::SecurityGroupRule {
    let referenced = |id: &String| wire::ReferencedSecurityGroup {
        group_id: Some(id.clone()),
        user_id: Some(group.account.to_string()),
        ..Default::default()
    };
    wire::SecurityGroupRule {
        security_group_rule_id: Some(rule.id.clone()),
        group_id: Some(group.id.clone()),
        group_owner_id: Some(group.account.to_string()),
        is_egress: Some(rule.egress),
        ip_protocol: Some(rule.protocol.clone()),
        from_port: Some(rule.from_port),
        to_port: Some(rule.to_port),
        cidr_ipv4: ipv4(rule),
        cidr_ipv6: ipv6(rule),
        referenced_group_info: peer_group(rule).map(referenced),
        description: rule.description.clone(),
        tags: Some(shown(&rule.tags)),
        security_group_rule_arn: Some(place.arn("security-group-rule", &rule.id).to_string()),
        ..Default::default()
    }
}

/// A rule that is gone.
pub(crate) fn show_revoked(
    group: &SecurityGroup,
    rule: &SecurityGroupRule,
) -> wire::RevokedSecurityGroupRule {
    wire::RevokedSecurityGroupRule {
        security_group_rule_id: Some(rule.id.clone()),
        group_id: Some(group.id.clone()),
        is_egress: Some(rule.egress),
        ip_protocol: Some(rule.protocol.clone()),
        from_port: Some(rule.from_port),
        to_port: Some(rule.to_port),
        cidr_ipv4: ipv4(rule),
        cidr_ipv6: ipv6(rule),
        prefix_list_id: None,
        referenced_group_id: peer_group(rule).cloned(),
        description: rule.description.clone(),
    }
}

fn ipv4(rule: &SecurityGroupRule) -> Option<String> {
    if let RulePeer::Ipv4(cidr) = &rule.peer { Some(cidr.clone()) } else { None }
}

fn ipv6(rule: &SecurityGroupRule) -> Option<String> {
    if let RulePeer::Ipv6(cidr) = &rule.peer { Some(cidr.clone()) } else { None }
}

fn peer_group(rule: &SecurityGroupRule) -> Option<&String> {
    if let RulePeer::Group(id) = &rule.peer { Some(id) } else { None }
}

/// What a filter on a group's permissions compares.
pub(crate) fn rule_fact(rule: &SecurityGroupRule, part: &str) -> Option<String> {
    match part {
        "cidr" => ipv4(rule),
        "ipv6-cidr" => ipv6(rule),
        "group-id" => peer_group(rule).cloned(),
        "protocol" => Some(rule.protocol.clone()),
        "from-port" => shown_ports(rule).0.map(|port| port.to_string()),
        "to-port" => shown_ports(rule).1.map(|port| port.to_string()),
        _ => None,
    }
}
