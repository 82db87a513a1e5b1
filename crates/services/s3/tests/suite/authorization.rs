//! Every operation: allowed with exactly its action on exactly its resource, denied without, denied with a Deny on it.

use crate::world::{World, create_bucket, get, put};
use rolecall_wire::s3::{self as wire, Input, Operation};

/// An operation's input with the actions and resources that it needs, the first of which is missed first.
struct Row {
    input: Input,
    needs: Vec<(&'static str, &'static str)>,
}

const BUCKET: &str = "arn:aws:s3:::bkt";
const OBJECT: &str = "arn:aws:s3:::bkt/dir/key";

macro_rules! on_bucket {
    ($request:ident) => {
        wire::$request { bucket: "bkt".to_owned(), ..Default::default() }
    };
}

fn rows() -> Vec<Row> {
    let row = |input: Input, action: &'static str, resource: &'static str| Row {
        input,
        needs: vec![(action, resource)],
    };
    let policy = r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:GetObjectAcl","Resource":"arn:aws:s3:::bkt/*"}}"#;
    let object = || ("bkt".to_owned(), "dir/key".to_owned());
    let listed = wire::ObjectIdentifier { key: "dir/key".to_owned(), ..Default::default() };
    let delete = wire::Delete { objects: vec![listed], quiet: None };
    let head = {
        let (bucket, key) = object();
        wire::HeadObjectRequest { bucket, key, ..Default::default() }
    };
    let remove = {
        let (bucket, key) = object();
        wire::DeleteObjectRequest { bucket, key, ..Default::default() }
    };
    let copy = wire::CopyObjectRequest {
        bucket: "bkt".to_owned(),
        key: "copy".to_owned(),
        copy_source: "bkt/dir/key".to_owned(),
        ..Default::default()
    };
    let attributes = {
        let (bucket, key) = object();
        wire::GetObjectAttributesRequest {
            bucket,
            key,
            object_attributes: vec!["ETag".to_owned()],
            ..Default::default()
        }
    };
    vec![
        row(create_bucket("new-bucket"), "s3:CreateBucket", "arn:aws:s3:::new-bucket"),
        row(Input::HeadBucket(on_bucket!(HeadBucketRequest)), "s3:ListBucket", BUCKET),
        row(Input::ListBuckets(Default::default()), "s3:ListAllMyBuckets", "arn:aws:s3:::*"),
        row(Input::GetBucketLocation(on_bucket!(GetBucketLocationRequest)), "s3:GetBucketLocation", BUCKET),
        row(
            Input::GetBucketVersioning(on_bucket!(GetBucketVersioningRequest)),
            "s3:GetBucketVersioning",
            BUCKET,
        ),
        row(
            Input::PutBucketPolicy(wire::PutBucketPolicyRequest {
                policy: policy.to_owned(),
                ..on_bucket!(PutBucketPolicyRequest)
            }),
            "s3:PutBucketPolicy",
            BUCKET,
        ),
        row(Input::GetBucketPolicy(on_bucket!(GetBucketPolicyRequest)), "s3:GetBucketPolicy", BUCKET),
        row(
            Input::DeleteBucketPolicy(on_bucket!(DeleteBucketPolicyRequest)),
            "s3:DeleteBucketPolicy",
            BUCKET,
        ),
        row(
            Input::PutBucketNotificationConfiguration(on_bucket!(PutBucketNotificationConfigurationRequest)),
            "s3:PutBucketNotification",
            BUCKET,
        ),
        row(
            Input::GetBucketNotificationConfiguration(on_bucket!(GetBucketNotificationConfigurationRequest)),
            "s3:GetBucketNotification",
            BUCKET,
        ),
        row(put("dir/key", "x"), "s3:PutObject", OBJECT),
        row(get("dir/key"), "s3:GetObject", OBJECT),
        row(Input::HeadObject(head), "s3:GetObject", OBJECT),
        Row {
            input: Input::GetObjectAttributes(attributes),
            needs: vec![("s3:GetObjectAttributes", OBJECT), ("s3:GetObject", OBJECT)],
        },
        Row {
            input: Input::CopyObject(copy),
            needs: vec![("s3:PutObject", "arn:aws:s3:::bkt/copy"), ("s3:GetObject", OBJECT)],
        },
        row(Input::ListObjects(on_bucket!(ListObjectsRequest)), "s3:ListBucket", BUCKET),
        row(Input::ListObjectsV2(on_bucket!(ListObjectsV2Request)), "s3:ListBucket", BUCKET),
        row(Input::DeleteObject(remove), "s3:DeleteObject", OBJECT),
        row(
            Input::DeleteObjects(wire::DeleteObjectsRequest { delete, ..on_bucket!(DeleteObjectsRequest) }),
            "s3:DeleteObject",
            OBJECT,
        ),
        row(Input::DeleteBucket(on_bucket!(DeleteBucketRequest)), "s3:DeleteBucket", BUCKET),
    ]
}

/// AWS's words; ListBuckets names no resource.
fn words(caller: &str, action: &str, resource: &str, reason: &str) -> String {
    let on =
        if action == "s3:ListAllMyBuckets" { String::new() } else { format!(" on resource: \"{resource}\"") };
    format!("User: {caller} is not authorized to perform: {action}{on} {reason}")
}

/// The refusal of an operation: DeleteObjects answers it for each key.
async fn refusal(
    world: &World,
    caller: &rolecall_authority::Caller,
    input: Input,
) -> Option<(String, String)> {
    match world.call(caller, input).await {
        Err(error) => {
            assert_eq!(error.status, 403, "{error}");
            Some((error.code.into_owned(), error.message.unwrap_or_default()))
        }
        Ok(wire::Output::DeleteObjects(output)) => {
            let error = output.errors.unwrap_or_default().into_iter().next()?;
            Some((error.code.unwrap(), error.message.unwrap()))
        }
        Ok(_) => None,
    }
}

fn policy(allowed: &[(&str, &str)], denied: Option<(&str, &str)>) -> String {
    let allow = allowed.iter().map(|(action, resource)| ("Allow", *action, *resource));
    let deny = denied.into_iter().map(|(action, resource)| ("Deny", action, resource));
    let statements: Vec<String> = allow
        .chain(deny)
        .map(|(effect, action, resource)| {
            format!(r#"{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"}}"#)
        })
        .collect();
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

#[tokio::test]
async fn every_operation_is_allowed_by_its_own_permissions_and_by_nothing_less() {
    for (index, row) in rows().into_iter().enumerate() {
        let world = World::with_bucket().await;
        if !matches!(row.input, Input::DeleteBucket(_)) {
            world.put("dir/key", "content").await;
        }
        if matches!(row.input, Input::GetBucketPolicy(_)) {
            let denial = r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:GetObjectAcl","Resource":"arn:aws:s3:::bkt/*"}}"#;
            world.ok(crate::world::put_bucket_policy(denial)).await;
        }
        let name = row.input.operation().name();
        for (missing, (action, resource)) in row.needs.iter().enumerate() {
            let others: Vec<(&str, &str)> = row
                .needs
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != missing)
                .map(|(_, need)| *need)
                .collect();
            let own = policy(&others, None);
            let without = world
                .user(&format!("without{index}-{missing}"), (!others.is_empty()).then_some(own.as_str()))
                .await;
            let reason = format!("because no identity-based policy allows the {action} action");
            let expected = ("AccessDenied".to_owned(), words(&without.arn(), action, resource, &reason));
            assert_eq!(
                refusal(&world, &without, row.input.clone()).await,
                Some(expected),
                "{name} without {action}"
            );

            let denied = world
                .user(
                    &format!("denied{index}-{missing}"),
                    Some(&policy(&[("*", "*")], Some((action, resource)))),
                )
                .await;
            let reason = "with an explicit deny in an identity-based policy";
            let expected = ("AccessDenied".to_owned(), words(&denied.arn(), action, resource, reason));
            assert_eq!(
                refusal(&world, &denied, row.input.clone()).await,
                Some(expected),
                "{name} with a Deny on {action}"
            );
        }
        let allowed = world.user(&format!("allowed{index}"), Some(&policy(&row.needs, None))).await;
        assert_eq!(refusal(&world, &allowed, row.input).await, None, "{name}");
    }
}

#[test]
fn every_built_operation_has_a_row() {
    let covered: Vec<Operation> = rows().iter().map(|row| row.input.operation()).collect();
    for operation in Operation::ALL.into_iter().filter(|operation| operation.is_built()) {
        assert!(covered.contains(&operation), "{} has no row", operation.name());
    }
}

#[tokio::test]
async fn whether_a_key_exists_is_told_only_to_those_who_may_list() {
    let world = World::with_bucket().await;
    let reader = world.user("reader", Some(&policy(&[("s3:GetObject", "arn:aws:s3:::bkt/*")], None))).await;
    let refused = world.call(&reader, get("missing")).await.unwrap_err();
    let expected = words(
        &reader.arn(),
        "s3:ListBucket",
        BUCKET,
        "because no identity-based policy allows the s3:ListBucket action",
    );
    assert_eq!((refused.status, refused.message), (403, Some(expected)));
    let both = [("s3:GetObject", "arn:aws:s3:::bkt/*"), ("s3:ListBucket", BUCKET)];
    let lister = world.user("lister", Some(&policy(&both, None))).await;
    let missing = world.call(&lister, get("missing")).await.unwrap_err();
    assert_eq!((missing.status, missing.code.as_ref()), (404, "NoSuchKey"));
    assert_eq!(missing.message.as_deref(), Some("The specified key does not exist."));
    assert_eq!(missing.members, [("Key", "missing".to_owned())]);
}

#[tokio::test]
async fn listing_can_be_limited_to_a_prefix() {
    let world = World::with_bucket().await;
    let own = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::bkt",
        "Condition":{"StringLike":{"s3:prefix":"home/ana/*"},"StringEquals":{"s3:delimiter":"/"},"NumericLessThanEquals":{"s3:max-keys":"10"}}}}"#;
    let user = world.user("ana", Some(own)).await;
    let list = |prefix: Option<&str>, max_keys| {
        Input::ListObjectsV2(wire::ListObjectsV2Request {
            prefix: prefix.map(str::to_owned),
            delimiter: Some("/".to_owned()),
            max_keys: Some(max_keys),
            ..on_bucket!(ListObjectsV2Request)
        })
    };
    assert!(world.call(&user, list(Some("home/ana/"), 10)).await.is_ok());
    for input in [list(Some("home/bob/"), 10), list(None, 10), list(Some("home/ana/"), 11)] {
        assert!(world.call(&user, input).await.is_err());
    }
}

#[tokio::test]
async fn a_condition_on_the_tag_reveals_nothing_to_those_who_may_not_read() {
    let world = World::with_bucket().await;
    world.put("key", "x").await;
    let writer =
        world.user("writer", Some(&policy(&[("s3:PutObject", "*"), ("s3:DeleteObject", "*")], None))).await;
    let mut request = crate::world::put_request("key", "y");
    request.if_match = Some("guess".to_owned());
    assert_eq!(world.call(&writer, Input::PutObject(request)).await.unwrap_err().code, "AccessDenied");
    let remove = wire::DeleteObjectRequest {
        key: "key".to_owned(),
        if_match: Some("guess".to_owned()),
        ..on_bucket!(DeleteObjectRequest)
    };
    assert_eq!(world.call(&writer, Input::DeleteObject(remove)).await.unwrap_err().code, "AccessDenied");
}

#[tokio::test]
async fn keys_are_taken_literally() {
    let world = World::with_bucket().await;
    let user = world.user("user", Some(&policy(&[("s3:*", "arn:aws:s3:::bkt/own/*")], None))).await;
    for key in ["other", "owner", "own", "*", "OWN/x"] {
        assert_eq!(world.call(&user, put(key, "x")).await.unwrap_err().code, "AccessDenied", "{key}");
    }
    assert!(world.call(&user, put("own/../other", "x")).await.is_ok(), "a key is no path");
    world.put("other", "secret").await;
    assert!(world.call(&user, get("other")).await.is_err());
}
