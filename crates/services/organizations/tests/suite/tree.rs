//! The tree of organizational units, and accounts that move in it.

use rolecall_testkit::{ACCOUNT, OTHER_ACCOUNT};
use rolecall_wire::organizations::{self as wire, Input, Output};

use crate::town::{Town, answer, create_unit, describe, move_account, tag};

fn delete_unit(id: &str) -> Input {
    Input::DeleteOrganizationalUnit(wire::DeleteOrganizationalUnitRequest {
        organizational_unit_id: id.into(),
    })
}

fn rename(id: &str, name: &str) -> Input {
    let (organizational_unit_id, name) = (id.into(), Some(name.into()));
    Input::UpdateOrganizationalUnit(wire::UpdateOrganizationalUnitRequest { organizational_unit_id, name })
}

fn pair(code: &str, message: &str) -> (String, String) {
    (code.to_owned(), message.to_owned())
}

#[tokio::test]
async fn a_unit_has_an_id_an_arn_and_a_path_of_their_form() {
    let (town, organization, root) = Town::organized().await;
    let outer = town.unit(&root, "outer").await;
    let inner = town.unit(&outer, "inner").await;
    let input = wire::DescribeOrganizationalUnitRequest { organizational_unit_id: inner.clone() };
    let shown = answer!(town, DescribeOrganizationalUnit, input).organizational_unit.unwrap();
    assert!(inner.starts_with(&format!("ou-{}-", &root[2..])), "{inner} {root}");
    assert_eq!(shown.arn, Some(format!("arn:aws:organizations::{ACCOUNT}:ou/{organization}/{inner}")));
    assert_eq!(shown.path, Some(format!("{organization}/{root}/{outer}/{inner}/")));
    assert_eq!(shown.name.as_deref(), Some("inner"));
}

#[tokio::test]
async fn an_account_is_in_one_place_and_moves_from_there() {
    let (town, organization, root) = Town::organized().await;
    let (unit, account) = (town.unit(&root, "unit").await, town.account("a@example.com").await);
    let children = |parent: &str, child_type: &str| wire::ListChildrenRequest {
        parent_id: parent.into(),
        child_type: child_type.into(),
        ..Default::default()
    };
    let ids = |children: Option<Vec<wire::Child>>| -> Vec<String> {
        children.unwrap().into_iter().filter_map(|child| child.id).collect()
    };
    let mut both = vec![ACCOUNT.to_owned(), account.clone()];
    both.sort();
    assert_eq!(ids(answer!(town, ListChildren, children(&root, "ACCOUNT")).children), both);
    assert_eq!(
        ids(answer!(town, ListChildren, children(&root, "ORGANIZATIONAL_UNIT")).children),
        std::slice::from_ref(&unit)
    );
    town.root(move_account(&account, &root, &unit)).await.unwrap();
    assert_eq!(ids(answer!(town, ListChildren, children(&root, "ACCOUNT")).children), [ACCOUNT]);
    let parents = wire::ListParentsRequest { child_id: account.clone(), ..Default::default() };
    let parents = answer!(town, ListParents, parents).parents.unwrap();
    let expected = wire::Parent { id: Some(unit.clone()), r#type: Some("ORGANIZATIONAL_UNIT".into()) };
    assert_eq!(parents, [expected]);
    let input = wire::ListAccountsForParentRequest { parent_id: unit.clone(), ..Default::default() };
    let accounts = answer!(town, ListAccountsForParent, input).accounts.unwrap();
    let paths = accounts.first().unwrap().paths.clone();
    assert_eq!(paths, Some(vec![format!("{organization}/{root}/{unit}/{account}/")]));
    for (input, expected) in [
        (
            move_account(&account, &root, &unit),
            pair("SourceParentNotFoundException", "You specified a source parent that doesn't exist."),
        ),
        (
            move_account(&account, &unit, "ou-gone-12345678"),
            pair(
                "DestinationParentNotFoundException",
                "You specified a destination parent that doesn't exist.",
            ),
        ),
        (
            move_account(&account, &unit, &unit),
            pair(
                "DuplicateAccountException",
                "That account is already present in the specified destination.",
            ),
        ),
        (
            move_account(OTHER_ACCOUNT, &root, &unit),
            pair("AccountNotFoundException", "You specified an account that doesn't exist."),
        ),
    ] {
        assert_eq!(town.refusal(input).await, expected);
    }
    town.root(move_account(&account, &unit, &root)).await.unwrap();
    assert!(town.root(delete_unit(&unit)).await.is_ok());
}

#[tokio::test]
async fn what_a_tree_cannot_be_is_refused() {
    let (town, _, root) = Town::organized().await;
    let unit = town.unit(&root, "unit").await;
    let other = town.unit(&root, "other").await;
    let exists = pair("DuplicateOrganizationalUnitException", "An OU with the same name already exists.");
    assert_eq!(town.refusal(create_unit(&root, "unit")).await, exists);
    assert_eq!(town.refusal(rename(&other, "unit")).await, exists);
    assert!(town.root(rename(&unit, "unit")).await.is_ok());
    // The name is free in another place.
    let mut deepest = town.unit(&unit, "unit").await;
    for depth in 3..=5 {
        deepest = town.unit(&deepest, &format!("level {depth}")).await;
    }
    let error = town.root(create_unit(&deepest, "level 6")).await.unwrap_err();
    assert_eq!(error.members, [("Reason", "OU_DEPTH_LIMIT_EXCEEDED".to_owned())]);
    assert_eq!(town.refusal(delete_unit(&unit)).await.0, "OrganizationalUnitNotEmptyException");
    assert_eq!(town.refusal(delete_unit("ou-gone-12345678")).await.0, "OrganizationalUnitNotFoundException");
    assert_eq!(town.refusal(create_unit("r-gone", "new")).await.0, "ParentNotFoundException");
    let parents = wire::ListParentsRequest { child_id: OTHER_ACCOUNT.into(), ..Default::default() };
    assert_eq!(town.refusal(Input::ListParents(parents)).await.0, "ChildNotFoundException");
    assert!(town.root(delete_unit(&deepest)).await.is_ok());
}

#[tokio::test]
async fn tags_are_set_replaced_and_removed() {
    let (town, _, root) = Town::organized().await;
    let tag_all = |tags: Vec<wire::Tag>| {
        Input::TagResource(wire::TagResourceRequest { resource_id: root.clone(), tags })
    };
    let list = || wire::ListTagsForResourceRequest { resource_id: root.clone(), next_token: None };
    town.root(tag_all(vec![tag("b", "1"), tag("a", "1")])).await.unwrap();
    town.root(tag_all(vec![tag("a", "2")])).await.unwrap();
    assert_eq!(answer!(town, ListTagsForResource, list()).tags.unwrap(), [tag("a", "2"), tag("b", "1")]);
    let input = wire::UntagResourceRequest { resource_id: root.clone(), tag_keys: vec!["a".into()] };
    town.root(Input::UntagResource(input)).await.unwrap();
    assert_eq!(answer!(town, ListTagsForResource, list()).tags.unwrap(), [tag("b", "1")]);
    for (tags, reason) in [
        (vec![tag("x", "1"), tag("x", "2")], "DUPLICATE_TAG_KEY"),
        (vec![tag("aws:x", "1")], "INVALID_SYSTEM_TAGS_PARAMETER"),
        ((0..50).map(|number| tag(&number.to_string(), "")).collect(), "MAX_TAG_LIMIT_EXCEEDED"),
    ] {
        let error = town.root(tag_all(tags)).await.unwrap_err();
        assert_eq!(error.members, [("Reason", reason.to_owned())]);
    }
    let unknown = wire::ListTagsForResourceRequest { resource_id: OTHER_ACCOUNT.into(), next_token: None };
    assert_eq!(town.refusal(Input::ListTagsForResource(unknown)).await.0, "TargetNotFoundException");
}

#[tokio::test]
async fn an_organization_without_members_can_be_deleted_and_made_anew() {
    let (town, organization, root) = Town::organized().await;
    let unit = town.unit(&root, "unit").await;
    town.root(move_account(ACCOUNT, &root, &unit)).await.unwrap();
    let delete = || Input::DeleteOrganization(wire::DeleteOrganizationRequest);
    town.root(delete()).await.unwrap();
    assert_eq!(town.refusal(describe(ACCOUNT)).await.0, "AWSOrganizationsNotInUseException");
    assert_ne!(town.found().await.id, Some(organization));
    let Ok(Output::DescribeAccount(shown)) = town.root(describe(ACCOUNT)).await else { panic!() };
    assert_eq!(shown.account.unwrap().paths.unwrap().first().unwrap().matches('/').count(), 3);
    town.account("member@example.com").await;
    assert_eq!(town.refusal(delete()).await.0, "OrganizationNotEmptyException");
}
