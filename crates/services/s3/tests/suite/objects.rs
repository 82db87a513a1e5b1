//! Objects: storing, reading, copying and removing them.

use crate::world::{World, get, get_request, put, put_request};
use rolecall_wire::s3::{self as wire, Input, Output};
use rolecall_wire::{ServiceError, Timestamp};

async fn read(world: &World, request: wire::GetObjectRequest) -> Result<wire::GetObjectOutput, ServiceError> {
    match world.call(&world.root(), Input::GetObject(request)).await? {
        Output::GetObject(answer) => Ok(answer),
        _ => panic!("another output"),
    }
}

#[tokio::test]
async fn what_was_stored_is_read_back() {
    let world = World::with_bucket().await;
    let stored = Input::PutObject(wire::PutObjectRequest {
        content_type: Some("text/plain".into()),
        content_encoding: Some("gzip, aws-chunked".into()),
        cache_control: Some("no-store".into()),
        metadata: Some([("Team".to_owned(), "red".to_owned())].into()),
        ..put_request("dir/key", "hello")
    });
    let Output::PutObject(answer) = world.ok(stored).await else { panic!() };
    let etag = "\"5d41402abc4b2a76b9719d911017c592\"";
    assert_eq!(answer.e_tag.as_deref(), Some(etag));
    assert!(answer.checksum_crc64nvme.is_some(), "a checksum is kept where none is stated");
    let answer = read(
        &world,
        wire::GetObjectRequest { checksum_mode: Some("ENABLED".into()), ..get_request("dir/key") },
    )
    .await
    .unwrap();
    assert_eq!(answer.body.unwrap(), "hello");
    assert_eq!((answer.e_tag.as_deref(), answer.content_length), (Some(etag), Some(5)));
    assert_eq!(
        (answer.content_type.as_deref(), answer.content_encoding.as_deref()),
        (Some("text/plain"), Some("gzip"))
    );
    assert_eq!(answer.metadata, Some([("team".to_owned(), "red".to_owned())].into()));
    assert!(answer.checksum_crc64nvme.is_some() && answer.checksum_type.as_deref() == Some("FULL_OBJECT"));
    let plain = read(&world, get_request("dir/key")).await.unwrap();
    assert_eq!((plain.checksum_crc64nvme, plain.cache_control.as_deref()), (None, Some("no-store")));
    let head = wire::HeadObjectRequest {
        bucket: "bkt".into(),
        key: "dir/key".into(),
        response_content_type: Some("a/b".into()),
        ..Default::default()
    };
    let Output::HeadObject(head) = world.ok(Input::HeadObject(head)).await else { panic!() };
    assert_eq!((head.content_length, head.content_type.as_deref()), (Some(5), Some("a/b")));
    world.put("dir/key", "new").await;
    assert_eq!(
        read(&world, get_request("dir/key")).await.unwrap().content_type.as_deref(),
        Some("binary/octet-stream")
    );
}

#[tokio::test]
async fn an_upload_that_is_not_what_it_says_is_refused() {
    let world = World::with_bucket().await;
    let base = || put_request("key", "hello");
    let cases = [
        (
            wire::PutObjectRequest { content_md5: Some("1B2M2Y8AsgTpgAmY7PhCfg==".into()), ..base() },
            "BadDigest",
            "The Content-MD5 you specified did not match what we received.",
        ),
        (
            wire::PutObjectRequest { content_md5: Some("x".into()), ..base() },
            "InvalidDigest",
            "The Content-MD5 you specified was invalid.",
        ),
        (
            wire::PutObjectRequest { checksum_crc32: Some("AAAAAA==".into()), ..base() },
            "BadDigest",
            "The CRC32 you specified did not match the calculated checksum.",
        ),
        (
            wire::PutObjectRequest { checksum_crc64nvme: Some("AAAAAAAAAAA=".into()), ..base() },
            "BadDigest",
            "The CRC64NVME you specified did not match the calculated checksum.",
        ),
        (
            wire::PutObjectRequest { checksum_sha1: Some("!".into()), ..base() },
            "InvalidRequest",
            "Value for x-amz-checksum-sha1 header is invalid.",
        ),
        (
            wire::PutObjectRequest {
                checksum_crc32: Some("NhCmhg==".into()),
                checksum_sha1: Some("x".into()),
                ..base()
            },
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        ),
        (
            wire::PutObjectRequest { metadata: Some([("k".into(), "v".repeat(3000))].into()), ..base() },
            "MetadataTooLarge",
            "Your metadata headers exceed the maximum allowed metadata size",
        ),
        (
            wire::PutObjectRequest { key: "k".repeat(1025), ..base() },
            "KeyTooLongError",
            "Your key is too long",
        ),
        (
            wire::PutObjectRequest { acl: Some("public-read".into()), ..base() },
            "AccessControlListNotSupported",
            "The bucket does not allow ACLs",
        ),
        (
            wire::PutObjectRequest { server_side_encryption: Some("aws:kms".into()), ..base() },
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
        ),
        (
            wire::PutObjectRequest { object_lock_mode: Some("GOVERNANCE".into()), ..base() },
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
        ),
    ];
    for (request, code, words) in cases {
        let error = world.refusal(Input::PutObject(request)).await;
        assert_eq!((error.code.as_ref(), error.message.as_deref()), (code, Some(words)));
    }
    assert_eq!(world.refusal(get("key")).await.code, "NoSuchKey");
    let good = wire::PutObjectRequest {
        server_side_encryption: Some("AES256".into()),
        checksum_crc32: Some("NhCmhg==".into()),
        content_md5: Some("XUFAKrxLKna5cZ2REBfFkg==".into()),
        ..base()
    };
    let Output::PutObject(answer) = world.ok(Input::PutObject(good)).await else { panic!() };
    assert_eq!((answer.checksum_crc32.as_deref(), answer.checksum_crc64nvme), (Some("NhCmhg=="), None));
}

#[tokio::test]
async fn a_range_is_a_part_of_the_object() {
    let world = World::with_bucket().await;
    world.put("key", "0123456789").await;
    let range = |range: &str| wire::GetObjectRequest { range: Some(range.to_owned()), ..get_request("key") };
    let part = read(&world, range("bytes=2-4")).await.unwrap();
    assert_eq!(
        (part.body.unwrap().as_ref(), part.content_range.as_deref(), part.content_length),
        (&b"234"[..], Some("bytes 2-4/10"), Some(3))
    );
    let whole = read(&world, range("bytes=0-1,3-4")).await.unwrap();
    assert_eq!((whole.body.unwrap().len(), whole.content_range), (10, None));
    let error = read(&world, range("bytes=10-")).await.unwrap_err();
    assert_eq!((error.status, error.code.as_ref()), (416, "InvalidRange"));
    assert_eq!(
        error.members,
        [("RangeRequested", "bytes=10-".to_owned()), ("ActualObjectSize", "10".to_owned())]
    );
}

#[tokio::test]
async fn conditions_decide_what_is_read() {
    let world = World::with_bucket().await;
    let etag = world.put("key", "x").await.e_tag;
    let past = Some(Timestamp(world.now_ms() - 60_000));
    let future = Some(Timestamp(world.now_ms() + 60_000));
    let base = || get_request("key");
    let cases = [
        (wire::GetObjectRequest { if_match: etag.clone(), ..base() }, 200),
        (wire::GetObjectRequest { if_match: Some("\"other\"".into()), ..base() }, 412),
        (wire::GetObjectRequest { if_none_match: etag.clone(), ..base() }, 304),
        (wire::GetObjectRequest { if_none_match: Some("\"other\"".into()), ..base() }, 200),
        (wire::GetObjectRequest { if_modified_since: past, ..base() }, 200),
        (wire::GetObjectRequest { if_modified_since: future, ..base() }, 304),
        (wire::GetObjectRequest { if_unmodified_since: past, ..base() }, 412),
        (wire::GetObjectRequest { if_unmodified_since: past, if_match: etag.clone(), ..base() }, 200),
        (wire::GetObjectRequest { if_modified_since: past, if_none_match: etag.clone(), ..base() }, 304),
    ];
    for (request, expected) in cases {
        let shown = format!("{request:?}");
        let status = read(&world, request).await.map_or_else(|error| error.status, |_| 200);
        assert_eq!(status, expected, "{shown}");
    }
}

#[tokio::test]
async fn conditions_decide_what_is_written() {
    let world = World::with_bucket().await;
    let only_new = || {
        Input::PutObject(wire::PutObjectRequest {
            if_none_match: Some("*".into()),
            ..put_request("key", "first")
        })
    };
    let Output::PutObject(first) = world.ok(only_new()).await else { panic!() };
    let exists = world.refusal(only_new()).await;
    assert_eq!((exists.status, exists.code.as_ref()), (412, "PreconditionFailed"));
    assert_eq!(
        exists.message.as_deref(),
        Some("At least one of the pre-conditions you specified did not hold")
    );
    assert_eq!(exists.members, [("Condition", "If-None-Match".to_owned())]);
    let same = |etag: Option<String>, key: &str| {
        Input::PutObject(wire::PutObjectRequest { if_match: etag, ..put_request(key, "second") })
    };
    world.ok(same(first.e_tag.clone(), "key")).await;
    assert_eq!(world.refusal(same(first.e_tag.clone(), "key")).await.status, 412);
    assert_eq!(world.refusal(same(first.e_tag.clone(), "missing")).await.status, 404);
    let delete = wire::DeleteObjectRequest {
        bucket: "bkt".into(),
        key: "key".into(),
        if_match: first.e_tag,
        ..Default::default()
    };
    assert_eq!(world.refusal(Input::DeleteObject(delete)).await.status, 412);
    let tag = wire::PutObjectRequest { if_none_match: Some("\"x\"".into()), ..put_request("key", "x") };
    assert_eq!(world.refusal(Input::PutObject(tag)).await.status, 501);
}

#[tokio::test]
async fn of_many_who_write_only_if_new_one_does() {
    let world = std::sync::Arc::new(World::with_bucket().await);
    let tasks: Vec<_> = (0..16)
        .map(|number| {
            let world = std::sync::Arc::clone(&world);
            tokio::spawn(async move {
                let body = format!("body {number}");
                let request =
                    wire::PutObjectRequest { if_none_match: Some("*".into()), ..put_request("key", &body) };
                world.call(&world.root(), Input::PutObject(request)).await.is_ok()
            })
        })
        .collect();
    let mut written = 0;
    for task in tasks {
        written += usize::from(task.await.unwrap());
    }
    assert_eq!(written, 1);
}

#[tokio::test]
async fn a_copy_takes_or_replaces_the_metadata() {
    let world = World::with_bucket().await;
    let original = wire::PutObjectRequest {
        content_type: Some("text/plain".into()),
        metadata: Some([("team".to_owned(), "red".to_owned())].into()),
        ..put_request("from here", "hello")
    };
    world.ok(Input::PutObject(original)).await;
    let copy = |request: wire::CopyObjectRequest| {
        Input::CopyObject(wire::CopyObjectRequest {
            bucket: "bkt".into(),
            copy_source: "/bkt/from%20here".into(),
            ..request
        })
    };
    world
        .ok(copy(wire::CopyObjectRequest {
            key: "to".into(),
            checksum_algorithm: Some("SHA256".into()),
            ..Default::default()
        }))
        .await;
    let taken =
        read(&world, wire::GetObjectRequest { checksum_mode: Some("ENABLED".into()), ..get_request("to") })
            .await
            .unwrap();
    assert_eq!((taken.content_type.as_deref(), taken.metadata.unwrap().len()), (Some("text/plain"), 1));
    assert_eq!(taken.checksum_sha256.as_deref(), Some("LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="));
    let replace = wire::CopyObjectRequest {
        key: "from here".into(),
        metadata_directive: Some("REPLACE".into()),
        content_type: Some("a/b".into()),
        ..Default::default()
    };
    world.ok(copy(replace)).await;
    let replaced = read(&world, get_request("from here")).await.unwrap();
    assert_eq!((replaced.content_type.as_deref(), replaced.metadata.unwrap().len()), (Some("a/b"), 0));
    let onto_itself =
        world.refusal(copy(wire::CopyObjectRequest { key: "from here".into(), ..Default::default() })).await;
    assert_eq!(onto_itself.code, "InvalidRequest");
    assert!(
        onto_itself
            .message
            .unwrap()
            .starts_with("This copy request is illegal because it is trying to copy an object to itself")
    );
    let other = wire::CopyObjectRequest {
        key: "to".into(),
        copy_source_if_match: Some("\"x\"".into()),
        ..Default::default()
    };
    assert_eq!(world.refusal(copy(other)).await.status, 412);
    let missing = Input::CopyObject(wire::CopyObjectRequest {
        bucket: "bkt".into(),
        key: "to".into(),
        copy_source: "bkt/missing".into(),
        ..Default::default()
    });
    assert_eq!(world.refusal(missing).await.code, "NoSuchKey");
}

#[tokio::test]
async fn many_are_removed_at_once_and_each_fails_alone() {
    let world = World::with_bucket().await;
    for key in ["own/1", "own/2", "other"] {
        world.put(key, "x").await;
    }
    let policy = crate::world::allow(r#""s3:DeleteObject""#, "arn:aws:s3:::bkt/own/*");
    let user = world.user("user", Some(&policy)).await;
    let request = |quiet| {
        let objects = ["own/1", "own/missing", "other"]
            .map(|key| wire::ObjectIdentifier { key: key.to_owned(), ..Default::default() });
        let delete = wire::Delete { objects: objects.to_vec(), quiet: Some(quiet) };
        Input::DeleteObjects(wire::DeleteObjectsRequest {
            bucket: "bkt".into(),
            delete,
            ..Default::default()
        })
    };
    let Output::DeleteObjects(answer) = world.call(&user, request(false)).await.unwrap() else { panic!() };
    let deleted: Vec<String> = answer.deleted.unwrap().into_iter().filter_map(|object| object.key).collect();
    assert_eq!(deleted, ["own/1", "own/missing"]);
    let errors = answer.errors.unwrap();
    assert_eq!(
        (errors.len(), errors[0].key.as_deref(), errors[0].code.as_deref()),
        (1, Some("other"), Some("AccessDenied"))
    );
    let Output::DeleteObjects(quiet) = world.call(&user, request(true)).await.unwrap() else { panic!() };
    assert_eq!((quiet.deleted.unwrap().len(), quiet.errors.unwrap().len()), (0, 1));
    assert_eq!(world.refusal(get("own/1")).await.code, "NoSuchKey");
    assert!(world.call(&world.root(), get("other")).await.is_ok());
    let many = wire::Delete { objects: vec![Default::default(); 1001], quiet: None };
    let many = wire::DeleteObjectsRequest { bucket: "bkt".into(), delete: many, ..Default::default() };
    assert_eq!(world.refusal(Input::DeleteObjects(many)).await.code, "MalformedXML");
    let governed = wire::DeleteObjectRequest {
        bucket: "bkt".into(),
        key: "other".into(),
        bypass_governance_retention: Some(true),
        ..Default::default()
    };
    assert_eq!(world.refusal(Input::DeleteObject(governed)).await.code, "NotImplemented");
}

#[tokio::test]
async fn attributes_are_those_that_were_asked_for() {
    let world = World::with_bucket().await;
    world.put("key", "hello").await;
    let ask = |attributes: &[&str]| {
        let object_attributes = attributes.iter().map(|name| (*name).to_owned()).collect();
        Input::GetObjectAttributes(wire::GetObjectAttributesRequest {
            bucket: "bkt".into(),
            key: "key".into(),
            object_attributes,
            ..Default::default()
        })
    };
    let Output::GetObjectAttributes(answer) = world.ok(ask(&["ETag,ObjectSize", "Checksum"])).await else {
        panic!()
    };
    assert_eq!(
        (answer.e_tag.as_deref(), answer.object_size),
        (Some("5d41402abc4b2a76b9719d911017c592"), Some(5))
    );
    assert!(answer.checksum.unwrap().checksum_crc64nvme.is_some() && answer.storage_class.is_none());
    assert_eq!(world.refusal(ask(&["Colour"])).await.code, "InvalidArgument");
}

#[tokio::test]
async fn the_only_version_is_called_null() {
    let world = World::with_bucket().await;
    world.put("key", "x").await;
    let version = |id: &str| wire::GetObjectRequest { version_id: Some(id.to_owned()), ..get_request("key") };
    assert!(read(&world, version("null")).await.is_ok());
    let error = read(&world, version("3HL4kqCxf3vjVBH40Nrjfkd")).await.unwrap_err();
    assert_eq!(error.message.as_deref(), Some("Invalid version id specified"));
    let reader = world.user("reader", Some(&crate::world::allow(r#""s3:GetObject""#, "*"))).await;
    let refused = world.call(&reader, Input::GetObject(version("null"))).await.unwrap_err();
    assert!(refused.message.unwrap().contains("s3:GetObjectVersion"), "a version has an action of its own");
    assert!(world.call(&world.root(), put("", "x")).await.is_err());
}
