//! Tags of everything.

use rolecall_wire::ec2::{self as wire, Input};

use crate::answer;
use crate::world::{World, filter, refused, tag, tags_for};

#[tokio::test]
async fn every_kind_of_resource_is_tagged_and_found_by_its_tags() {
    let world = World::new().await;
    let network = world.network().await;
    let all = [&network.vpc, &network.subnet, &network.group, &network.rule, &network.interface];
    let resources: Vec<String> = all.iter().map(|id| (*id).clone()).collect();
    let input = wire::CreateTagsRequest {
        resources: resources.clone(),
        tags: vec![tag("team", "red")],
        dry_run: None,
    };
    world.ok(Input::CreateTags(input)).await;
    let described = answer!(world, DescribeTags, Default::default()).tags.unwrap();
    assert_eq!(described.len(), 5);
    let by_kind = wire::DescribeTagsRequest {
        filters: Some(vec![filter("resource-type", "security-group-rule")]),
        ..Default::default()
    };
    let rule = answer!(world, DescribeTags, by_kind).tags.unwrap().remove(0);
    assert_eq!(rule.resource_id.as_ref(), Some(&network.rule));
    let by_tag =
        wire::DescribeSubnetsRequest { filters: Some(vec![filter("tag:team", "r*")]), ..Default::default() };
    assert_eq!(answer!(world, DescribeSubnets, by_tag).subnets.unwrap().len(), 1);
    let other_value = wire::DeleteTagsRequest {
        resources: resources.clone(),
        tags: Some(vec![tag("team", "blue")]),
        dry_run: None,
    };
    world.ok(Input::DeleteTags(other_value)).await;
    assert_eq!(answer!(world, DescribeTags, Default::default()).tags.unwrap().len(), 5);
    world.ok(Input::DeleteTags(wire::DeleteTagsRequest { resources, tags: None, dry_run: None })).await;
    assert!(answer!(world, DescribeTags, Default::default()).tags.unwrap().is_empty());
}

#[tokio::test]
async fn wrong_tags_and_missing_resources_are_refused_as_a_whole() {
    let world = World::new().await;
    let vpc = world.vpc("10.0.0.0/16").await;
    let create = |resources: &[&str], key: &str| {
        let resources = resources.iter().map(|id| (*id).to_owned()).collect();
        Input::CreateTags(wire::CreateTagsRequest { resources, tags: vec![tag(key, "v")], dry_run: None })
    };
    let expected = refused("InvalidSubnetID.NotFound", "The subnet ID 'subnet-0' does not exist");
    assert_eq!(world.refusal(create(&[&vpc, "subnet-0"], "k")).await, expected);
    assert!(answer!(world, DescribeTags, Default::default()).tags.unwrap().is_empty());
    let text = "Tag keys starting with 'aws:' are reserved for internal use";
    assert_eq!(world.refusal(create(&[&vpc], "aws:k")).await, refused("InvalidParameterValue", text));
    assert_eq!(
        world.refusal(create(&["ami-0"], "k")).await,
        refused("InvalidID", "The ID 'ami-0' is not valid")
    );
    let input = wire::CreateVpcRequest {
        cidr_block: Some("10.0.0.0/16".to_owned()),
        tag_specifications: tags_for("instance", "k", "v"),
        ..Default::default()
    };
    let text = "'instance' is not a valid taggable resource type for this operation.";
    assert_eq!(world.refusal(Input::CreateVpc(input)).await, refused("InvalidParameterValue", text));
}
