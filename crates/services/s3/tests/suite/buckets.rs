//! Buckets and lists of objects.

use crate::world::{World, create_bucket};
use rolecall_testkit::OTHER_ACCOUNT;
use rolecall_wire::s3::{self as wire, Input, Output};

#[tokio::test]
async fn a_name_belongs_to_the_first_who_takes_it() {
    let world = World::with_bucket().await;
    assert!(
        world.call(&world.root(), create_bucket("bkt")).await.is_ok(),
        "us-east-1 allows to make one's own again"
    );
    let everything = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let other = world.house.add_user(OTHER_ACCOUNT, "other", Some(everything)).await;
    let taken = world.call(&other, create_bucket("bkt")).await.unwrap_err();
    assert_eq!((taken.status, taken.code.as_ref()), (409, "BucketAlreadyExists"));
    let located = |name: &str, region: &str| {
        let configuration = wire::CreateBucketConfiguration {
            location_constraint: Some(region.to_owned()),
            ..Default::default()
        };
        Input::CreateBucket(wire::CreateBucketRequest {
            bucket: name.to_owned(),
            create_bucket_configuration: Some(configuration),
            ..Default::default()
        })
    };
    world.call_in("eu-west-1", &world.root(), located("eubkt", "eu-west-1")).await.unwrap();
    let again = world.call_in("eu-west-1", &world.root(), located("eubkt", "eu-west-1")).await.unwrap_err();
    assert_eq!((again.status, again.code.as_ref()), (409, "BucketAlreadyOwnedByYou"));
    let elsewhere = world.refusal(located("abc", "eu-west-1")).await;
    assert_eq!(elsewhere.code, "IllegalLocationConstraintException");
    assert_eq!(world.refusal(create_bucket("No")).await.code, "InvalidBucketName");
}

#[tokio::test]
async fn a_bucket_is_reached_through_its_own_region_only() {
    let world = World::with_bucket().await;
    let head = Input::HeadBucket(wire::HeadBucketRequest { bucket: "bkt".to_owned(), ..Default::default() });
    let redirect = world.call_in("eu-west-1", &world.root(), head.clone()).await.unwrap_err();
    assert_eq!((redirect.status, redirect.code.as_ref()), (301, "PermanentRedirect"));
    assert_eq!(redirect.headers, [("x-amz-bucket-region", "us-east-1".to_owned())]);
    let Output::HeadBucket(answer) = world.ok(head).await else { panic!() };
    assert_eq!(answer.bucket_region.as_deref(), Some("us-east-1"));
}

#[tokio::test]
async fn the_expected_owner_must_be_the_owner() {
    let world = World::with_bucket().await;
    let location = |owner: &str| {
        Input::GetBucketLocation(wire::GetBucketLocationRequest {
            bucket: "bkt".to_owned(),
            expected_bucket_owner: Some(owner.to_owned()),
        })
    };
    let Output::GetBucketLocation(answer) = world.ok(location("111122223333")).await else { panic!() };
    assert_eq!(answer.location_constraint, None);
    assert_eq!(world.refusal(location(OTHER_ACCOUNT)).await.message.as_deref(), Some("Access Denied"));
}

#[tokio::test]
async fn only_an_empty_bucket_is_removed() {
    let world = World::with_bucket().await;
    world.put("key", "x").await;
    let delete =
        Input::DeleteBucket(wire::DeleteBucketRequest { bucket: "bkt".to_owned(), ..Default::default() });
    let full = world.refusal(delete.clone()).await;
    assert_eq!((full.status, full.code.as_ref()), (409, "BucketNotEmpty"));
    let remove =
        wire::DeleteObjectRequest { bucket: "bkt".to_owned(), key: "key".to_owned(), ..Default::default() };
    world.ok(Input::DeleteObject(remove)).await;
    world.ok(delete.clone()).await;
    let gone = world.refusal(delete).await;
    assert_eq!((gone.status, gone.code.as_ref()), (404, "NoSuchBucket"));
    assert_eq!(gone.message.as_deref(), Some("The specified bucket does not exist"));
}

#[tokio::test]
async fn an_account_lists_its_own_buckets() {
    let world = World::with_bucket().await;
    world.ok(create_bucket("abc")).await;
    let everything = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let other = world.house.add_user(OTHER_ACCOUNT, "other", Some(everything)).await;
    world.call(&other, create_bucket("theirs")).await.unwrap();
    let list = async |request: wire::ListBucketsRequest| {
        let Output::ListBuckets(answer) = world.ok(Input::ListBuckets(request)).await else { panic!() };
        let names: Vec<String> =
            answer.buckets.unwrap().into_iter().filter_map(|bucket| bucket.name).collect();
        (names, answer.continuation_token)
    };
    assert_eq!(list(Default::default()).await, (vec!["abc".to_owned(), "bkt".to_owned()], None));
    let (names, token) = list(wire::ListBucketsRequest { max_buckets: Some(1), ..Default::default() }).await;
    assert_eq!(names, ["abc"]);
    let rest =
        wire::ListBucketsRequest { max_buckets: Some(1), continuation_token: token, ..Default::default() };
    assert_eq!(list(rest).await, (vec!["bkt".to_owned()], None));
}

#[tokio::test]
async fn objects_are_listed_by_prefix_delimiter_and_page() {
    let world = World::with_bucket().await;
    for key in ["a", "dir/1", "dir/2", "dir/sub/3", "z z"] {
        world.put(key, key).await;
    }
    let list = async |request: wire::ListObjectsV2Request| {
        let request = wire::ListObjectsV2Request { bucket: "bkt".to_owned(), ..request };
        let Output::ListObjectsV2(answer) = world.ok(Input::ListObjectsV2(request)).await else { panic!() };
        answer
    };
    let keys = |answer: &wire::ListObjectsV2Output| -> Vec<String> {
        answer.contents.iter().flatten().filter_map(|object| object.key.clone()).collect()
    };
    let prefixes = |answer: &wire::ListObjectsV2Output| -> Vec<String> {
        answer.common_prefixes.iter().flatten().filter_map(|prefix| prefix.prefix.clone()).collect()
    };
    let answer = list(wire::ListObjectsV2Request { delimiter: Some("/".into()), ..Default::default() }).await;
    assert_eq!((keys(&answer), prefixes(&answer)), (vec!["a".into(), "z z".into()], vec!["dir/".into()]));
    assert_eq!((answer.key_count, answer.is_truncated), (Some(3), Some(false)));
    let object = &answer.contents.as_ref().unwrap()[0];
    assert_eq!(
        (object.size, object.e_tag.as_deref()),
        (Some(1), Some("\"0cc175b9c0f1b6a831c399e269772661\""))
    );
    let answer = list(wire::ListObjectsV2Request {
        prefix: Some("dir/".into()),
        max_keys: Some(2),
        ..Default::default()
    })
    .await;
    assert_eq!((keys(&answer), answer.is_truncated), (vec!["dir/1".into(), "dir/2".into()], Some(true)));
    let rest = wire::ListObjectsV2Request {
        prefix: Some("dir/".into()),
        continuation_token: answer.next_continuation_token,
        ..Default::default()
    };
    assert_eq!(keys(&list(rest).await), ["dir/sub/3"]);
    let after = wire::ListObjectsV2Request {
        start_after: Some("dir/2".into()),
        encoding_type: Some("url".into()),
        ..Default::default()
    };
    assert_eq!(keys(&list(after).await), ["dir/sub/3", "z+z"]);

    let bad = wire::ListObjectsV2Request {
        bucket: "bkt".into(),
        continuation_token: Some("%".into()),
        ..Default::default()
    };
    let error = world.refusal(Input::ListObjectsV2(bad)).await;
    assert_eq!(error.message.as_deref(), Some("The continuation token provided is incorrect"));
    let bad = wire::ListObjectsV2Request { bucket: "bkt".into(), max_keys: Some(-1), ..Default::default() };
    let error = world.refusal(Input::ListObjectsV2(bad)).await;
    assert_eq!(
        error.message.as_deref(),
        Some("Argument maxKeys must be an integer between 0 and 2147483647")
    );

    let older = wire::ListObjectsRequest {
        bucket: "bkt".into(),
        delimiter: Some("/".into()),
        max_keys: Some(2),
        ..Default::default()
    };
    let Output::ListObjects(answer) = world.ok(Input::ListObjects(older.clone())).await else { panic!() };
    assert_eq!(answer.next_marker.as_deref(), Some("dir/"));
    let older = wire::ListObjectsRequest { marker: answer.next_marker, ..older };
    let Output::ListObjects(answer) = world.ok(Input::ListObjects(older)).await else { panic!() };
    assert_eq!((answer.common_prefixes.unwrap().len(), answer.contents.unwrap().len()), (0, 1));
}
