//! The rules of security groups: from what a request says to single rules, each with one peer.

use ipnet::{Ipv4Net, Ipv6Net};
use rolecall_store::records::ec2::{RulePeer, SecurityGroupRule};
use rolecall_wire::ec2::IpPermission;

use crate::error::Ec2Error;

/// Every protocol.
pub(crate) const ALL: &str = "-1";
/// Everybody.
const ANYWHERE: &str = "0.0.0.0/0";

/// A rule before it has an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewRule {
    pub(crate) protocol: String,
    pub(crate) from_port: i32,
    pub(crate) to_port: i32,
    pub(crate) peer: RulePeer,
    pub(crate) description: Option<String>,
}

impl NewRule {
    /// Whether a rule says the same, whatever its description.
    pub(crate) fn is(&self, rule: &SecurityGroupRule) -> bool {
        self.protocol == rule.protocol
            && self.from_port == rule.from_port
            && self.to_port == rule.to_port
            && self.peer == rule.peer
    }

    /// The rule as EC2 prints it in a refusal.
    pub(crate) fn text(&self) -> String {
        let peer = match &self.peer {
            RulePeer::Ipv4(text) | RulePeer::Ipv6(text) | RulePeer::Group(text) => text,
        };
        if self.protocol == ALL {
            return format!("peer: {peer}, ALL, ALLOW");
        }
        let (from, to) = (self.from_port, self.to_port);
        let protocol = self.protocol.to_uppercase();
        format!("peer: {peer}, {protocol}, from port: {from}, to port: {to}, ALLOW")
    }

    /// The rule with an id.
    pub(crate) fn with_id(self, id: String, egress: bool) -> SecurityGroupRule {
        SecurityGroupRule {
            id,
            egress,
            protocol: self.protocol,
            from_port: self.from_port,
            to_port: self.to_port,
            peer: self.peer,
            description: self.description,
            tags: Vec::new(),
        }
    }
}

/// The rule that every new group has.
pub(crate) fn everything_may_leave(id: String) -> SecurityGroupRule {
    let peer = RulePeer::Ipv4(ANYWHERE.to_owned());
    let rule = NewRule { protocol: ALL.to_owned(), from_port: -1, to_port: -1, peer, description: None };
    rule.with_id(id, true)
}

/// The rules of a VPC's default group: its members reach each other, and everything.
pub(crate) fn default_rules(group: &str, ids: [String; 2]) -> Vec<SecurityGroupRule> {
    let [ingress, egress] = ids;
    let peer = RulePeer::Group(group.to_owned());
    let rule = NewRule { protocol: ALL.to_owned(), from_port: -1, to_port: -1, peer, description: None };
    vec![rule.with_id(ingress, false), everything_may_leave(egress)]
}

/// The single rules of a request's permissions.
pub(crate) fn read_permissions(permissions: &[IpPermission]) -> Result<Vec<NewRule>, Ec2Error> {
    let mut rules = Vec::new();
    for permission in permissions {
        let protocol = protocol(permission.ip_protocol.as_deref())?;
        let (from_port, to_port) = ports(&protocol, permission.from_port, permission.to_port)?;
        let peers = peers(permission)?;
        if peers.is_empty() {
            return Err(Ec2Error::InvalidParameterValue(
                "A rule needs a CIDR block or a security group on its other side.".to_owned(),
            ));
        }
        rules.extend(peers.into_iter().map(|(peer, description)| NewRule {
            protocol: protocol.clone(),
            from_port,
            to_port,
            peer,
            description,
        }));
    }
    Ok(rules)
}

fn peers(permission: &IpPermission) -> Result<Vec<(RulePeer, Option<String>)>, Ec2Error> {
    if permission.prefix_list_ids.as_ref().is_some_and(|lists| !lists.is_empty()) {
        return Err(Ec2Error::Unsupported("prefix lists"));
    }
    let mut peers = Vec::new();
    for range in permission.ip_ranges.iter().flatten() {
        let text = range.cidr_ip.clone().unwrap_or_default();
        let block: Ipv4Net = text.parse().map_err(|_| malformed(&text))?;
        peers.push((RulePeer::Ipv4(block.trunc().to_string()), range.description.clone()));
    }
    for range in permission.ipv6_ranges.iter().flatten() {
        let text = range.cidr_ipv6.clone().unwrap_or_default();
        let block: Ipv6Net = text.parse().map_err(|_| malformed(&text))?;
        peers.push((RulePeer::Ipv6(block.trunc().to_string()), range.description.clone()));
    }
    for pair in permission.user_id_group_pairs.iter().flatten() {
        if pair.vpc_peering_connection_id.is_some() {
            return Err(Ec2Error::Unsupported("VPC peering connections"));
        }
        let id = crate::security_group::group_id(pair.group_id.clone(), pair.group_name.clone())?;
        peers.push((RulePeer::Group(id), pair.description.clone()));
    }
    Ok(peers)
}

fn malformed(block: &str) -> Ec2Error {
    Ec2Error::InvalidParameterValue(format!("CIDR block {block} is malformed"))
}

/// The protocol by the name that EC2 gives it.
fn protocol(text: Option<&str>) -> Result<String, Ec2Error> {
    let text = text.ok_or(Ec2Error::MissingParameter("ipProtocol"))?.to_ascii_lowercase();
    let name = match text.as_str() {
        "tcp" | "6" => "tcp",
        "udp" | "17" => "udp",
        "icmp" | "1" => "icmp",
        "icmpv6" | "58" => "icmpv6",
        "-1" | "all" => ALL,
        number if number.parse::<u8>().is_ok() => number,
        _ => {
            return Err(Ec2Error::InvalidParameterValue(format!(
                "Invalid value '{text}' for IP protocol. Unknown protocol."
            )));
        }
    };
    Ok(name.to_owned())
}

/// The ports, or an ICMP type and code; -1 for both where the protocol has neither.
fn ports(protocol: &str, from: Option<i32>, to: Option<i32>) -> Result<(i32, i32), Ec2Error> {
    let invalid = |text: String| Err(Ec2Error::InvalidParameterValue(text));
    match protocol {
        "tcp" | "udp" => match (from, to) {
            (Some(from), Some(to)) if (0..=65_535).contains(&from) && (from..=65_535).contains(&to) => {
                Ok((from, to))
            }
            (Some(from), Some(to)) => invalid(format!("Invalid TCP/UDP port range ({from}:{to})")),
            _ => invalid(
                "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.".to_owned(),
            ),
        },
        "icmp" | "icmpv6" => match (from.unwrap_or(-1), to.unwrap_or(-1)) {
            (kind, code) if (-1..=255).contains(&kind) && (-1..=255).contains(&code) => Ok((kind, code)),
            (kind, code) => invalid(format!("ICMP type ({kind}) or code ({code}) out of range")),
        },
        _ => Ok((-1, -1)),
    }
}

#[cfg(test)]
mod tests {
    use rolecall_wire::ec2::{IpRange, UserIdGroupPair};

    use super::*;

    fn permission(protocol: &str, from: Option<i32>, to: Option<i32>, cidr: &str) -> IpPermission {
        let range = IpRange { cidr_ip: Some(cidr.to_owned()), description: None };
        let ip_ranges = Some(vec![range]);
        IpPermission {
            ip_protocol: Some(protocol.to_owned()),
            from_port: from,
            to_port: to,
            ip_ranges,
            ..Default::default()
        }
    }

    #[test]
    fn each_peer_is_a_rule_of_its_own() {
        let mut permission = permission("6", Some(22), Some(22), "10.0.0.7/24");
        let pair = UserIdGroupPair { group_id: Some("sg-1".to_owned()), ..Default::default() };
        permission.user_id_group_pairs = Some(vec![pair]);
        let rules = read_permissions(&[permission]).unwrap();
        let texts: Vec<String> = rules.iter().map(NewRule::text).collect();
        assert_eq!(
            texts,
            [
                "peer: 10.0.0.0/24, TCP, from port: 22, to port: 22, ALLOW",
                "peer: sg-1, TCP, from port: 22, to port: 22, ALLOW",
            ]
        );
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for (protocol, from, to, cidr) in [
            ("tcp", Some(5), Some(4), "10.0.0.0/8"),
            ("tcp", None, None, "10.0.0.0/8"),
            ("tcp", Some(0), Some(70_000), "10.0.0.0/8"),
            ("icmp", Some(300), None, "10.0.0.0/8"),
            ("what", None, None, "10.0.0.0/8"),
            ("256", None, None, "10.0.0.0/8"),
            ("-1", None, None, "10.0.0.0/40"),
            ("-1", None, None, "10.0.0.0"),
        ] {
            assert!(read_permissions(&[permission(protocol, from, to, cidr)]).is_err(), "{protocol} {cidr}");
        }
        assert!(read_permissions(&[permission("all", Some(7), None, "0.0.0.0/0")]).is_ok());
    }
}
