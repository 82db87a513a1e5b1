//! Bucket policies: who they let in, and what they may not say.

use crate::world::{World, allow, get, put_bucket_policy};
use rolecall_authority::Caller;
use rolecall_testkit::OTHER_ACCOUNT;
use rolecall_wire::s3::{self as wire, Input, Output};

fn policy(effect: &str, principal: &str, action: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Principal":{principal},"Action":"{action}","Resource":"{resource}"}}}}"#
    )
}

#[tokio::test]
async fn a_public_object_is_for_everybody() {
    let world = World::with_bucket().await;
    world.put("public/key", "x").await;
    world.put("private", "x").await;
    let anonymous = Caller::anonymous();
    let refused = world.call(&anonymous, get("public/key")).await.unwrap_err();
    assert_eq!((refused.status, refused.message.as_deref()), (403, Some("Access Denied")));
    world
        .ok(put_bucket_policy(&policy("Allow", r#""*""#, "s3:GetObject", "arn:aws:s3:::bkt/public/*")))
        .await;
    assert!(world.call(&anonymous, get("public/key")).await.is_ok());
    assert!(world.call(&anonymous, get("private")).await.is_err());
    let override_type = wire::GetObjectRequest {
        response_content_type: Some("text/html".into()),
        ..crate::world::get_request("public/key")
    };
    let refused = world.call(&anonymous, Input::GetObject(override_type)).await.unwrap_err();
    assert_eq!(
        refused.message.as_deref(),
        Some("Request specific response headers cannot be used for anonymous GET requests.")
    );
}

#[tokio::test]
async fn another_account_needs_both_sides() {
    let world = World::with_bucket().await;
    world.put("key", "x").await;
    let read = allow(r#""s3:GetObject""#, "arn:aws:s3:::bkt/*");
    let with = world.house.add_user(OTHER_ACCOUNT, "with", Some(&read)).await;
    let without = world.house.add_user(OTHER_ACCOUNT, "without", None).await;
    let refused = world.call(&with, get("key")).await.unwrap_err();
    assert_eq!(refused.message.as_deref(), Some("Access Denied"), "no reason is told to another account");
    let root = format!(r#"{{"AWS":"arn:aws:iam::{OTHER_ACCOUNT}:root"}}"#);
    world.ok(put_bucket_policy(&policy("Allow", &root, "s3:GetObject", "arn:aws:s3:::bkt/*"))).await;
    assert!(world.call(&with, get("key")).await.is_ok());
    assert!(world.call(&without, get("key")).await.is_err());
}

#[tokio::test]
async fn the_policy_of_a_user_of_the_account_is_enough_and_a_deny_is_final() {
    let world = World::with_bucket().await;
    world.put("key", "x").await;
    let user = world.user("ana", None).await;
    let everything = world.user("all", Some(&allow(r#""*""#, "*"))).await;
    let ana = r#"{"AWS":"arn:aws:iam::111122223333:user/ana"}"#;
    world.ok(put_bucket_policy(&policy("Allow", ana, "s3:GetObject", "arn:aws:s3:::bkt/*"))).await;
    assert!(world.call(&user, get("key")).await.is_ok());
    world.ok(put_bucket_policy(&policy("Deny", r#""*""#, "s3:GetObject", "arn:aws:s3:::bkt/*"))).await;
    let refused = world.call(&everything, get("key")).await.unwrap_err();
    let words = format!(
        "User: {} is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::bkt/key\" with an explicit deny in a resource-based policy",
        everything.arn()
    );
    assert_eq!(refused.message, Some(words));
}

#[tokio::test]
async fn a_name_in_a_policy_means_who_had_it_then() {
    let world = World::with_bucket().await;
    world.put("key", "x").await;
    world.user("ana", None).await;
    let ana = r#"{"AWS":"arn:aws:iam::111122223333:user/ana"}"#;
    world.ok(put_bucket_policy(&policy("Allow", ana, "s3:GetObject", "arn:aws:s3:::bkt/*"))).await;
    let another_ana = world.user("ana", None).await;
    assert!(
        world.call(&another_ana, get("key")).await.is_err(),
        "a new user of the same name is somebody else"
    );
}

#[tokio::test]
async fn a_policy_is_written_read_and_removed_by_the_owners_account_only() {
    let world = World::with_bucket().await;
    let read =
        Input::GetBucketPolicy(wire::GetBucketPolicyRequest { bucket: "bkt".into(), ..Default::default() });
    let remove = Input::DeleteBucketPolicy(wire::DeleteBucketPolicyRequest {
        bucket: "bkt".into(),
        ..Default::default()
    });
    let none = world.refusal(read.clone()).await;
    assert_eq!(
        (none.status, none.code.as_ref(), none.message.as_deref()),
        (404, "NoSuchBucketPolicy", Some("The bucket policy does not exist"))
    );
    let open = policy("Allow", r#""*""#, "s3:*", "arn:aws:s3:::bkt");
    world.ok(put_bucket_policy(&open)).await;
    let Output::GetBucketPolicy(answer) = world.ok(read.clone()).await else { panic!() };
    assert_eq!(answer.policy, Some(open));
    let other = world.house.add_user(OTHER_ACCOUNT, "other", Some(&allow(r#""s3:*""#, "*"))).await;
    for input in [read.clone(), remove.clone()] {
        let refused = world.call(&other, input).await.unwrap_err();
        assert_eq!((refused.status, refused.code.as_ref()), (405, "MethodNotAllowed"));
    }
    world.ok(remove.clone()).await;
    world.ok(remove).await;
    assert_eq!(world.refusal(read).await.code, "NoSuchBucketPolicy");
}

#[tokio::test]
async fn root_of_the_owner_can_mend_a_policy_that_locks_out_everybody() {
    let world = World::with_bucket().await;
    let administrator = world.user("administrator", Some(&allow(r#""*""#, "*"))).await;
    world.ok(put_bucket_policy(&policy("Deny", r#""*""#, "s3:*", "arn:aws:s3:::bkt"))).await;
    let remove = Input::DeleteBucketPolicy(wire::DeleteBucketPolicyRequest {
        bucket: "bkt".into(),
        ..Default::default()
    });
    assert!(world.call(&administrator, remove.clone()).await.is_err());
    assert!(
        world
            .call(
                &world.root(),
                Input::HeadBucket(wire::HeadBucketRequest { bucket: "bkt".into(), ..Default::default() })
            )
            .await
            .is_err()
    );
    assert!(world.call(&world.root(), remove).await.is_ok());
}

#[tokio::test]
async fn a_policy_that_says_what_it_cannot_is_refused() {
    let world = World::with_bucket().await;
    let nobody = r#"{"AWS":"arn:aws:iam::111122223333:user/nobody"}"#;
    let refused = world
        .refusal(put_bucket_policy(&policy("Allow", nobody, "s3:GetObject", "arn:aws:s3:::bkt/*")))
        .await;
    assert_eq!(
        (refused.status, refused.code.as_ref(), refused.message.as_deref()),
        (400, "MalformedPolicy", Some("Invalid principal in policy"))
    );
    let elsewhere = policy("Allow", r#""*""#, "s3:GetObject", "arn:aws:s3:::bkt2/*");
    assert_eq!(
        world.refusal(put_bucket_policy(&elsewhere)).await.message.as_deref(),
        Some("Policy has invalid resource")
    );
    let md5 = wire::PutBucketPolicyRequest {
        bucket: "bkt".into(),
        policy: "{}".into(),
        content_md5: Some("1B2M2Y8AsgTpgAmY7PhCfg==".into()),
        ..Default::default()
    };
    assert_eq!(world.refusal(Input::PutBucketPolicy(md5)).await.code, "BadDigest");
}
