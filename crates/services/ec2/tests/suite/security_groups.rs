//! Security groups and their rules.

use rolecall_wire::ec2::{self as wire, Input};

use crate::answer;
use crate::world::{World, group, permission, refused};

fn ingress(group: &str, permissions: Vec<wire::IpPermission>) -> wire::AuthorizeSecurityGroupIngressRequest {
    wire::AuthorizeSecurityGroupIngressRequest {
        group_id: Some(group.to_owned()),
        ip_permissions: Some(permissions),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_new_group_lets_everything_out_and_nothing_in() {
    let world = World::new().await;
    let vpc = world.vpc("10.0.0.0/16").await;
    let id = world.group(&vpc, "web").await;
    let input = wire::DescribeSecurityGroupsRequest { group_ids: Some(vec![id]), ..Default::default() };
    let found = answer!(world, DescribeSecurityGroups, input).security_groups.unwrap().remove(0);
    assert!(found.ip_permissions.unwrap().is_empty());
    let egress = &found.ip_permissions_egress.unwrap()[0];
    assert_eq!((egress.ip_protocol.as_deref(), egress.from_port), (Some("-1"), None));
    assert_eq!(egress.ip_ranges.as_ref().unwrap()[0].cidr_ip.as_deref(), Some("0.0.0.0/0"));
}

#[tokio::test]
async fn names_are_unique_in_a_vpc_and_have_their_form() {
    let world = World::new().await;
    let vpc = world.vpc("10.0.0.0/16").await;
    world.group(&vpc, "web").await;
    let text = format!("The security group 'web' already exists for VPC '{vpc}'");
    assert_eq!(
        world.refusal(Input::CreateSecurityGroup(group(&vpc, "web"))).await,
        refused("InvalidGroup.Duplicate", text)
    );
    let other = world.vpc("10.1.0.0/16").await;
    world.group(&other, "web").await;
    for (name, text) in [
        ("default", "Cannot use reserved security group name: default"),
        (
            "sg-1",
            "Value (sg-1) for parameter GroupName is invalid. Group names may not be in the format sg-*.",
        ),
    ] {
        let refusal = world.refusal(Input::CreateSecurityGroup(group(&vpc, name))).await;
        assert_eq!(refusal, refused("InvalidParameterValue", text));
    }
    let missing = world.refusal(Input::CreateSecurityGroup(group("vpc-0", "g"))).await;
    assert_eq!(missing.0, "InvalidVpcID.NotFound");
}

#[tokio::test]
async fn rules_come_once_and_go_by_id_or_by_content() {
    let world = World::new().await;
    let vpc = world.vpc("10.0.0.0/16").await;
    let id = world.group(&vpc, "web").await;
    let both = vec![permission("tcp", 443, "10.0.0.0/8"), permission("tcp", 443, "192.168.0.0/16")];
    let made =
        answer!(world, AuthorizeSecurityGroupIngress, ingress(&id, both)).security_group_rules.unwrap();
    assert_eq!(made.len(), 2);
    let again = Input::AuthorizeSecurityGroupIngress(ingress(&id, vec![permission("6", 443, "10.0.0.0/8")]));
    let text =
        "the specified rule \"peer: 10.0.0.0/8, TCP, from port: 443, to port: 443, ALLOW\" already exists";
    assert_eq!(world.refusal(again).await, refused("InvalidPermission.Duplicate", text));
    let input =
        wire::DescribeSecurityGroupsRequest { group_ids: Some(vec![id.clone()]), ..Default::default() };
    let shown = answer!(world, DescribeSecurityGroups, input).security_groups.unwrap().remove(0);
    let permissions = shown.ip_permissions.unwrap();
    assert_eq!((permissions.len(), permissions[0].ip_ranges.as_ref().unwrap().len()), (1, 2));
    let revoke = |rules: Option<Vec<String>>, permissions: Option<Vec<wire::IpPermission>>| {
        wire::RevokeSecurityGroupIngressRequest {
            group_id: Some(id.clone()),
            security_group_rule_ids: rules,
            ip_permissions: permissions,
            ..Default::default()
        }
    };
    let by_id = revoke(Some(vec![made[0].security_group_rule_id.clone().unwrap()]), None);
    let gone =
        answer!(world, RevokeSecurityGroupIngress, by_id.clone()).revoked_security_group_rules.unwrap();
    assert_eq!(gone[0].cidr_ipv4.as_deref(), Some("10.0.0.0/8"));
    assert_eq!(
        world.refusal(Input::RevokeSecurityGroupIngress(by_id)).await.0,
        "InvalidSecurityGroupRuleId.NotFound"
    );
    let by_content = revoke(None, Some(vec![permission("tcp", 443, "192.168.0.0/16")]));
    world.ok(Input::RevokeSecurityGroupIngress(by_content.clone())).await;
    let text = "The specified rule does not exist in this security group.";
    assert_eq!(
        world.refusal(Input::RevokeSecurityGroupIngress(by_content)).await,
        refused("InvalidPermission.NotFound", text)
    );
}

#[tokio::test]
async fn a_refused_rule_leaves_the_others_of_its_request_out() {
    let world = World::new().await;
    let vpc = world.vpc("10.0.0.0/16").await;
    let id = world.group(&vpc, "web").await;
    let mut peer = permission("tcp", 80, "10.0.0.0/8");
    peer.ip_ranges = None;
    peer.user_id_group_pairs =
        Some(vec![wire::UserIdGroupPair { group_id: Some("sg-0".to_owned()), ..Default::default() }]);
    let input =
        Input::AuthorizeSecurityGroupIngress(ingress(&id, vec![permission("udp", 53, "10.0.0.0/8"), peer]));
    let expected = refused("InvalidGroup.NotFound", "The security group 'sg-0' does not exist");
    assert_eq!(world.refusal(input).await, expected);
    let input = wire::DescribeSecurityGroupsRequest { group_ids: Some(vec![id]), ..Default::default() };
    let shown = answer!(world, DescribeSecurityGroups, input).security_groups.unwrap().remove(0);
    assert!(shown.ip_permissions.unwrap().is_empty());
}

#[tokio::test]
async fn a_group_that_another_refers_to_stays() {
    let world = World::new().await;
    let vpc = world.vpc("10.0.0.0/16").await;
    let (one, other) = (world.group(&vpc, "one").await, world.group(&vpc, "other").await);
    let mut peer = permission("tcp", 80, "10.0.0.0/8");
    peer.ip_ranges = None;
    peer.user_id_group_pairs =
        Some(vec![wire::UserIdGroupPair { group_id: Some(one.clone()), ..Default::default() }]);
    world.ok(Input::AuthorizeSecurityGroupIngress(ingress(&other, vec![peer]))).await;
    let delete = |id: &str| {
        Input::DeleteSecurityGroup(wire::DeleteSecurityGroupRequest {
            group_id: Some(id.to_owned()),
            ..Default::default()
        })
    };
    assert_eq!(world.refusal(delete(&one)).await.0, "DependencyViolation");
    world.ok(delete(&other)).await;
    world.ok(delete(&one)).await;
    let expected = refused("InvalidGroupId.Malformed", "Invalid id: \"web\" (expecting \"sg-...\")");
    assert_eq!(world.refusal(delete("web")).await, expected);
}

#[tokio::test]
async fn a_rule_names_no_group_of_another_vpc() {
    let world = World::new().await;
    let [one, other] = [world.vpc("10.0.0.0/16").await, world.vpc("10.1.0.0/16").await];
    let [near, friend, far] = [
        world.group(&one, "near").await,
        world.group(&one, "friend").await,
        world.group(&other, "far").await,
    ];
    let from = |group: &str, peering: Option<&str>| {
        let pair = wire::UserIdGroupPair {
            group_id: Some(group.to_owned()),
            vpc_peering_connection_id: peering.map(str::to_owned),
            ..Default::default()
        };
        let permission = wire::IpPermission {
            ip_protocol: Some("-1".to_owned()),
            user_id_group_pairs: Some(vec![pair]),
            ..Default::default()
        };
        Input::AuthorizeSecurityGroupIngress(ingress(&near, vec![permission]))
    };
    let text = format!("The security group '{far}' does not exist");
    assert_eq!(world.refusal(from(&far, None)).await, refused("InvalidGroup.NotFound", text));
    let text = "Rolecall does not have VPC peering connections yet.";
    assert_eq!(world.refusal(from(&friend, Some("pcx-1"))).await, refused("UnsupportedOperation", text));
    let permission = wire::IpPermission {
        ip_protocol: Some("-1".to_owned()),
        user_id_group_pairs: Some(vec![wire::UserIdGroupPair {
            group_id: Some(friend),
            ..Default::default()
        }]),
        ..Default::default()
    };
    answer!(world, AuthorizeSecurityGroupIngress, ingress(&near, vec![permission]));
}
