//! Network interfaces and their addresses.

use rolecall_wire::ec2::{self as wire, Input};

use crate::answer;
use crate::world::{World, filter, interface, refused};

#[tokio::test]
async fn an_interface_takes_the_lowest_free_address() {
    let world = World::new().await;
    let network = world.network().await;
    let input = wire::DescribeNetworkInterfacesRequest {
        network_interface_ids: Some(vec![network.interface.clone()]),
        ..Default::default()
    };
    let found = answer!(world, DescribeNetworkInterfaces, input).network_interfaces.unwrap().remove(0);
    assert_eq!(found.private_ip_address.as_deref(), Some("10.0.0.4"));
    assert_eq!(found.private_dns_name.as_deref(), Some("ip-10-0-0-4.ec2.internal"));
    assert_eq!(
        (found.status.as_deref(), found.interface_type.as_deref()),
        (Some("available"), Some("interface"))
    );
    assert_eq!(found.groups.unwrap()[0].group_name.as_deref(), Some("web"));
    assert_eq!(found.vpc_id.as_ref(), Some(&network.vpc));
    let second = answer!(world, CreateNetworkInterface, interface(&network.subnet, &network.group));
    assert_eq!(second.network_interface.unwrap().private_ip_address.as_deref(), Some("10.0.0.5"));
}

#[tokio::test]
async fn addresses_are_taken_once_and_from_the_subnet() {
    let world = World::new().await;
    let network = world.network().await;
    for (address, expected) in [
        ("10.0.0.4", refused("InvalidIPAddress.InUse", "Address 10.0.0.4 is in use.")),
        (
            "10.0.0.2",
            refused(
                "InvalidParameterValue",
                "Address 10.0.0.2 does not fall within the subnet's address range",
            ),
        ),
    ] {
        let mut input = interface(&network.subnet, &network.group);
        input.private_ip_address = Some(address.to_owned());
        assert_eq!(world.refusal(Input::CreateNetworkInterface(input)).await, expected);
    }
    let small = world.subnet(&network.vpc, "10.0.8.0/28").await;
    let assign = |count| {
        Input::AssignPrivateIpAddresses(wire::AssignPrivateIpAddressesRequest {
            network_interface_id: network.interface.clone(),
            secondary_private_ip_address_count: Some(count),
            ..Default::default()
        })
    };
    world.ok(assign(2)).await;
    let mut input = interface(&small, &network.group);
    input.secondary_private_ip_address_count = Some(11);
    assert_eq!(
        world.refusal(Input::CreateNetworkInterface(input)).await.0,
        "InsufficientFreeAddressesInSubnet"
    );
}

#[tokio::test]
async fn groups_and_subnet_are_in_one_vpc() {
    let world = World::new().await;
    let network = world.network().await;
    let other = world.vpc("10.7.0.0/16").await;
    let foreign = world.group(&other, "foreign").await;
    let input = Input::CreateNetworkInterface(interface(&network.subnet, &foreign));
    let text =
        format!("Security group {foreign} and subnet {} belong to different networks.", network.subnet);
    assert_eq!(world.refusal(input).await, refused("InvalidParameter", text));
    for (subnet, group, code) in [
        ("subnet-0", network.group.as_str(), "InvalidSubnetID.NotFound"),
        (network.subnet.as_str(), "sg-0", "InvalidGroup.NotFound"),
    ] {
        assert_eq!(world.refusal(Input::CreateNetworkInterface(interface(subnet, group))).await.0, code);
    }
}

#[tokio::test]
async fn only_a_service_makes_and_removes_interfaces_of_lambda() {
    let world = World::new().await;
    let network = world.network().await;
    let root = world.house.root();
    let mut input = interface(&network.subnet, &network.group);
    input.interface_type = Some("lambda".to_owned());
    input.description = Some("AWS Lambda VPC ENI-f-1".to_owned());
    let create = Input::CreateNetworkInterface(input);
    assert_eq!(world.refusal(create.clone()).await.0, "InvalidParameterValue");
    world.call_of_service(&root, create).await.unwrap();
    let input = wire::DescribeNetworkInterfacesRequest {
        filters: Some(vec![filter("description", "AWS Lambda VPC ENI*"), filter("interface-type", "lambda")]),
        ..Default::default()
    };
    let found = answer!(world, DescribeNetworkInterfaces, input).network_interfaces.unwrap().remove(0);
    assert_eq!((found.status.as_deref(), found.requester_managed), (Some("in-use"), Some(true)));
    assert_eq!(found.attachment.unwrap().instance_owner_id.as_deref(), Some("amazon-aws"));
    let id = found.network_interface_id.unwrap();
    let delete = Input::DeleteNetworkInterface(wire::DeleteNetworkInterfaceRequest {
        network_interface_id: id.clone(),
        dry_run: None,
    });
    let text = format!("Network interface '{id}' is currently in use.");
    assert_eq!(world.refusal(delete.clone()).await, refused("InvalidParameterValue", text));
    world.call_of_service(&root, delete.clone()).await.unwrap();
    assert_eq!(world.refusal(delete).await.0, "InvalidNetworkInterfaceID.NotFound");
}
