//! Every operation: allowed with exactly its action on exactly its resources, denied without, denied with a Deny on it.

use std::collections::BTreeSet;

use rolecall_wire::ec2::{self as wire, Input, Operation};

use crate::world::{Network, World, group, interface, permission, refused, subnet, tag, tags_for};

/// What stands before the encoded message of a denial.
const ENCODED: &str = ". Encoded authorization failure message: ";

/// An operation's input, and the resources on which its action must be allowed, the first first.
struct Row {
    input: Input,
    resources: Vec<String>,
}

fn rows(network: &Network) -> Vec<Row> {
    let arn = |kind: &str, id: &str| format!("arn:aws:ec2:us-east-1:111122223333:{kind}/{id}");
    let row = |input: Input, resources: &[&str]| Row {
        input,
        resources: resources.iter().map(|resource| (*resource).to_owned()).collect(),
    };
    let Network { vpc, subnet: subnet_id, group: group_id, interface: interface_id, .. } = network;
    let (vpc_arn, subnet_arn) = (arn("vpc", vpc), arn("subnet", subnet_id));
    let (group_arn, interface_arn) =
        (arn("security-group", group_id), arn("network-interface", interface_id));
    let cidr = Some("10.1.0.0/16".to_owned());
    vec![
        row(
            Input::CreateVpc(wire::CreateVpcRequest { cidr_block: cidr, ..Default::default() }),
            &[&arn("vpc", "*")],
        ),
        row(Input::DescribeVpcs(Default::default()), &["*"]),
        row(Input::CreateSubnet(subnet(vpc, "10.0.1.0/24")), &[&arn("subnet", "*"), &vpc_arn]),
        row(Input::DescribeSubnets(Default::default()), &["*"]),
        row(Input::DescribeAvailabilityZones(Default::default()), &["*"]),
        row(Input::CreateSecurityGroup(group(vpc, "new")), &[&arn("security-group", "*"), &vpc_arn]),
        row(Input::DescribeSecurityGroups(Default::default()), &["*"]),
        row(
            Input::GetSecurityGroupsForVpc(wire::GetSecurityGroupsForVpcRequest {
                vpc_id: vpc.clone(),
                ..Default::default()
            }),
            &[&vpc_arn],
        ),
        row(Input::DescribeSecurityGroupRules(Default::default()), &["*"]),
        row(
            Input::AuthorizeSecurityGroupIngress(wire::AuthorizeSecurityGroupIngressRequest {
                group_id: Some(group_id.clone()),
                ip_permissions: Some(vec![permission("tcp", 1, "10.0.0.0/8")]),
                ..Default::default()
            }),
            &[&group_arn],
        ),
        row(
            Input::RevokeSecurityGroupIngress(wire::RevokeSecurityGroupIngressRequest {
                group_id: Some(group_id.clone()),
                ip_permissions: Some(vec![permission("tcp", 1, "10.0.0.0/8")]),
                ..Default::default()
            }),
            &[&group_arn],
        ),
        row(
            Input::AuthorizeSecurityGroupEgress(wire::AuthorizeSecurityGroupEgressRequest {
                group_id: group_id.clone(),
                ip_permissions: Some(vec![permission("tcp", 1, "10.0.0.0/8")]),
                ..Default::default()
            }),
            &[&group_arn],
        ),
        row(
            Input::RevokeSecurityGroupEgress(wire::RevokeSecurityGroupEgressRequest {
                group_id: group_id.clone(),
                ip_permissions: Some(vec![permission("tcp", 1, "10.0.0.0/8")]),
                ..Default::default()
            }),
            &[&group_arn],
        ),
        row(
            Input::CreateNetworkInterface(interface(subnet_id, group_id)),
            &[&arn("network-interface", "*"), &subnet_arn, &group_arn],
        ),
        row(Input::DescribeNetworkInterfaces(Default::default()), &["*"]),
        row(
            Input::AssignPrivateIpAddresses(wire::AssignPrivateIpAddressesRequest {
                network_interface_id: interface_id.clone(),
                private_ip_addresses: Some(vec!["10.0.0.99".to_owned()]),
                ..Default::default()
            }),
            &[&interface_arn],
        ),
        row(
            Input::UnassignPrivateIpAddresses(wire::UnassignPrivateIpAddressesRequest {
                network_interface_id: interface_id.clone(),
                private_ip_addresses: Some(vec!["10.0.0.99".to_owned()]),
                ..Default::default()
            }),
            &[&interface_arn],
        ),
        row(
            Input::CreateTags(wire::CreateTagsRequest {
                resources: vec![vpc.clone(), subnet_id.clone()],
                tags: vec![tag("k", "v")],
                dry_run: None,
            }),
            &[&vpc_arn, &subnet_arn],
        ),
        row(Input::DescribeTags(Default::default()), &["*"]),
        row(
            Input::DeleteTags(wire::DeleteTagsRequest {
                resources: vec![vpc.clone()],
                tags: Some(vec![tag("k", "v")]),
                dry_run: None,
            }),
            &[&vpc_arn],
        ),
    ]
}

/// Those that need what the others made to be gone, in their order.
fn removals(network: &Network) -> Vec<Row> {
    let arn = |kind: &str, id: &str| vec![format!("arn:aws:ec2:us-east-1:111122223333:{kind}/{id}")];
    vec![
        Row {
            input: Input::DeleteNetworkInterface(wire::DeleteNetworkInterfaceRequest {
                network_interface_id: network.interface.clone(),
                dry_run: None,
            }),
            resources: arn("network-interface", &network.interface),
        },
        Row {
            input: Input::DeleteSubnet(wire::DeleteSubnetRequest {
                subnet_id: network.subnet.clone(),
                dry_run: None,
            }),
            resources: arn("subnet", &network.subnet),
        },
        Row {
            input: Input::DeleteSecurityGroup(wire::DeleteSecurityGroupRequest {
                group_id: Some(network.group.clone()),
                ..Default::default()
            }),
            resources: arn("security-group", &network.group),
        },
        Row {
            input: Input::DeleteVpc(wire::DeleteVpcRequest { vpc_id: network.vpc.clone(), dry_run: None }),
            resources: arn("vpc", &network.vpc),
        },
    ]
}

fn allow(action: &str, resources: &[String], deny: Option<&str>) -> String {
    let list: Vec<String> = resources.iter().map(|resource| format!("\"{resource}\"")).collect();
    let deny =
        deny.map(|resource| format!(r#",{{"Effect":"Deny","Action":"{action}","Resource":"{resource}"}}"#));
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":[{}]}}{}]}}"#,
        list.join(","),
        deny.unwrap_or_default()
    )
}

#[tokio::test]
async fn every_operation_asks_for_its_action_on_each_of_its_resources() {
    let world = World::new().await;
    let network = world.network().await;
    let removed = Network {
        vpc: world.vpc("10.9.0.0/16").await,
        subnet: world.subnet(&network.vpc, "10.0.9.0/24").await,
        group: world.group(&network.vpc, "removed").await,
        rule: String::new(),
        interface: world.interface(&network.subnet, &network.group).await,
    };
    let mut seen = BTreeSet::new();
    for (number, Row { input, resources }) in rows(&network).into_iter().chain(removals(&removed)).enumerate()
    {
        let operation = input.operation().name();
        seen.insert(operation);
        let action = format!("ec2:{operation}");
        let nobody = world.user(&format!("nobody{number}"), None).await;
        let error = world.call(&nobody, input.clone()).await.expect_err(operation);
        let arn = format!("arn:aws:iam::111122223333:user/nobody{number}");
        assert_eq!((error.status, error.code.as_ref()), (403, "UnauthorizedOperation"), "{operation}");
        let message = error.message.unwrap();
        let (message, encoded) = message.split_once(ENCODED).unwrap();
        assert!((1..=10_240).contains(&encoded.len()));
        assert_eq!(
            message,
            format!(
                "You are not authorized to perform this operation. User: {arn} is not authorized to perform: {action} \
                 on resource: {} because no identity-based policy allows the {action} action",
                resources[0]
            )
        );
        for (at, resource) in resources.iter().enumerate() {
            let denied = allow(&action, &["*".to_owned()], Some(resource));
            let denied = world.user(&format!("denied{number}-{at}"), Some(&denied)).await;
            let error = world.call(&denied, input.clone()).await.expect_err(operation);
            let message = error.message.unwrap();
            let message = message.split(ENCODED).next().unwrap();
            assert!(message.ends_with("with an explicit deny in an identity-based policy"), "{message}");
            assert!(message.contains(&format!("on resource: {resource} ")), "{message}");
        }
        let user = world.user(&format!("user{number}"), Some(&allow(&action, &resources, None))).await;
        world.call(&user, input).await.unwrap_or_else(|error| panic!("{operation}: {error}"));
    }
    let built = Operation::ALL.into_iter().filter(|operation| operation.is_built()).map(Operation::name);
    let missing: Vec<_> = built.filter(|name| !seen.contains(name)).collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
}

#[tokio::test]
async fn tags_of_a_new_resource_need_create_tags_as_well() {
    let world = World::new().await;
    let only_create = allow("ec2:CreateVpc", &["*".to_owned()], None);
    let user = world.user("ann", Some(&only_create)).await;
    let input = || {
        Input::CreateVpc(wire::CreateVpcRequest {
            cidr_block: Some("10.0.0.0/16".to_owned()),
            tag_specifications: tags_for("vpc", "team", "red"),
            ..Default::default()
        })
    };
    let message = world.call(&user, input()).await.unwrap_err().message.unwrap();
    assert!(
        message.contains("ec2:CreateTags on resource: arn:aws:ec2:us-east-1:111122223333:vpc/*"),
        "{message}"
    );
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:CreateVpc","Resource":"*"},
        {"Effect":"Allow","Action":"ec2:CreateTags","Resource":"*","Condition":{"StringEquals":
        {"ec2:CreateAction":"CreateVpc","aws:RequestTag/team":"red"}}}]}"#;
    let user = world.user("bob", Some(policy)).await;
    world.call(&user, input()).await.unwrap();
}

#[tokio::test]
async fn conditions_see_tags_vpc_and_region() {
    let world = World::new().await;
    let network = world.network().await;
    let tags = wire::CreateTagsRequest {
        resources: vec![network.group.clone()],
        tags: vec![tag("team", "red")],
        dry_run: None,
    };
    world.ok(Input::CreateTags(tags)).await;
    let delete = || {
        Input::DeleteSecurityGroup(wire::DeleteSecurityGroupRequest {
            group_id: Some(network.group.clone()),
            dry_run: Some(true),
            ..Default::default()
        })
    };
    let vpc_arn = format!("arn:aws:ec2:us-east-1:111122223333:vpc/{}", network.vpc);
    for (at, (condition, allowed)) in [
        (r#""StringEquals":{"aws:ResourceTag/team":"red"}"#.to_owned(), true),
        (r#""StringEquals":{"ec2:ResourceTag/team":"red"}"#.to_owned(), true),
        (r#""StringEquals":{"aws:ResourceTag/team":"blue"}"#.to_owned(), false),
        (format!(r#""ArnEquals":{{"ec2:Vpc":"{vpc_arn}"}}"#), true),
        (r#""StringEquals":{"ec2:Region":"eu-west-1"}"#.to_owned(), false),
        (format!(r#""StringEquals":{{"ec2:SecurityGroupID":"{}"}}"#, network.group), true),
    ]
    .into_iter()
    .enumerate()
    {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{{{condition}}}}}]}}"#
        );
        let user = world.user(&format!("user{at}"), Some(&policy)).await;
        let code = world.call(&user, delete()).await.unwrap_err().code;
        let expected = if allowed { "DryRunOperation" } else { "UnauthorizedOperation" };
        assert_eq!(code, expected, "{condition}");
    }
}

#[tokio::test]
async fn a_dry_run_says_so_and_does_nothing() {
    let world = World::new().await;
    let input = wire::CreateVpcRequest {
        cidr_block: Some("10.0.0.0/16".to_owned()),
        dry_run: Some(true),
        ..Default::default()
    };
    let error = world.call(&world.house.root(), Input::CreateVpc(input)).await.unwrap_err();
    assert_eq!(error.status, 412);
    let told = (error.code.into_owned(), error.message.unwrap());
    assert_eq!(told, refused("DryRunOperation", "Request would have succeeded, but DryRun flag is set."));
    assert!(world.house.platform.store.read().vpcs.is_empty());
}

#[tokio::test]
async fn nobody_learns_without_a_right_whether_a_thing_exists() {
    let world = World::new().await;
    let nobody = world.user("nobody", None).await;
    let input = Input::DeleteVpc(wire::DeleteVpcRequest { vpc_id: "vpc-0".to_owned(), dry_run: None });
    assert_eq!(world.call(&nobody, input.clone()).await.unwrap_err().code, "UnauthorizedOperation");
    assert_eq!(world.refusal(input).await.0, "InvalidVpcID.NotFound");
}
