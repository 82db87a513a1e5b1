//! VPCs and subnets.

use rolecall_wire::ec2::{self as wire, Input};

use crate::answer;
use crate::world::{World, filter, refused, subnet};

fn vpc(cidr: &str) -> Input {
    Input::CreateVpc(wire::CreateVpcRequest { cidr_block: Some(cidr.to_owned()), ..Default::default() })
}

#[tokio::test]
async fn an_account_begins_without_a_vpc() {
    let world = World::new().await;
    assert!(answer!(world, DescribeVpcs, Default::default()).vpcs.unwrap().is_empty());
    let input = wire::CreateSecurityGroupRequest {
        group_name: "g".to_owned(),
        description: "d".to_owned(),
        ..Default::default()
    };
    let expected = refused("VPCIdNotSpecified", "No default VPC for this user");
    assert_eq!(world.refusal(Input::CreateSecurityGroup(input)).await, expected);
}

#[tokio::test]
async fn a_vpc_has_a_default_group_that_goes_with_it() {
    let world = World::new().await;
    let id = world.vpc("10.0.3.4/16").await;
    let vpcs = answer!(world, DescribeVpcs, Default::default()).vpcs.unwrap();
    assert_eq!(vpcs[0].cidr_block.as_deref(), Some("10.0.0.0/16"));
    assert_eq!((vpcs[0].is_default, vpcs[0].state.as_deref()), (Some(false), Some("available")));
    let groups = answer!(world, DescribeSecurityGroups, Default::default()).security_groups.unwrap();
    assert_eq!(groups[0].group_name.as_deref(), Some("default"));
    let own = groups[0].group_id.clone().unwrap();
    let ingress = &groups[0].ip_permissions.as_ref().unwrap()[0];
    assert_eq!(ingress.user_id_group_pairs.as_ref().unwrap()[0].group_id.as_ref(), Some(&own));
    let delete = Input::DeleteSecurityGroup(wire::DeleteSecurityGroupRequest {
        group_id: Some(own.clone()),
        ..Default::default()
    });
    let text = format!("the specified group: \"{own}\" name: \"default\" cannot be deleted by a user");
    assert_eq!(world.refusal(delete).await, refused("CannotDelete", text));
    world.ok(Input::DeleteVpc(wire::DeleteVpcRequest { vpc_id: id, dry_run: None })).await;
    assert!(answer!(world, DescribeSecurityGroups, Default::default()).security_groups.unwrap().is_empty());
}

#[tokio::test]
async fn blocks_have_their_sizes_and_places() {
    let world = World::new().await;
    for (cidr, code, text) in [
        ("10.0.0.0/8", "InvalidVpc.Range", "The CIDR '10.0.0.0/8' is invalid."),
        ("10.0.0.0/29", "InvalidVpc.Range", "The CIDR '10.0.0.0/29' is invalid."),
        (
            "10.0.0.0",
            "InvalidParameterValue",
            "Value (10.0.0.0) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
        ),
    ] {
        assert_eq!(world.refusal(vpc(cidr)).await, refused(code, text));
    }
    let id = world.vpc("10.0.0.0/16").await;
    world.subnet(&id, "10.0.0.0/24").await;
    for (cidr, code, text) in [
        ("10.1.0.0/24", "InvalidSubnet.Range", "The CIDR '10.1.0.0/24' is invalid."),
        ("10.0.0.0/15", "InvalidSubnet.Range", "The CIDR '10.0.0.0/15' is invalid."),
        ("10.0.0.128/25", "InvalidSubnet.Conflict", "The CIDR '10.0.0.128/25' conflicts with another subnet"),
    ] {
        assert_eq!(world.refusal(Input::CreateSubnet(subnet(&id, cidr))).await, refused(code, text));
    }
    let missing = world.refusal(Input::CreateSubnet(subnet("vpc-0", "10.0.1.0/24"))).await;
    assert_eq!(missing, refused("InvalidVpcID.NotFound", "The vpc ID 'vpc-0' does not exist"));
}

#[tokio::test]
async fn what_is_used_cannot_be_deleted() {
    let world = World::new().await;
    let network = world.network().await;
    let vpc = Input::DeleteVpc(wire::DeleteVpcRequest { vpc_id: network.vpc.clone(), dry_run: None });
    let text = format!("The vpc '{}' has dependencies and cannot be deleted.", network.vpc);
    assert_eq!(world.refusal(vpc).await, refused("DependencyViolation", text));
    let delete = wire::DeleteSubnetRequest { subnet_id: network.subnet.clone(), dry_run: None };
    let text = format!("The subnet '{}' has dependencies and cannot be deleted.", network.subnet);
    assert_eq!(world.refusal(Input::DeleteSubnet(delete)).await, refused("DependencyViolation", text));
    let delete =
        wire::DeleteSecurityGroupRequest { group_id: Some(network.group.clone()), ..Default::default() };
    let text = format!("resource {} has a dependent object", network.group);
    assert_eq!(world.refusal(Input::DeleteSecurityGroup(delete)).await, refused("DependencyViolation", text));
}

#[tokio::test]
async fn subnets_are_found_by_id_filter_and_page() {
    let world = World::new().await;
    let id = world.vpc("10.0.0.0/16").await;
    for number in 0..7 {
        world.subnet(&id, &format!("10.0.{number}.0/24")).await;
    }
    let request = |token| wire::DescribeSubnetsRequest {
        max_results: Some(5),
        next_token: token,
        ..Default::default()
    };
    let first = answer!(world, DescribeSubnets, request(None));
    let second = answer!(world, DescribeSubnets, request(first.next_token));
    assert_eq!((first.subnets.unwrap().len(), second.subnets.unwrap().len()), (5, 2));
    assert_eq!(second.next_token, None);
    let input = wire::DescribeSubnetsRequest {
        filters: Some(vec![filter("vpc-id", &id), filter("cidr-block", "10.0.[345]*")]),
        ..Default::default()
    };
    assert!(answer!(world, DescribeSubnets, input).subnets.unwrap().is_empty());
    let input = wire::DescribeSubnetsRequest {
        filters: Some(vec![filter("cidr-block", "10.0.?.0/24"), filter("availability-zone", "us-east-1a")]),
        ..Default::default()
    };
    let found = answer!(world, DescribeSubnets, input).subnets.unwrap();
    assert_eq!((found.len(), found[0].available_ip_address_count), (7, Some(251)));
    assert_eq!(found[0].availability_zone_id.as_deref(), Some("use1-az1"));
    let input =
        wire::DescribeSubnetsRequest { subnet_ids: Some(vec!["subnet-0".to_owned()]), ..Default::default() };
    let expected = refused("InvalidSubnetID.NotFound", "The subnet ID 'subnet-0' does not exist");
    assert_eq!(world.refusal(Input::DescribeSubnets(input)).await, expected);
    let input =
        wire::DescribeSubnetsRequest { filters: Some(vec![filter("colour", "red")]), ..Default::default() };
    let expected = refused("InvalidParameterValue", "The filter 'colour' is invalid");
    assert_eq!(world.refusal(Input::DescribeSubnets(input)).await, expected);
}

#[tokio::test]
async fn a_subnet_is_in_a_zone_of_its_region() {
    let world = World::new().await;
    let id = world.vpc("10.0.0.0/16").await;
    let mut input = subnet(&id, "10.0.0.0/24");
    input.availability_zone = Some("us-east-1z".to_owned());
    let text = "Value (us-east-1z) for parameter availabilityZone is invalid. Subnets can currently only be created in \
                the following availability zones: us-east-1a, us-east-1b, us-east-1c.";
    assert_eq!(world.refusal(Input::CreateSubnet(input)).await, refused("InvalidParameterValue", text));
    let zones = answer!(world, DescribeAvailabilityZones, Default::default()).availability_zones.unwrap();
    let names: Vec<_> = zones.iter().filter_map(|zone| zone.zone_name.as_deref()).collect();
    assert_eq!(names, ["us-east-1a", "us-east-1b", "us-east-1c"]);
}
